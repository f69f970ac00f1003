//! Volumes in the caller's words.

use dock_space::{Space, label};
use serde_json::Value;

use super::{keep, recorded, set, take_reserved};

const VOLUME: [&str; 9] = [
    "CreatedAt",
    "Driver",
    "Labels",
    "Mountpoint",
    "Name",
    "Options",
    "Scope",
    "Status",
    "UsageData",
];

/// One volume of a list or an inspect; `None` when it is not the space's.
pub(crate) fn volume(space: Space, answer: Value) -> Option<Value> {
    let Value::Object(mut answer) = answer else {
        return None;
    };
    keep(&mut answer, &VOLUME);
    let taken = take_reserved(answer.get_mut("Labels"));
    if recorded(&taken, label::SPACE)? != space.to_string() {
        return None;
    }
    let real = answer.get("Name")?.as_str()?.to_owned();
    // An anonymous volume keeps the engine's name.
    let shown = match space.shown_name(&real) {
        Some(shown) => shown.to_owned(),
        None if dock_space::name::is_full_id(&real) => real.clone(),
        None => return None,
    };
    let mountpoint = answer
        .get("Mountpoint")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mountpoint = mountpoint.replace(&format!("/{real}/"), &format!("/{shown}/"));
    set(&mut answer, "Mountpoint", mountpoint.into());
    set(&mut answer, "Name", shown.into());
    Some(Value::Object(answer))
}

/// The error of a volume in use names the containers that use it; what is not
/// the caller's is root's doing and stays unnamed.
pub(crate) fn in_use(text: &str, own: &[String]) -> String {
    const MARK: &str = "volume is in use - [";
    let Some((before, users)) = text.split_once(MARK) else {
        return text.to_owned();
    };
    let users = users.trim_end_matches(']');
    let users: Vec<&str> = users
        .split(", ")
        .filter(|user| own.iter().any(|own| own == user))
        .collect();
    format!("{before}{MARK}{}]", users.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;
    use serde_json::json;

    const ALICE: Space = Space::User(Uid(1001));

    #[test]
    fn a_volume_is_hers_by_name_and_label_or_by_label_and_hex() {
        let hex = "ab".repeat(32);
        for (name, space, shown) in [
            ("u1001-data", "u1001", Some("data")),
            (&hex, "u1001", Some(hex.as_str())),
            ("u1001-data", "u1002", None),
            ("u1002-data", "u1001", None),
            ("data", "u1001", None),
            (&hex, "u1002", None),
            (&hex[1..], "u1001", None),
        ] {
            let labels = json!({label::SPACE: space, "a": "b"});
            let answer = json!({"Name": name, "Labels": labels, "ClusterVolume": {"ID": "x"},
                "Mountpoint": format!("/v/{name}/_data")});
            let expected = shown.map(|shown| {
                json!({"Name": shown, "Labels": {"a": "b"},
                    "Mountpoint": format!("/v/{shown}/_data")})
            });
            assert_eq!(volume(ALICE, answer), expected, "{name} {space}");
        }
        let unlabelled = json!({"Name": "u1001-data", "Labels": null});
        assert_eq!(volume(ALICE, unlabelled), None);
    }

    #[test]
    fn a_volume_in_use_names_own_containers_alone() {
        let own = ["aa".to_owned(), "cc".to_owned()];
        for (users, shown) in [
            ("aa", "aa"),
            ("bb", ""),
            ("aa, bb, cc", "aa, cc"),
            ("bb, aaa", ""),
        ] {
            let text = |users| format!("remove data: volume is in use - [{users}]");
            assert_eq!(in_use(&text(users), &own), text(shown));
        }
        assert_eq!(
            in_use("get x: no such volume", &own),
            "get x: no such volume"
        );
    }
}
