//! The query of a request, as Go reads it where there is one reading.

use std::fmt;

use super::path::decode;

/// Keys and values in their order; what a handler takes is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

/// Why a query is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// Some of Go's versions split on it, others do not.
    Semicolon,
    Escape,
    Character(String),
    Duplicate(String),
    NotANumber(String),
    Unknown(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::Semicolon => f.write_str("the query holds a \";\""),
            QueryError::Escape => f.write_str("the query has a wrong percent-escape"),
            QueryError::Character(key) => {
                write!(
                    f,
                    "query parameter \"{key}\" holds a character that is not allowed"
                )
            }
            QueryError::Duplicate(key) => write!(f, "query parameter \"{key}\" stands twice"),
            QueryError::NotANumber(key) => write!(f, "query parameter \"{key}\" is no number"),
            QueryError::Unknown(key) => write!(f, "unknown query parameter \"{key}\""),
        }
    }
}

impl std::error::Error for QueryError {}

/// The engine's reading of a boolean: everything but a few words is true.
pub fn is_true(value: &str) -> bool {
    !matches!(
        value.trim().to_lowercase().as_str(),
        "" | "0" | "no" | "false" | "none"
    )
}

impl Query {
    /// Reads a raw query.
    ///
    /// # Errors
    /// When it has no single reading.
    pub fn parse(raw: Option<&str>) -> Result<Query, QueryError> {
        let raw = raw.unwrap_or_default();
        if raw.contains(';') {
            return Err(QueryError::Semicolon);
        }
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = text(key).ok_or(QueryError::Escape)?;
            let value = text(value).ok_or(QueryError::Escape)?;
            if key.chars().chain(value.chars()).any(char::is_control) {
                return Err(QueryError::Character(short(&key)));
            }
            pairs.push((key, value));
        }
        Ok(Query { pairs })
    }

    /// The value of `key`, which may stand once.
    ///
    /// # Errors
    /// When it stands twice: engines take the first, others might not.
    pub fn take(&mut self, key: &str) -> Result<Option<String>, QueryError> {
        let mut values = self.take_all(key).into_iter();
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(QueryError::Duplicate(short(key))),
            (value, None) => Ok(value),
        }
    }

    /// Every value of `key`.
    pub fn take_all(&mut self, key: &str) -> Vec<String> {
        let mut values = Vec::new();
        self.pairs.retain_mut(|(name, value)| {
            let keep = name != key;
            if !keep {
                values.push(std::mem::take(value));
            }
            keep
        });
        values
    }

    /// The engine's reading of a boolean; absent is false.
    ///
    /// # Errors
    /// When the key stands twice.
    pub fn bool(&mut self, key: &str) -> Result<bool, QueryError> {
        Ok(self.take(key)?.is_some_and(|value| is_true(&value)))
    }

    /// A decimal integer; absent or empty is `None`.
    ///
    /// # Errors
    /// When it is no integer, or stands twice.
    pub fn int(&mut self, key: &str) -> Result<Option<i64>, QueryError> {
        match self.take(key)?.filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => {
                let digits = value.strip_prefix('-').unwrap_or(&value);
                let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                let number = if plain { value.parse().ok() } else { None };
                number
                    .map(Some)
                    .ok_or_else(|| QueryError::NotANumber(short(key)))
            }
        }
    }

    /// What nobody took is dropped where it says nothing, and refused by name otherwise.
    ///
    /// # Errors
    /// When a key that nobody knows has a value.
    pub fn finish(&self) -> Result<(), QueryError> {
        match self.pairs.iter().find(|(_, value)| is_true(value)) {
            Some((key, _)) => Err(QueryError::Unknown(short(key))),
            None => Ok(()),
        }
    }
}

fn text(raw: &str) -> Option<String> {
    String::from_utf8(decode(raw.as_bytes(), true)?).ok()
}

fn short(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(raw: &str) -> Query {
        Query::parse(Some(raw)).unwrap()
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        for (raw, twin) in [
            ("a=1;b=2", "a=1&b=2"),
            ("a=%", "a=%25"),
            ("a=%zz", "a=%2a"),
            ("a=%ff", "a=%41"),
            ("a=%00", "a=%30"),
            ("a=x%0Ay", "a=x%20y"),
        ] {
            assert!(Query::parse(Some(raw)).is_err(), "{raw}");
            assert!(Query::parse(Some(twin)).is_ok(), "{twin}");
        }
        assert_eq!(
            query("all=1&all=0").take("all"),
            Err(QueryError::Duplicate("all".into()))
        );
        assert_eq!(query("all=1").take("all"), Ok(Some("1".into())));
    }

    #[test]
    fn values_are_read_as_the_engine_reads_them() {
        let mut query = query("a=1&b=True&c=no&d=&e&f=x+y%2Bz&g=-1&h=&i=abc");
        assert_eq!(query.bool("a"), Ok(true));
        assert_eq!(query.bool("b"), Ok(true));
        assert_eq!(query.bool("c"), Ok(false));
        assert_eq!(query.bool("d"), Ok(false));
        assert_eq!(query.bool("absent"), Ok(false));
        assert_eq!(query.take("f"), Ok(Some("x y+z".into())));
        assert_eq!(query.int("g"), Ok(Some(-1)));
        assert_eq!(query.int("h"), Ok(None));
        assert_eq!(query.int("i"), Err(QueryError::NotANumber("i".into())));
    }

    #[test]
    fn an_integer_has_one_spelling() {
        for (wrong, twin) in [
            ("+1", "1"),
            ("1.0", "10"),
            ("0x1", "01"),
            ("-", "-1"),
            (" 1", "1"),
            ("9223372036854775808", "9223372036854775807"),
        ] {
            let int = |text: &str| {
                let raw = format!("n={}", escaped(text));
                query(&raw).int("n")
            };
            assert_eq!(int(wrong), Err(QueryError::NotANumber("n".into())));
            assert_eq!(int(twin), Ok(twin.parse().ok()));
        }
    }

    #[test]
    fn a_list_is_taken_whole_and_once() {
        let mut query = query("t=a&other=1&t=b&t=a");
        assert_eq!(query.take_all("t"), ["a", "b", "a"]);
        assert_eq!(query.take_all("t"), [""; 0]);
        assert_eq!(
            query.finish(),
            Err(QueryError::Unknown("other".into())),
            "the rest is still there"
        );
    }

    #[test]
    fn an_unknown_key_is_dropped_when_it_says_nothing() {
        assert_eq!(query("new=0&x=&y=false").finish(), Ok(()));
        assert_eq!(
            query("new=1").finish(),
            Err(QueryError::Unknown("new".into()))
        );
    }

    fn escaped(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back(pairs in proptest::collection::vec(("\\PC{1,8}", "\\PC{0,8}"), 0..5)) {
            let raw: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{}={}", escaped(key), escaped(value)))
                .collect();
            prop_assert_eq!(Query::parse(Some(&raw.join("&"))), Ok(Query { pairs }));
        }
    }
}
