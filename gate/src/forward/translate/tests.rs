use super::*;
use dock_space::Uid;
use serde_json::json;

const ALICE: Space = Space::User(Uid(1001));

#[test]
fn own_names_lose_their_prefix_and_foreign_ones_are_hidden() {
    for (text, shown) in [
        ("name \"/u1001-web\" is", "name \"/web\" is"),
        ("name \"/u1002-web\" is", "name \"/(hidden)\" is"),
        ("u1001-a u1001-b,g7-c", "a b,(hidden)"),
        ("menu1001-x", "menu1001-x"),
        ("u1001- and u- and u1001", "u1001- and u- and u1001"),
        ("u1001-u1002-x", "u1002-x"),
        ("é u1001-ü", "é u1001-ü"),
    ] {
        assert_eq!(names(ALICE, text), shown);
    }
}

#[test]
fn a_long_text_takes_time_in_proportion_to_its_length() {
    // Of a text that looked at all of itself at each word this is never seen.
    let text = "u ".repeat(2 << 20);
    assert_eq!(names(ALICE, &text), text);
    assert_eq!(
        names(ALICE, "u4294967295-x g4294967295-y"),
        "(hidden) (hidden)"
    );
}

#[test]
fn a_reference_is_repeated_only_where_the_engine_repeats_it() {
    let id = "ab".repeat(32);
    let typed = Some(Typed {
        id: &id,
        reference: "web",
    });
    let text = format!("Cannot kill container: {id}: Container {id} is not running");
    assert_eq!(
        error(ALICE, typed, &text),
        format!("Cannot kill container: web: Container {id} is not running")
    );
}

fn row(name: &str, space: &str) -> Value {
    json!({
        "Id": "x", "Names": [name, "/u1002-db/u1001-link"], "Image": "sha256:0", "New": "leak",
        "Labels": {"dock.space": space, "dock.image": "busybox", "a": "b", "dock.net": "default"},
        "HostConfig": {"NetworkMode": "u1001-default", "Annotations": {}},
        "NetworkSettings": {"Networks": {"u1001-default": {"Aliases": ["x"]}, "u1002-n": {}}},
    })
}

#[test]
fn a_row_is_shown_in_its_owners_words() {
    assert_eq!(
        container_row(ALICE, 41, row("/u1001-web", "u1001")).unwrap(),
        json!({
            "Id": "x", "Names": ["/web"], "Image": "busybox", "Labels": {"a": "b"},
            "HostConfig": {"NetworkMode": "default"},
            "NetworkSettings": {"Networks": {"bridge": {"Aliases": null}}},
        })
    );
}

#[test]
fn a_row_that_is_not_the_spaces_is_none() {
    assert!(container_row(ALICE, 41, row("/u1002-web", "u1001")).is_none());
    assert!(container_row(ALICE, 41, row("/u1001-web", "u1002")).is_none());
}

#[test]
fn inspect_lifts_the_bridges_addresses_below_1_52() {
    let answer = || {
        json!({
            "Name": "/u1001-web", "LogPath": "/var/lib/x", "Secret": 1,
            "Config": {"Image": "sha256:0", "Labels": {"dock.space": "u1001", "dock.image": "busybox"}},
            "HostConfig": {"CapDrop": ["MKNOD", "AUDIT_WRITE"], "CgroupParent": "/dock/u1001"},
            "NetworkSettings": {"IPAddress": "", "SandboxKey": "/x",
                "Networks": {"u1001-default": {"IPAddress": "10.128.0.2"}}},
        })
    };
    let shown = container(ALICE, 41, answer()).unwrap();
    assert_eq!(
        shown,
        json!({
            "Name": "/web", "LogPath": "",
            "Config": {"Image": "busybox", "Labels": {}},
            "HostConfig": {"CapDrop": null, "CgroupParent": ""},
            "NetworkSettings": {"IPAddress": "10.128.0.2", "SandboxKey": "",
                "Networks": {"bridge": {"IPAddress": "10.128.0.2"}}},
        })
    );
    assert_eq!(
        container(ALICE, 52, answer()).unwrap()["NetworkSettings"]["IPAddress"],
        ""
    );
}
