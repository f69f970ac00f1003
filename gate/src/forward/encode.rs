//! Values written into a path or a query.

use serde::Serialize;

use crate::failure::Failure;

/// `text` as one path segment or one query value: everything but RFC 3986's
/// unreserved characters percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// An image reference as path segments: its slashes stay.
pub(crate) fn image(reference: &str) -> String {
    reference
        .split('/')
        .map(segment)
        .collect::<Vec<_>>()
        .join("/")
}

/// A value as JSON in a query.
///
/// # Errors
/// When it cannot be written as JSON, which no caller's type allows.
pub(crate) fn json_value<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map(|text| segment(&text))
        .map_err(|error| Failure::Host(format!("cannot write a filter: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_ends_it() {
        assert_eq!(
            segment("a/b?c&d=e;f#g%h i"),
            "a%2Fb%3Fc%26d%3De%3Bf%23g%25h%20i"
        );
        assert_eq!(segment("u1001-web_1.x~"), "u1001-web_1.x~");
        assert_eq!(image("localhost:5000/a/b"), "localhost%3A5000/a/b");
        assert_eq!(json_value(&vec!["é"]).unwrap(), "%5B%22%C3%A9%22%5D");
    }
}
