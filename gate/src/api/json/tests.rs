use super::*;
use crate::api::container::Words;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct Body {
    image: String,
    memory: i64,
    port: u16,
    #[serde(rename = "CPUs")]
    cpus: Option<i64>,
    labels: BTreeMap<String, String>,
    host_config: Inner,
    list: Vec<Inner>,
    words: Words,
    any: serde_json::Value,
    set: BTreeMap<String, crate::api::container::Empty>,
}

#[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct Inner {
    binds: Vec<String>,
    kernel_memory: i64,
}

fn body(text: &str) -> Result<Body, String> {
    parse(text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn keys_are_folded_once() {
    let folded = body(r#"{"hoſtconfig":{"bindſ":["a"],"KernelMemory":5},"IMAGE":"x"}"#).unwrap();
    assert_eq!(
        folded.host_config,
        Inner {
            binds: vec!["a".into()],
            kernel_memory: 5
        }
    );
    assert_eq!(folded.image, "x");
    assert_eq!(
        body(r#"{"Image":"x","image":"y"}"#).unwrap_err(),
        r#"field "image" stands twice"#
    );
    assert_eq!(
        body(r#"{"HostConfig":{},"hoſtconfig":{"Binds":["/:/h"]}}"#).unwrap_err(),
        r#"field "hoſtconfig" stands twice"#
    );
}

#[test]
fn duplicate_keys_are_refused_everywhere() {
    for text in [
        r#"{"Image":"x","Image":"x"}"#,
        r#"{"Labels":{"a":"1","a":"2"}}"#,
        r#"{"Unknown":{"a":0,"a":0}}"#,
    ] {
        assert!(body(text).unwrap_err().contains("stands twice"), "{text}");
    }
    assert!(body(r#"{"Labels":{"a":"1","A":"2"}}"#).is_ok());
}

#[test]
fn unknown_keys_are_dropped_when_zero_and_named_otherwise() {
    let zeros = r#"{"A":null,"B":0,"C":"","D":[],"E":{},"F":false,"G":{"x":{"y":0}},"H":0.0}"#;
    assert_eq!(body(zeros).unwrap(), Body::default());
    for (text, path) in [
        (r#"{"Foo":1}"#, "Foo"),
        (r#"{"HostConfig":{"Foo":true}}"#, "HostConfig.Foo"),
        (r#"{"List":[{},{"Foo":"x"}]}"#, "List[1].Foo"),
        (r#"{"Set":{"80/tcp":{"x":1}}}"#, "Set.80/tcp.x"),
        (r#"{"Foo":[0]}"#, "Foo"),
    ] {
        assert_eq!(body(text).unwrap_err(), format!("unknown field \"{path}\""));
    }
}

#[test]
fn null_is_zero_everywhere() {
    let text = r#"{"Image":null,"Memory":null,"CPUs":null,"Labels":null,"HostConfig":null,"List":null,"Words":null,"Any":null}"#;
    assert_eq!(body(text).unwrap(), Body::default());
    assert_eq!(
        body(r#"{"HostConfig":{"Binds":null},"Labels":{"a":null}}"#)
            .unwrap()
            .labels["a"],
        ""
    );
}

#[test]
fn types_are_exact_and_named() {
    for (text, error) in [
        (
            r#"{"Memory":1.0}"#,
            r#"field "Memory": expected an integer"#,
        ),
        (
            r#"{"Memory":"1"}"#,
            r#"field "Memory": expected an integer"#,
        ),
        (
            r#"{"Memory":1e3}"#,
            r#"field "Memory": expected an integer"#,
        ),
        (
            r#"{"Memory":9223372036854775808}"#,
            r#"field "Memory": expected an integer in its range"#,
        ),
        (
            r#"{"Port":65536}"#,
            r#"field "Port": expected an integer in its range"#,
        ),
        (
            r#"{"Port":-1}"#,
            r#"field "Port": expected an integer in its range"#,
        ),
        (r#"{"Image":1}"#, r#"field "Image": expected a string"#),
        (
            r#"{"HostConfig":{"Binds":"x"}}"#,
            r#"field "HostConfig.Binds": expected a list"#,
        ),
        (
            r#"{"HostConfig":[]}"#,
            r#"field "HostConfig": expected an object"#,
        ),
        (r#"{"CPUs":{}}"#, r#"field "CPUs": expected an integer"#),
    ] {
        assert_eq!(body(text).unwrap_err(), error, "{text}");
    }
    assert_eq!(
        body(r#"{"Port":65535,"Memory":-1,"CPUs":0}"#).unwrap().cpus,
        Some(0)
    );
}

#[test]
fn a_word_or_a_list_of_words() {
    assert_eq!(body(r#"{"Words":"a b"}"#).unwrap().words.0, ["a b"]);
    assert_eq!(body(r#"{"Words":["a","b"]}"#).unwrap().words.0, ["a", "b"]);
    for (text, error) in [
        (
            r#"{"Words":1}"#,
            r#"field "Words": expected a string or a list of strings"#,
        ),
        (
            r#"{"Words":{"a":"b"}}"#,
            r#"field "Words": expected a string or a list of strings"#,
        ),
        (
            r#"{"Words":["a",["b"]]}"#,
            r#"field "Words[1]": expected a string"#,
        ),
    ] {
        assert_eq!(body(text).unwrap_err(), error);
    }
    let any = body(r#"{"Any":{"a":[1,18446744073709551615,-2,0.5,null,"x"]}}"#)
        .unwrap()
        .any;
    assert_eq!(
        any.to_string(),
        r#"{"a":[1,18446744073709551615,-2,0.5,null,"x"]}"#
    );
}

#[test]
fn one_document_and_nothing_else() {
    for text in [
        "{}{}",
        "{} x",
        "[]",
        "1",
        "\"x\"",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":1,}",
        "{",
        r#"{"Image":"\ud800"}"#,
        "{\"Image\":\"\u{0}\"}",
        "\u{feff}{}",
    ] {
        assert!(body(text).is_err(), "{text:?}");
    }
    assert_eq!(
        body("[]").unwrap_err(),
        "the body: expected an object",
        "nothing to name"
    );
    assert!(body(" {} \n").is_ok());
    assert!(body(r#"{"Image":"\ud83d\ude00"}"#).is_ok());
    assert!(parse::<Body>(b"{\"Image\":\"\xff\"}").is_err());
    for nothing in ["", "  \n", "null"] {
        assert_eq!(parse::<Body>(nothing.as_bytes()), Err(JsonError::Empty));
    }
}

#[test]
fn depth_has_a_limit() {
    let nested = |depth: usize| format!("{{\"Any\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(body(&nested(MAX_DEPTH - 1)).is_ok());
    assert_eq!(
        body(&nested(MAX_DEPTH)).unwrap_err(),
        "invalid JSON: nested deeper than 64"
    );
    assert!(body(&nested(100_000)).is_err());
}

#[test]
fn the_number_of_values_has_a_limit() {
    // The body, the list, and its items.
    let items = |count: usize| format!("{{\"Any\":[0{}]}}", ",0".repeat(count - 3));
    assert!(body(&items(MAX_VALUES)).is_ok());
    assert_eq!(
        body(&items(MAX_VALUES + 1)).unwrap_err(),
        "invalid JSON: more than 65536 values"
    );
}

#[test]
fn every_integer_has_its_own_range() {
    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sizes {
        a: i8,
        b: u8,
        c: i16,
        d: u64,
    }
    let read = |text: &str| parse::<Sizes>(text.as_bytes()).map_err(|error| error.to_string());
    let most = r#"{"a":127,"b":255,"c":-32768,"d":18446744073709551615}"#;
    let expected = Sizes {
        a: 127,
        b: 255,
        c: -32768,
        d: u64::MAX,
    };
    assert_eq!(read(most), Ok(expected));
    let nulls = r#"{"a":null,"b":null,"c":null,"d":null}"#;
    assert_eq!(read(nulls), Ok(Sizes::default()));
    for text in [
        r#"{"a":128}"#,
        r#"{"b":256}"#,
        r#"{"c":-32769}"#,
        r#"{"d":-1}"#,
    ] {
        assert!(
            read(text).unwrap_err().ends_with("an integer in its range"),
            "{text}"
        );
    }
    assert_eq!(
        read(r#"{"d":18446744073709551616}"#).unwrap_err(),
        r#"field "d": expected an integer"#
    );
}

#[test]
fn a_key_in_a_message_moves_no_terminal() {
    assert_eq!(
        body("{\"a\\u001b[2J\":1}").unwrap_err(),
        "unknown field \"a?[2J\""
    );
    assert_eq!(
        body("{\"\\n\":0,\"\\n\":0}").unwrap_err(),
        "invalid JSON: key \"?\" stands twice"
    );
}

proptest! {
    #[test]
    fn what_is_read_is_written_and_read_again(image in ".*", memory in any::<i64>(), key in "[a-z]{1,5}", value in ".*") {
        let text = serde_json::json!({"Image": image, "Memory": memory, "Labels": {key: value}}).to_string();
        let first = body(&text).unwrap();
        let second = body(&serde_json::to_string(&first).unwrap()).unwrap();
        prop_assert_eq!(first, second);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse::<Body>(&bytes);
    }
}
