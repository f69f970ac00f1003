//! Whether one request head is written the one way that we accept.
//!
//! Pure: bytes in, the framing of the body or a reason out. Stricter than any
//! parser behind it, so that no two of them can disagree about where a message
//! ends (G10). Nothing is cleaned: what is unusual is refused.

use std::fmt;

/// The longest head, its last empty line included.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// The most header lines.
const MAX_HEADERS: usize = 64;

/// What a good head says about the bytes that follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// How the end of the body is found.
    pub body: BodyLength,
    /// Whether the client asks to leave HTTP after this message.
    pub upgrade: bool,
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// So many bytes; 0 when the head names no body.
    Known(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// Why a connection is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Written in a way that we do not accept.
    Malformed(&'static str),
    /// Longer than 64 KiB.
    TooLong,
    /// More than 64 header lines.
    TooManyHeaders,
    /// Begun, but not finished in time.
    Late,
    /// The client speaks HTTP/2, and would not understand an answer.
    Http2,
}

impl HeadError {
    /// The status line's code and words; none where no answer is understood.
    pub(super) fn status(self) -> Option<&'static str> {
        match self {
            HeadError::Malformed(_) => Some("400 Bad Request"),
            HeadError::TooLong | HeadError::TooManyHeaders => {
                Some("431 Request Header Fields Too Large")
            }
            HeadError::Late => Some("408 Request Timeout"),
            HeadError::Http2 => None,
        }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HeadError::Malformed(reason) => reason,
            HeadError::TooLong => "the head of the request is longer than 64 KiB",
            HeadError::TooManyHeaders => "the request has more than 64 headers",
            HeadError::Late => "the head of the request did not arrive within 10 seconds",
            HeadError::Http2 => "HTTP/2 is not spoken here",
        })
    }
}

impl std::error::Error for HeadError {}

/// Where the head at the start of `bytes` ends, if it has ended. The first
/// `seen` bytes were looked at before.
///
/// # Errors
/// A line that ends without CR can be refused before the head is complete, and
/// so can one that is too long.
pub(super) fn end_of_head(bytes: &[u8], seen: usize) -> Result<Option<usize>, HeadError> {
    let limit = bytes.len().min(MAX_HEAD);
    for at in seen..limit {
        if bytes[at] != b'\n' {
            continue;
        }
        if at == 0 || bytes[at - 1] != b'\r' {
            return Err(HeadError::Malformed("a line does not end in CR LF"));
        }
        if bytes[..=at].ends_with(b"\r\n\r\n") {
            return Ok(Some(at + 1));
        }
    }
    if bytes.len() >= MAX_HEAD {
        return Err(HeadError::TooLong);
    }
    Ok(None)
}

/// Judges one whole head, from the request line to the empty line.
///
/// # Errors
/// The first thing found that we do not accept.
pub fn check(head: &[u8]) -> Result<Framing, HeadError> {
    if head.len() > MAX_HEAD {
        return Err(HeadError::TooLong);
    }
    if head.starts_with(b"PRI * HTTP/2.0\r\n") {
        return Err(HeadError::Http2);
    }
    let lines = head
        .strip_suffix(b"\r\n\r\n")
        .ok_or(HeadError::Malformed("the head of the request does not end"))?;
    let mut lines = Lines(Some(lines));
    let version = request_line(lines.next().unwrap_or_default())?;
    let mut headers = Headers::default();
    for (number, line) in lines.enumerate() {
        if number == MAX_HEADERS {
            return Err(HeadError::TooManyHeaders);
        }
        headers.read(line)?;
    }
    headers.framing(version)
}

/// Splits at CR LF only; a lone CR or LF stays in the line, which is then refused.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        match rest.windows(2).position(|pair| pair == b"\r\n") {
            Some(at) => {
                self.0 = Some(&rest[at + 2..]);
                Some(&rest[..at])
            }
            None => self.0.take(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

fn request_line(line: &[u8]) -> Result<Version, HeadError> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(HeadError::Malformed(
            "the request line is not METHOD TARGET VERSION",
        ));
    };
    if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) {
        return Err(HeadError::Malformed(
            "the method is not a word of upper-case letters",
        ));
    }
    if matches!(method, b"CONNECT" | b"TRACE") {
        return Err(HeadError::Malformed("this method is not served"));
    }
    if !(target.starts_with(b"/") || (target == b"*" && method == b"OPTIONS")) {
        return Err(HeadError::Malformed(
            "the target does not begin with a slash",
        ));
    }
    // A fragment never travels; who sees one here may cut it off, or may not.
    if !target
        .iter()
        .all(|byte| byte.is_ascii_graphic() && *byte != b'#')
    {
        return Err(HeadError::Malformed(
            "the target has a character that must be encoded",
        ));
    }
    match version {
        b"HTTP/1.0" => Ok(Version::Http10),
        b"HTTP/1.1" => Ok(Version::Http11),
        _ => Err(HeadError::Malformed(
            "the version is neither HTTP/1.0 nor HTTP/1.1",
        )),
    }
}

/// The headers that decide where the message ends, as far as they were read.
#[derive(Default)]
struct Headers {
    length: Option<u64>,
    chunked: bool,
    host: bool,
    expect: bool,
    upgrade: bool,
}

impl Headers {
    fn read(&mut self, line: &[u8]) -> Result<(), HeadError> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(HeadError::Malformed("a header is folded over two lines"));
        }
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .ok_or(HeadError::Malformed("a header has no colon"))?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(HeadError::Malformed(
                "the name of a header has a character that no name has",
            ));
        }
        if line[colon + 1..]
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\t')
        {
            return Err(HeadError::Malformed(
                "the value of a header has a control character",
            ));
        }
        match name.to_ascii_lowercase().as_slice() {
            b"content-length" => self.content_length(value),
            b"transfer-encoding" => self.transfer_encoding(value),
            b"expect" => self.expect(value),
            b"host" => once(&mut self.host, "Host is given twice"),
            b"upgrade" => {
                self.upgrade = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), HeadError> {
        if self.length.is_some() {
            return Err(HeadError::Malformed("Content-Length is given twice"));
        }
        // At most 18 digits: no number of them overflows.
        if !(1..=18).contains(&value.len()) || !value.iter().all(u8::is_ascii_digit) {
            return Err(HeadError::Malformed(
                "Content-Length is not a number of 1 to 18 digits",
            ));
        }
        let number = value
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        self.length = Some(number);
        Ok(())
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), HeadError> {
        once(&mut self.chunked, "Transfer-Encoding is given twice")?;
        if !value.eq_ignore_ascii_case(b"chunked") {
            return Err(HeadError::Malformed("Transfer-Encoding is not chunked"));
        }
        Ok(())
    }

    fn expect(&mut self, value: &[u8]) -> Result<(), HeadError> {
        once(&mut self.expect, "Expect is given twice")?;
        if !value.eq_ignore_ascii_case(b"100-continue") {
            return Err(HeadError::Malformed("Expect is not 100-continue"));
        }
        Ok(())
    }

    fn framing(self, version: Version) -> Result<Framing, HeadError> {
        let Headers {
            length,
            chunked,
            host: _,
            expect: _,
            upgrade,
        } = self;
        let body = match (length, chunked) {
            (Some(_), true) => {
                return Err(HeadError::Malformed(
                    "Content-Length and Transfer-Encoding are both given",
                ));
            }
            (None, true) => BodyLength::Chunked,
            (length, false) => BodyLength::Known(length.unwrap_or(0)),
        };
        if version == Version::Http10 && chunked {
            return Err(HeadError::Malformed("HTTP/1.0 has no Transfer-Encoding"));
        }
        // hyper ignores it there, so what follows would be read as requests unseen by us.
        if version == Version::Http10 && upgrade {
            return Err(HeadError::Malformed("HTTP/1.0 has no Upgrade"));
        }
        Ok(Framing { body, upgrade })
    }
}

fn once(seen: &mut bool, twice: &'static str) -> Result<(), HeadError> {
    if std::mem::replace(seen, true) {
        return Err(HeadError::Malformed(twice));
    }
    Ok(())
}

/// `tchar` of RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
