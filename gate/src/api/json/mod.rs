//! Strict JSON with Go's reading of keys.
//!
//! The engine's decoder folds the case of keys (also `ſ` and the Kelvin sign),
//! merges duplicates and ignores what it does not know. Here a body has one
//! reading or is refused: keys are folded as Go folds them, a second key for
//! the same field is refused, an unknown key is dropped when its value is Go's
//! zero and refused by its path otherwise, and `null` is zero everywhere.

mod field;
mod reader;
mod value;

use std::fmt;

use serde::de::DeserializeOwned;

pub use field::fields_of;
pub use value::Value;

/// How deep arrays and objects may nest.
const MAX_DEPTH: usize = 64;

/// How many values a body may hold. In memory a value takes many times the
/// bytes of `0,`, and this program is root's, so nobody else's limits stop it.
const MAX_VALUES: usize = 64 * 1024;

/// Why a body is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// No body, or `null`: the caller decides what that means.
    Empty,
    /// Not JSON, or more than one value; the reader's words.
    Syntax(String),
    TooDeep,
    TooMany,
    /// A key, exactly the same, twice in one object.
    Duplicate(String),
    /// Two spellings of one field.
    Twice(String),
    Unknown(String),
    /// A value of another type: path (empty for the body itself), what was expected.
    Type(String, String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonError::Empty => f.write_str("the request has no body"),
            JsonError::Syntax(why) => write!(f, "invalid JSON: {why}"),
            JsonError::TooDeep => write!(f, "invalid JSON: nested deeper than {MAX_DEPTH}"),
            JsonError::TooMany => write!(f, "invalid JSON: more than {MAX_VALUES} values"),
            JsonError::Duplicate(key) => write!(f, "invalid JSON: key \"{key}\" stands twice"),
            JsonError::Twice(path) => write!(f, "field \"{path}\" stands twice"),
            JsonError::Unknown(path) => write!(f, "unknown field \"{path}\""),
            JsonError::Type(path, expected) if path.is_empty() => {
                write!(f, "the body: expected {expected}")
            }
            JsonError::Type(path, expected) => write!(f, "field \"{path}\": expected {expected}"),
        }
    }
}

impl std::error::Error for JsonError {}

/// Reads one JSON object into `T`.
///
/// # Errors
/// When the body has no single reading as a `T`; [`JsonError::Empty`] when
/// there is none at all.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    match parse_value(bytes)? {
        Value::Null => Err(JsonError::Empty),
        object @ Value::Object(_) => reader::read(object),
        _ => Err(JsonError::Type(String::new(), "an object".into())),
    }
}

/// Reads one JSON value; nothing at all is `null`.
///
/// # Errors
/// When it is no JSON, nests too deep, holds too much, or an object holds a key
/// twice.
pub fn parse_value(bytes: &[u8]) -> Result<Value, JsonError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    value::parse(bytes)
}

/// A client's key, short and harmless enough for a message.
fn shown(key: &str) -> String {
    key.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(80)
        .collect()
}

#[cfg(test)]
mod tests;
