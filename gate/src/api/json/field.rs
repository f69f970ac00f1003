//! Keys of clients and fields of structs.

use serde::de::value::Error as Nothing;
use serde::de::{DeserializeOwned, Deserializer, Visitor};

/// Whether Go's decoder takes `key` for the field called `field`: ASCII case is
/// folded, and so are the two letters outside ASCII that fold into it
/// (encoding/json, fold.go).
pub(super) fn is_same(key: &str, field: &str) -> bool {
    let mut field = field.bytes();
    let same = key.chars().all(|c| {
        let folded = match c {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            c => c.to_ascii_lowercase(),
        };
        field
            .next()
            .is_some_and(|f| char::from(f.to_ascii_lowercase()) == folded)
    });
    same && field.next().is_none()
}

/// The names of the fields that a struct reads, as serde knows them; empty for
/// anything else.
pub fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // The asker learns the names and gives nothing, so there is always an error.
    let _ = T::deserialize(Asker(&mut fields));
    fields
}

struct Asker<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asker<'_> {
    type Error = Nothing;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Nothing> {
        Err(serde::de::Error::custom("nothing"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Nothing> {
        *self.0 = fields;
        Err(serde::de::Error::custom("nothing"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_folded_as_go_folds_them() {
        for key in ["HostConfig", "hostconfig", "HOSTCONFIG", "ho\u{17f}tConfig"] {
            assert!(is_same(key, "HostConfig"), "{key}");
        }
        assert!(is_same("\u{212a}ernelMemory", "KernelMemory"));
        for key in [
            "HostConfi",
            "HostConfigs",
            "HostCönfig",
            "",
            "ho\u{df}tConfig",
        ] {
            assert!(!is_same(key, "HostConfig"), "{key}");
        }
    }
}
