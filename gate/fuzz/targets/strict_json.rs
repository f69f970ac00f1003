//! A body has one reading, and nothing that a client set is lost on the way.
#![no_main]

use std::collections::BTreeMap;

use dock_gate::api::container::{CreateBody, Empty, Mount, PortBinding, Words};
use dock_gate::api::exec::{ExecCreateBody, ExecStartBody};
use dock_gate::api::json::{JsonError, Value, parse, parse_value};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One field of each kind that bodies have, all of them written again.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct Sample {
    image: String,
    tty: bool,
    cmd: Option<Words>,
    env: Vec<String>,
    labels: BTreeMap<String, String>,
    volumes: BTreeMap<String, Empty>,
    host_config: Option<Box<Host>>,
    any: serde_json::Value,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct Host {
    binds: Vec<String>,
    privileged: bool,
    kernel_memory: i64,
    pid_limit: Option<u16>,
    mounts: Vec<Mount>,
    port_bindings: BTreeMap<String, Option<Vec<PortBinding>>>,
}

fuzz_target!(|data: &[u8]| {
    values_agree(data);
    nothing_is_lost(data);
    one_reading::<Sample>(data);
    one_reading::<CreateBody>(data);
    one_reading::<ExecCreateBody>(data);
    one_reading::<ExecStartBody>(data);
});

/// What we read, a decoder that we did not write reads the same.
fn values_agree(data: &[u8]) {
    match parse_value(data) {
        Ok(Value::Null) if data.trim_ascii().is_empty() => {}
        Ok(value) => {
            let theirs: serde_json::Value = serde_json::from_slice(data).unwrap();
            assert_eq!(plain(value), theirs);
        }
        // Bad syntax for us, no bad syntax for them, is a hole in neither.
        Err(error) => assert!(!matches!(error, JsonError::Empty)),
    }
}

fn plain(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::UInt(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::String(value) => value.into(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, plain(value)))
            .collect(),
    }
}

/// What is written from what was read is read to the same.
fn one_reading<T: DeserializeOwned + Serialize>(data: &[u8]) {
    let Ok(body) = parse::<T>(data) else { return };
    let written = serde_json::to_string(&body).unwrap();
    let again: T = parse(written.as_bytes()).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(serde_json::to_string(&again).unwrap(), written);
}

/// Whatever the client set stands in what was read, under its own name.
fn nothing_is_lost(data: &[u8]) {
    let Ok(body) = parse::<Sample>(data) else {
        return;
    };
    let sent: serde_json::Value = serde_json::from_slice(data).unwrap();
    let read = serde_json::to_value(&body).unwrap();
    assert!(holds(&read, &sent), "{sent} was read as {read}");
}

fn holds(read: &serde_json::Value, sent: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object, String};
    match (read, sent) {
        (_, sent) if is_zero(sent) => true,
        (Object(read), Object(sent)) => sent.iter().all(|(key, sent)| {
            is_zero(sent)
                || read
                    .iter()
                    .any(|(name, read)| folded(name) == folded(key) && holds(read, sent))
        }),
        (Array(read), Array(sent)) => {
            read.len() == sent.len() && read.iter().zip(sent).all(|(read, sent)| holds(read, sent))
        }
        // `Cmd` as old clients send it.
        (Array(read), String(_)) => matches!(read.as_slice(), [word] if word == sent),
        (read, sent) => read == sent,
    }
}

fn is_zero(value: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Bool, Null, Number, Object, String};
    match value {
        Null => true,
        Bool(set) => !set,
        Number(number) => number.as_f64() == Some(0.0),
        String(text) => text.is_empty(),
        Array(items) => items.is_empty(),
        Object(members) => members.values().all(is_zero),
    }
}

/// Upper case first: that is where `ſ` meets `s`; the Kelvin sign meets `k` below.
fn folded(key: &str) -> String {
    key.to_uppercase().to_lowercase()
}
