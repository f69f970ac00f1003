//! The `filters` parameter of the list endpoints.

use std::collections::BTreeMap;
use std::fmt;

use super::json::{self, Value};

/// Why filters are not read.
#[derive(Debug)]
pub enum FilterError {
    Json(json::JsonError),
    /// Neither `{"key": ["value"]}` nor `{"key": {"value": true}}`.
    Form(String),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::Json(error) => write!(f, "invalid filter: {error}"),
            FilterError::Form(key) => write!(f, "invalid filter '{key}'"),
        }
    }
}

impl std::error::Error for FilterError {}

/// Reads both forms that engines take; nothing, `null` and `{}` are no filters.
/// In the second form a value counts whatever stands behind it, as in the engine.
///
/// # Errors
/// For anything else, and for a key that stands twice.
pub fn parse(text: Option<&str>) -> Result<BTreeMap<String, Vec<String>>, FilterError> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(BTreeMap::new());
    }
    let members = match json::parse_value(text.as_bytes()).map_err(FilterError::Json)? {
        Value::Object(members) => members,
        Value::Null => Vec::new(),
        _ => return Err(FilterError::Form(String::new())),
    };
    let mut filters = BTreeMap::new();
    for (key, values) in members {
        let wrong = || FilterError::Form(key.chars().take(40).collect());
        let values = match values {
            Value::Null => Vec::new(),
            Value::Array(values) => values
                .into_iter()
                .map(|value| {
                    if let Value::String(text) = value {
                        Ok(text)
                    } else {
                        Err(wrong())
                    }
                })
                .collect::<Result<_, _>>()?,
            Value::Object(members) => members
                .into_iter()
                .map(|(value, set)| {
                    if let Value::Bool(_) = set {
                        Ok(value)
                    } else {
                        Err(wrong())
                    }
                })
                .collect::<Result<_, _>>()?,
            _ => return Err(wrong()),
        };
        filters.insert(key, values);
    }
    Ok(filters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, btree_set};
    use proptest::prelude::*;

    #[test]
    fn both_forms_are_read() {
        let expected = BTreeMap::from([("name".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
        assert_eq!(parse(Some(r#"{"name":["a","b"]}"#)).unwrap(), expected);
        assert_eq!(
            parse(Some(r#"{"name":{"a":true,"b":false}}"#)).unwrap(),
            expected
        );
        for none in [None, Some(""), Some("null"), Some("{}")] {
            assert!(parse(none).unwrap().is_empty());
        }
        assert_eq!(
            parse(Some(r#"{"name":null}"#)).unwrap()["name"],
            Vec::<String>::new()
        );
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            r#"{"name":["a"],"name":["b"]}"#,
            r#"{"name":"a"}"#,
            r#"{"name":[1]}"#,
            r#"{"name":{"a":1}}"#,
            r#"["name"]"#,
            "{",
            r#"{"name":["a"]} x"#,
        ] {
            assert!(parse(Some(bad)).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn both_forms_say_the_same(
            wanted in btree_map(".{0,8}", btree_set(".{0,8}", 0..4), 0..4),
            counts in any::<bool>(),
        ) {
            let list = serde_json::json!(wanted).to_string();
            let set: BTreeMap<&String, BTreeMap<&String, bool>> = wanted
                .iter()
                .map(|(key, values)| (key, values.iter().map(|value| (value, counts)).collect()))
                .collect();
            let set = serde_json::json!(set).to_string();
            let wanted: BTreeMap<String, Vec<String>> = wanted
                .iter()
                .map(|(key, values)| (key.clone(), values.iter().cloned().collect()))
                .collect();
            prop_assert_eq!(parse(Some(&list)).unwrap(), wanted.clone());
            prop_assert_eq!(parse(Some(&set)).unwrap(), wanted);
        }
    }
}
