//! Each part damaged on purpose: found by verify, refused by restore.

use serde_json::Value;

use super::given::{Furnished, admin, archived, bytes, objects_of, written};
use crate::harness::{Person, Record};

#[test]
fn damage_to_any_part_is_named_and_nothing_is_made_of_it() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    Furnished::of(&alice);
    alice.dock(["stop", "-t", "0", "web"]).output().success();
    let file = archived(&carol, &[&alice.login]);
    let whole = bytes(&file);
    let shown = admin(&carol, &["archives", "show", "--json", &file]).success();
    let manifest: Value = serde_json::from_str(&shown).unwrap();
    let parts = manifest["parts"].as_array().unwrap();
    assert!(parts.len() > 8, "{shown}");
    let record = Record::mark();
    for part in parts {
        let name = part["name"].as_str().unwrap();
        let offset = part["offset"].as_u64().unwrap() as usize;
        let length = part["length"].as_u64().unwrap() as usize;
        let mut wrong = whole.clone();
        wrong[offset + length / 2] ^= 0x10;
        let path = written(&carol, "damaged", &wrong);
        let verified = admin(&carol, &["archives", "verify", &path]);
        verified.fails(1, &format!("\"damaged\" is damaged: {name}: "));
        assert_eq!(
            verified.err().matches("is damaged").count(),
            1,
            "{verified:?}"
        );
        let words = ["restore", "--as", &bob.login, &path];
        let refused = admin(&carol, &words);
        refused.fails(1, &format!("is damaged: {name}: "));
    }
    // Cut at any place, swapped, with something behind it.
    let half = whole.len() / 2;
    let (one, other) = (&parts[2], &parts[4]);
    let range = |part: &Value| {
        let offset = part["offset"].as_u64().unwrap() as usize;
        offset..offset + part["length"].as_u64().unwrap() as usize
    };
    let swapped = [
        &whole[..range(one).start],
        &whole[range(other)],
        &whole[range(one).end..range(other).start],
        &whole[range(one)],
        &whole[range(other).end..],
    ]
    .concat();
    for wrong in [
        whole[..half].to_vec(),
        whole[half..].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        [&whole[..], b"x"].concat(),
        swapped,
        vec![],
    ] {
        let path = written(&carol, "damaged", &wrong);
        admin(&carol, &["archives", "verify", &path]).fails(1, "is damaged: ");
        admin(&carol, &["restore", "--as", &bob.login, &path]).fails(1, "is damaged: ");
        admin(&carol, &["archives", "show", &path]);
    }
    record.only_reads(&carol);
    assert_eq!(objects_of(&bob), "");
    // The twin.
    admin(&carol, &["archives", "verify", &file]).success();
    admin(&carol, &["restore", "--as", &bob.login, &file]).success();
    alice.clear();
    bob.clear();
}
