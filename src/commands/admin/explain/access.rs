//! Whether a person has a space at all, before any rule is asked.

use dock_space::Person;
use dock_space::admin::{Explained, Outcome};
use dock_space::config::Config;

/// Why nothing of this person's is served, and the keys of `[access]` that
/// decide so; none when they are. The gate decides the same by itself.
pub(super) fn refusal(
    config: &Config,
    person: &Person,
) -> Option<(Explained, &'static [&'static str])> {
    let access = &config.access;
    let Person { uid, login, .. } = person;
    let (why, instead, keys): (String, String, &[&str]) = if uid.0 == 0 {
        (
            "root has no space of its own".into(),
            "root can use docker itself".into(),
            &[],
        )
    } else if uid.0 < access.first_uid && !access.system_uids.contains(&uid.0) {
        (
            format!(
                "\"{login}\" is a system account (uid {uid} is below {})",
                access.first_uid
            ),
            "list the uid under [access] system_uids in dock.toml".into(),
            &["first_uid", "system_uids"],
        )
    } else if !person.is_member(&access.group) {
        (
            format!("\"{login}\" is not in group \"{}\"", access.group),
            format!("usermod -aG {} {login}", access.group),
            &["group"],
        )
    } else {
        return None;
    };
    let refusal = Explained {
        outcome: Outcome::Refused,
        verb: "access".into(),
        object: String::new(),
        reads: false,
        what: "every command".into(),
        why,
        instead,
        rule: String::new(),
        facts: Vec::new(),
    };
    Some((refusal, keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::{Group, Uid};

    #[test]
    fn who_has_no_space_is_told_why() {
        let config = Config::default();
        let person = |uid, group: &str| Person {
            uid: Uid(uid),
            login: "alice".into(),
            full_name: String::new(),
            home: "/home/alice".into(),
            gid: uid,
            groups: vec![Group {
                gid: 5,
                name: group.into(),
            }],
        };
        let why = |uid, group| refusal(&config, &person(uid, group)).map(|(it, _)| it.why);
        assert_eq!(why(1001, "dock"), None);
        assert!(why(1001, "x").unwrap().contains("not in group \"dock\""));
        assert!(why(999, "dock").unwrap().contains("below 1000"));
        assert!(why(0, "dock").unwrap().contains("root"));
    }
}
