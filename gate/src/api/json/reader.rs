//! From a [`Value`] to a struct: the part of serde that knows Go's rules.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, IntoDeserializer as _,
    MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::field::is_same;
use super::{JsonError, Value, shown};

/// serde wants an error type of its own.
#[derive(Debug)]
pub(super) struct Failed(JsonError);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl serde::de::Error for Failed {
    fn custom<T: fmt::Display>(words: T) -> Failed {
        Failed(JsonError::Syntax(words.to_string()))
    }

    /// A visitor knows what it wanted, and not where: [`Reader::asked`] adds that.
    fn invalid_type(_found: Unexpected<'_>, wanted: &dyn Expected) -> Failed {
        Failed(JsonError::Type(String::new(), wanted.to_string()))
    }
}

pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, JsonError> {
    T::deserialize(Reader {
        value,
        path: String::new(),
    })
    .map_err(|Failed(error)| error)
}

/// One value, and where it stands in the body.
struct Reader {
    value: Value,
    path: String,
}

impl Reader {
    fn wrong(&self, expected: &str) -> Failed {
        Failed(JsonError::Type(self.path.clone(), expected.to_owned()))
    }

    /// Integers are exact or refused; null is 0.
    fn integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let path = self.path.clone();
        let result = match self.value {
            Value::Null => visitor.visit_i64(0),
            Value::Int(number) => visitor.visit_i64(number),
            Value::UInt(number) => visitor.visit_u64(number),
            _ => return Err(self.wrong("an integer")),
        };
        // Out of the field's range: serde's words do not name the field.
        result.map_err(|_: Failed| Failed(JsonError::Type(path, "an integer in its range".into())))
    }

    /// Whatever it is, for a visitor that takes more than one kind.
    fn asked<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Int(value) => visitor.visit_i64(value),
            Value::UInt(value) => visitor.visit_u64(value),
            Value::Float(value) => visitor.visit_f64(value),
            Value::String(value) => visitor.visit_string(value),
            Value::Array(items) => visitor.visit_seq(Items::new(items, self.path)),
            Value::Object(members) => visitor.visit_map(Members::map(members, self.path)),
        }
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
            self.integer(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Failed;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let path = self.path.clone();
        self.asked(visitor).map_err(|Failed(error)| {
            Failed(match error {
                JsonError::Type(nowhere, wanted) if nowhere.is_empty() => {
                    JsonError::Type(path, wanted)
                }
                other => other,
            })
        })
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_bool(false),
            Value::Bool(value) => visitor.visit_bool(value),
            _ => Err(self.wrong("true or false")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_string(String::new()),
            Value::String(value) => visitor.visit_string(value),
            _ => Err(self.wrong("a string")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_seq(Items::new(Vec::new(), self.path)),
            Value::Array(items) => visitor.visit_seq(Items::new(items, self.path)),
            _ => Err(self.wrong("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_map(Members::map(Vec::new(), self.path)),
            Value::Object(members) => visitor.visit_map(Members::map(members, self.path)),
            _ => Err(self.wrong("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        match self.value {
            Value::Null => visitor.visit_map(Members::map(Vec::new(), self.path)),
            Value::Object(members) => {
                visitor.visit_map(Members::fields(members, self.path, fields)?)
            }
            _ => Err(self.wrong("an object")),
        }
    }

    // No body has any of these: what asks for them is told what it got.
    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct enum
        identifier ignored_any
    }
}

/// The items of a list.
struct Items {
    items: std::vec::IntoIter<Value>,
    path: String,
    at: usize,
}

impl Items {
    fn new(items: Vec<Value>, path: String) -> Items {
        Items {
            items: items.into_iter(),
            path,
            at: 0,
        }
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Failed;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failed> {
        let Some(value) = self.items.next() else {
            return Ok(None);
        };
        let path = format!("{}[{}]", self.path, self.at);
        self.at += 1;
        seed.deserialize(Reader { value, path }).map(Some)
    }
}

/// The members of an object, under the names that the target knows.
struct Members {
    members: std::vec::IntoIter<(String, Value)>,
    next: Option<Value>,
    key: String,
    path: String,
}

impl Members {
    /// A map keeps its keys as they are.
    fn map(members: Vec<(String, Value)>, path: String) -> Members {
        Members {
            members: members.into_iter(),
            next: None,
            key: String::new(),
            path,
        }
    }

    /// A struct takes folded keys, each field once, and nothing that it does not know.
    fn fields(
        members: Vec<(String, Value)>,
        path: String,
        fields: &'static [&'static str],
    ) -> Result<Members, Failed> {
        let mut named: Vec<(String, Value)> = Vec::with_capacity(members.len());
        for (key, value) in members {
            match fields.iter().find(|field| is_same(&key, field)) {
                Some(field) if named.iter().any(|(name, _)| name == field) => {
                    return Err(Failed(JsonError::Twice(join(&path, &key))));
                }
                Some(field) => named.push(((*field).to_owned(), value)),
                None if value.is_zero() => {}
                None => return Err(Failed(JsonError::Unknown(join(&path, &key)))),
            }
        }
        Ok(Members::map(named, path))
    }
}

fn join(path: &str, key: &str) -> String {
    let key = shown(key);
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Failed;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failed> {
        let Some((key, value)) = self.members.next() else {
            return Ok(None);
        };
        self.next = Some(value);
        self.key.clone_from(&key);
        let key: StringDeserializer<Failed> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failed> {
        let value = self
            .next
            .take()
            .ok_or_else(|| Failed::custom("a value without a key"))?;
        seed.deserialize(Reader {
            value,
            path: join(&self.path, &self.key),
        })
    }
}
