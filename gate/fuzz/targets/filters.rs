//! Filters have one reading, in both of their forms.
#![no_main]

use std::collections::BTreeMap;

use dock_gate::api::filters::parse;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let Ok(filters) = parse(Some(text)) else {
        return;
    };
    let written = json!(filters).to_string();
    assert_eq!(parse(Some(&written)).unwrap(), filters, "lists");

    // As a set each value stands once, and what stands behind it says nothing.
    for counts in [true, false] {
        let mut sets = serde_json::Map::new();
        let mut once = BTreeMap::new();
        for (key, values) in &filters {
            let set: serde_json::Map<String, Value> = values
                .iter()
                .map(|value| (value.clone(), json!(counts)))
                .collect();
            once.insert(key.clone(), set.keys().cloned().collect::<Vec<_>>());
            sets.insert(key.clone(), set.into());
        }
        let written = Value::from(sets).to_string();
        assert_eq!(parse(Some(&written)).unwrap(), once, "sets");
    }

    // A decoder that we did not write finds the same keys.
    let lenient: Option<BTreeMap<String, Value>> = match text.trim() {
        "" => None,
        text => serde_json::from_str(text).unwrap(),
    };
    let keys: Vec<String> = lenient.unwrap_or_default().into_keys().collect();
    assert_eq!(filters.into_keys().collect::<Vec<_>>(), keys);
});
