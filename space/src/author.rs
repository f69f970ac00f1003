//! The text of the `author` and `org` labels.

use crate::identity::Person;
use crate::settings::Settings;

/// The author's text: the configured template with `{login}`, `{fullname}`
/// (the login where NSS has none), `{uid}` filled in.
pub fn author(settings: &Settings, person: &Person) -> String {
    let full_name = if person.full_name.is_empty() {
        &person.login
    } else {
        &person.full_name
    };
    // One pass, so that a full name that holds "{uid}" stays as it is.
    let mut text = String::new();
    let mut rest = settings.author.as_str();
    while let Some(start) = rest.find('{') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let known = [
            ("{login}", person.login.clone()),
            ("{fullname}", full_name.clone()),
            ("{uid}", person.uid.to_string()),
        ];
        match known.into_iter().find(|(key, _)| rest.starts_with(key)) {
            Some((key, value)) => {
                text.push_str(&value);
                rest = &rest[key.len()..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text.chars().filter(|c| !c.is_control()).collect()
}

/// The labels that name the author, in the order in which they are inserted:
/// `author`, then `org` where the configuration gives one.
pub fn labels(settings: &Settings, person: &Person) -> Vec<(&'static str, String)> {
    let mut labels = vec![(crate::label::AUTHOR, author(settings, person))];
    if let Some(organisation) = &settings.organisation {
        labels.push((crate::label::ORG, organisation.clone()));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Uid;

    fn alice(full_name: &str) -> Person {
        Person {
            uid: Uid(1001),
            login: "alice".into(),
            full_name: full_name.into(),
            home: "/home/alice".into(),
            gid: 1001,
            groups: vec![],
        }
    }

    fn with(template: &str) -> Settings {
        Settings {
            author: template.into(),
            ..Settings::default()
        }
    }

    #[test]
    fn the_template_is_filled_in() {
        let alice = alice("Alice Liddell");
        assert_eq!(author(&Settings::default(), &alice), "alice");
        assert_eq!(
            author(&with("{login}@example.org"), &alice),
            "alice@example.org"
        );
        assert_eq!(
            author(&with("{fullname} ({uid})"), &alice),
            "Alice Liddell (1001)"
        );
        assert_eq!(author(&with("{nobody}"), &alice), "{nobody}");
    }

    #[test]
    fn what_nss_says_is_not_a_template() {
        assert_eq!(author(&with("{fullname}"), &alice("{uid}")), "{uid}");
        assert_eq!(author(&with("{fullname}"), &alice("")), "alice");
    }
}
