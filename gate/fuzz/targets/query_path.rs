//! A target has one reading, however it is spelled.
//!
//! The decoder here is naive and not the gate's: the two must agree wherever
//! the gate accepts.
#![no_main]

use std::collections::BTreeMap;

use dock_gate::api::path::Path;
use dock_gate::api::query::{Query, QueryError};
use dock_gate::api::route;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|target: &str| {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    path_laws(path);
    query_laws(query);
});

fn path_laws(raw: &str) {
    let Ok(path) = Path::parse(raw) else { return };
    let mut again = String::new();
    if let Some(version) = path.version {
        assert!(version >= 24, "{raw:?}");
        again = format!("/v1.{version}");
        assert!(raw.starts_with(&again), "{raw:?}");
    }
    for segment in &path.segments {
        let name = &segment.decoded;
        assert_eq!(segment.had_slash, name.contains('/'), "{raw:?}");
        assert!(!name.contains(|c: char| c.is_control() || c == '\\'));
        for part in name.split('/') {
            assert!(!matches!(part, "" | "." | ".."), "{raw:?}");
        }
        again.push('/');
        again.push_str(&encoded(name));
    }
    assert_eq!(Path::parse(&again).as_ref(), Ok(&path), "{raw:?}");

    // What Go's decode-then-clean would make of it names the same object,
    // but for the slash that a container's name may begin with.
    let words: Vec<String> = path.segments.iter().map(|s| s.decoded.clone()).collect();
    let whole = decoded(raw, false).unwrap();
    let cleaned: Vec<&str> = whole.split('/').filter(|part| !part.is_empty()).collect();
    let version = path.version.map(|version| format!("v1.{version}"));
    let ours = version.into_iter().chain(words).collect::<Vec<_>>();
    assert_eq!(ours.join("/"), cleaned.join("/"), "{raw:?}");

    for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
        if let Some(found) = route::find(method, &path.segments) {
            let holds = ours.join("/").contains(&found.object);
            assert!(holds, "{raw:?}: {}", found.object);
        }
    }
}

fn query_laws(raw: Option<&str>) {
    let Ok(query) = Query::parse(raw) else { return };
    let pairs: Vec<(String, String)> = raw
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key, true).unwrap(), decoded(value, true).unwrap())
        })
        .collect();

    let again: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encoded(key), encoded(value)))
        .collect();
    assert_eq!(Query::parse(Some(&again.join("&"))).as_ref(), Ok(&query));

    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in &pairs {
        values.entry(key).or_default().push(value);
    }
    let mut rest = query.clone();
    for (key, values) in &values {
        let once = query.clone().take(key);
        match values.as_slice() {
            [value] => assert_eq!(once, Ok(Some((*value).to_owned()))),
            _ => assert!(matches!(once, Err(QueryError::Duplicate(_)))),
        }
        // Only the order of the words of errors may depend on these.
        let _ = (query.clone().bool(key), query.clone().int(key));
        assert_eq!(&rest.take_all(key), values);
    }
    assert_eq!(rest, Query::default(), "something was never taken");
    assert_eq!(rest.finish(), Ok(()));
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn decoded(raw: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = raw.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        bytes.push(match first {
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                rest = &rest[2..];
                u8::from_str_radix(digits, 16).ok()?
            }
            b'+' if plus_is_space => b' ',
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}
