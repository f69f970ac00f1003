//! Which lines of the audit are wanted.

use clap::ArgMatches;
use dock_space::admin::{AuditLine, AuditVerdict, SpaceRow};
use dock_space::{Space, Uid};

use crate::client::Client;
use crate::error::Error;

/// What was asked for; nothing asked fits everything.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Logins or uids of who did it.
    users: Vec<String>,
    /// Spaces that it was about.
    spaces: Vec<String>,
    /// `container.create`, `container.*`, `create`.
    verbs: Vec<String>,
    /// The beginning of an id, or a name.
    objects: Vec<String>,
    refused: bool,
    admins: bool,
}

impl Filter {
    /// # Errors
    /// For a space that there is not.
    pub(super) fn read(matches: &ArgMatches, client: &mut Client) -> Result<Filter, Error> {
        let words = |name: &str| -> Vec<String> {
            let words = matches.get_many::<String>(name);
            words.into_iter().flatten().cloned().collect()
        };
        let mut spaces = Vec::new();
        for typed in words("space") {
            spaces.push(space(&typed, client)?);
        }
        Ok(Filter {
            users: words("user"),
            spaces,
            verbs: words("verb"),
            objects: words("object"),
            refused: matches.get_flag("refused"),
            admins: matches.get_flag("admins"),
        })
    }

    pub(super) fn fits(&self, line: &AuditLine) -> bool {
        let any = |wanted: &[String], fits: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|word| fits(word))
        };
        let uid = line.uid.to_string();
        (!self.refused || line.verdict == AuditVerdict::Refuse)
            && (!self.admins || line.admin)
            && any(&self.users, &|user| user == line.login || user == uid)
            && any(&self.spaces, &|space| space == line.space)
            && any(&self.verbs, &|verb| is_verb(verb, &line.verb))
            && any(&self.objects, &|object| {
                is_object(object, &line.object) || object == line.name
            })
    }
}

/// The space of a login, also of one whose account is gone.
fn space(typed: &str, client: &mut Client) -> Result<String, Error> {
    if let Ok(space) = typed.parse::<Space>() {
        return Ok(space.to_string());
    }
    if let Ok(Some(user)) = nix::unistd::User::from_name(typed) {
        return Ok(Space::User(Uid(user.uid.as_raw())).to_string());
    }
    let all: Vec<SpaceRow> = client.get("/dock/spaces")?;
    let found = all.into_iter().find(|row| row.owner.is(typed));
    found
        .map(|row| row.owner.space)
        .ok_or_else(|| Error::NoUser(typed.to_owned()))
}

/// A verb in full, its second half alone, or a pattern with `*` for anything.
fn is_verb(pattern: &str, verb: &str) -> bool {
    if pattern.contains('*') {
        return fits(pattern, verb);
    }
    pattern == verb
        || verb
            .rsplit_once('.')
            .is_some_and(|(_, last)| last == pattern)
}

/// Whether `text` is `pattern`, where `*` stands for any letters.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// A name as its owner gave it, the engine's with the space before it, or the
/// beginning of an id.
fn is_object(asked: &str, object: &str) -> bool {
    let asked = asked.strip_prefix("sha256:").unwrap_or(asked);
    let object = object.strip_prefix("sha256:").unwrap_or(object);
    let is_id = dock_space::name::is_full_id(object);
    let shown = dock_space::name::split(object).map(|(_, shown)| shown);
    asked == object
        || shown == Some(asked)
        || is_id && !asked.is_empty() && object.starts_with(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> AuditLine {
        AuditLine {
            time: 1,
            verdict: AuditVerdict::Permit,
            uid: 1001,
            login: "alice".into(),
            login_uid: None,
            admin: false,
            space: "u1001".into(),
            verb: "container.create".into(),
            object: "web".into(),
            name: String::new(),
            rule: String::new(),
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn nothing_asked_fits_everything() {
        assert!(Filter::default().fits(&line()));
    }

    #[test]
    fn every_filter_has_lines_that_fit_and_lines_that_do_not() {
        let with = |change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter
        };
        let users = with(|f| f.users = words(&["bob", "1001"]));
        let spaces = with(|f| f.spaces = words(&["u1001"]));
        let verbs = with(|f| f.verbs = words(&["container.*"]));
        let objects = with(|f| f.objects = words(&["web"]));
        let (refused, admins) = (with(|f| f.refused = true), with(|f| f.admins = true));
        for filter in [&users, &spaces, &verbs, &objects] {
            assert!(filter.fits(&line()), "{filter:?}");
        }
        let other = AuditLine {
            uid: 1003,
            login: "carol".into(),
            admin: true,
            space: "u1002".into(),
            verb: "volume.create".into(),
            object: "data".into(),
            verdict: AuditVerdict::Refuse,
            ..line()
        };
        for filter in [&users, &spaces, &verbs, &objects] {
            assert!(!filter.fits(&other), "{filter:?}");
        }
        for filter in [&refused, &admins] {
            assert!(filter.fits(&other) && !filter.fits(&line()), "{filter:?}");
        }
    }

    #[test]
    fn verbs_are_named_whole_by_their_end_or_by_a_pattern() {
        for pattern in [
            "container.create",
            "create",
            "container.*",
            "*",
            "*.create",
            "con*er.c*te",
        ] {
            assert!(is_verb(pattern, "container.create"), "{pattern}");
        }
        for pattern in [
            "container",
            "container.",
            "volume.*",
            "*.remove",
            "reate",
            "container.create*x",
        ] {
            assert!(!is_verb(pattern, "container.create"), "{pattern}");
        }
        // What stands before the last star is not what ends the word.
        assert!(!fits("ab*ba", "aba"));
    }

    #[test]
    fn what_is_written_down_by_its_id_is_found_by_its_name_of_then() {
        let removed = AuditLine {
            verb: "container.remove".into(),
            object: "c".repeat(64),
            name: "web".into(),
            ..line()
        };
        let filter = |word: &str| Filter {
            objects: words(&[word]),
            ..Filter::default()
        };
        assert!(filter("web").fits(&removed) && filter("cccc").fits(&removed));
        assert!(!filter("we").fits(&removed) && !filter("").fits(&removed));
    }

    #[test]
    fn objects_are_named_by_name_or_the_beginning_of_an_id() {
        let id = "ab".repeat(32);
        for (asked, object) in [
            ("web", "web"),
            ("data", "u1001-data"),
            ("u1001-data", "u1001-data"),
            ("abab", id.as_str()),
            ("sha256:abab", id.as_str()),
        ] {
            assert!(is_object(asked, object), "{asked}");
        }
        for (asked, object) in [("we", "web"), ("", id.as_str()), ("ba", id.as_str())] {
            assert!(!is_object(asked, object), "{asked}");
        }
    }
}
