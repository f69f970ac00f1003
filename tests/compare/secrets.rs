//! What is one person's alone, and the search for it in bytes.
//!
//! Words are found where no letter or digit goes on with them; ids by their first
//! 12 digits, so that the short form is found as well. HTTP may cut what a gate says
//! into chunks at any place: bytes are searched as they came and without the cuts.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::harness::Person;
use crate::side;

/// What dock itself writes on objects.
const LABELS: [&str; 6] = [
    "dock.v",
    "dock.space",
    "dock.image",
    "dock.binds",
    "dock.net",
    "dock.ports",
];

const SHORT: usize = 12;

pub(crate) struct Secrets {
    pub(crate) whose: String,
    uid: Option<u32>,
    words: Vec<String>,
    /// The first 12 digits of each.
    ids: HashSet<Vec<u8>>,
}

impl Secrets {
    /// Everybody's, with root's own (who works with plain docker) as the last.
    /// `events` is what the engine told root, as JSON lines.
    pub(crate) fn of_all(people: &[Person], events: &str) -> Vec<Secrets> {
        let mut secrets: Vec<Secrets> = people.iter().map(Secrets::of).collect();
        secrets.push(Secrets {
            whose: "root".into(),
            uid: None,
            words: vec![side::secret(None)],
            ids: HashSet::new(),
        });
        for (space, ids) in ids_by_space(events) {
            let uid = space.strip_prefix('u').and_then(|uid| uid.parse().ok());
            if let Some(its) = secrets.iter_mut().find(|its| its.uid == uid) {
                its.ids = ids;
            }
        }
        secrets
    }

    fn of(person: &Person) -> Secrets {
        let words = [
            format!("u{}", person.uid),
            person.login.clone(),
            side::secret(Some(person)),
        ];
        Secrets {
            whose: person.login.clone(),
            uid: Some(person.uid),
            words: words.into(),
            ids: HashSet::new(),
        }
    }

    /// What `person` is not shown either although it is about them.
    pub(crate) fn of_dock(person: &Person) -> Secrets {
        let own = format!("u{}", person.uid);
        let words = LABELS.iter().map(|label| (*label).to_owned()).chain([own]);
        Secrets {
            whose: "dock".into(),
            uid: None,
            words: words.collect(),
            ids: HashSet::new(),
        }
    }

    pub(crate) fn is_of(&self, person: &Person) -> bool {
        self.uid == Some(person.uid)
    }

    /// The first of them that stands in the bytes, with what stands around it.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<String> {
        [bytes, &without_chunks(bytes)]
            .into_iter()
            .find_map(|bytes| {
                let words = self.words.iter().find_map(|word| find_word(bytes, word));
                words
                    .or_else(|| self.find_id(bytes))
                    .map(|at| around(bytes, at))
            })
    }

    pub(crate) fn has_id_in(&self, bytes: &[u8]) -> bool {
        self.find_id(bytes).is_some() || self.find_id(&without_chunks(bytes)).is_some()
    }

    fn find_id(&self, bytes: &[u8]) -> Option<usize> {
        let mut digits = 0;
        for (at, byte) in bytes.iter().enumerate() {
            digits = if matches!(byte, b'0'..=b'9' | b'a'..=b'f') {
                digits + 1
            } else {
                0
            };
            if digits >= SHORT && self.ids.contains(&bytes[at + 1 - SHORT..=at]) {
                return Some(at + 1 - SHORT);
            }
        }
        None
    }

    /// The bytes with one of them in the middle, each in its turn, cut by a chunk's border.
    pub(crate) fn planted_in(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let id = self.ids.iter().next();
        let words = self.words.iter().map(String::as_bytes);
        let plant = |word: &[u8]| {
            let (before, after) = bytes.split_at(bytes.len() / 2);
            let (first, second) = word.split_at(word.len() / 2);
            [before, b"\"", first, b"\r\n1f\r\n", second, b"\"", after].concat()
        };
        words.chain(id.map(Vec::as_slice)).map(plant).collect()
    }
}

/// Ids of containers, networks, volumes and execs, by the space whose they are; those
/// of nobody's space stand under "".
fn ids_by_space(events: &str) -> BTreeMap<String, HashSet<Vec<u8>>> {
    let mut spaces = BTreeMap::<String, HashSet<Vec<u8>>>::new();
    let mut space_of_container = BTreeMap::<String, String>::new();
    for event in events.lines() {
        let event: Value = serde_json::from_str(event).unwrap();
        let actor = &event["Actor"];
        let attribute = |name: &str| actor["Attributes"][name].as_str().unwrap_or_default();
        let id = actor["ID"].as_str().unwrap_or_default();
        let space = match event["Type"].as_str().unwrap_or_default() {
            // A prune says how many bytes, and of nothing.
            "container" if id.is_empty() => continue,
            "container" => {
                let space = attribute("dock.space").to_owned();
                space_of_container.insert(id.to_owned(), space.clone());
                space
            }
            // A name says whose it is; what has none belongs to its container.
            "network" => prefix(attribute("name")).to_owned(),
            "volume" if !prefix(id).is_empty() => prefix(id).to_owned(),
            "volume" => match space_of_container.get(attribute("container")) {
                Some(space) => space.clone(),
                None => continue,
            },
            _ => continue,
        };
        // The networks that all have are nobody's secret.
        if event["Type"] == "network" && space.is_empty() {
            continue;
        }
        let ids = [id, attribute("execID")].into_iter();
        let ids = ids.filter(|id| id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        let short = ids.map(|id| id.as_bytes()[..SHORT].to_vec());
        spaces.entry(space).or_default().extend(short);
    }
    spaces
}

/// `u1001` of `u1001-web`.
fn prefix(name: &str) -> &str {
    let prefix = name.split_once('-').map_or("", |(prefix, _)| prefix);
    let digits = prefix.strip_prefix('u').unwrap_or_default();
    let is_space = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if is_space { prefix } else { "" }
}

/// Where the word stands by itself.
fn find_word(bytes: &[u8], word: &str) -> Option<usize> {
    let word = word.as_bytes();
    let goes_on = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut places = bytes.windows(word.len()).enumerate();
    places.find_map(|(at, window)| {
        let here = window[0] == word[0] && window == word;
        let alone = here && !goes_on(at.wrapping_sub(1)) && !goes_on(at + word.len());
        alone.then_some(at)
    })
}

/// The bytes without what may be a chunk's border: a line of few hexadecimal digits.
fn without_chunks(bytes: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let border = rest.strip_prefix(b"\r\n").and_then(|after| {
            let digits = after.iter().take_while(|b| b.is_ascii_hexdigit()).count();
            let ends = after[digits..].starts_with(b"\r\n");
            (ends && (1..=6).contains(&digits)).then_some(2 + digits + 2)
        });
        match border {
            Some(length) => rest = &rest[length..],
            None => {
                joined.push(*first);
                rest = &rest[1..];
            }
        }
    }
    joined
}

fn around(bytes: &[u8], at: usize) -> String {
    let (from, to) = (at.saturating_sub(60), (at + 80).min(bytes.len()));
    format!("{:?}", String::from_utf8_lossy(&bytes[from..to]))
}

#[test]
fn whose_an_id_is_stands_in_the_events() {
    let id = |digit: &str| digit.repeat(64);
    let line = |kind: &str, id: &str, attributes: &str| {
        format!(
            "{{\"Type\":\"{kind}\",\"Actor\":{{\"ID\":\"{id}\",\"Attributes\":{{{attributes}}}}}}}\n"
        )
    };
    let container = format!("\"container\":\"{}\"", id("a"));
    let exec = format!("\"dock.space\":\"u7\",\"execID\":\"{}\"", id("e"));
    let events = [
        line("container", &id("a"), "\"dock.space\":\"u7\""),
        line("container", &id("b"), "\"name\":\"x\""),
        line("container", &id("a"), &exec),
        line("volume", &id("c"), "\"driver\":\"local\""),
        line("volume", &id("c"), &container),
        line("network", &id("d"), "\"name\":\"u8-default\""),
        line("network", &id("f"), "\"name\":\"bridge\""),
    ];
    let spaces = ids_by_space(&events.concat());
    let short = |digits: &str| {
        let all = digits
            .chars()
            .map(|digit| digit.to_string().repeat(SHORT).into_bytes());
        all.collect::<HashSet<_>>()
    };
    let expected = [("", short("b")), ("u7", short("aec")), ("u8", short("d"))];
    let expected = expected.map(|(space, ids)| (space.to_owned(), ids));
    assert_eq!(spaces, BTreeMap::from(expected));
}

#[test]
fn a_planted_leak_is_found_and_what_only_looks_like_one_is_not() {
    let id = "4f0a9c31d27be85f";
    let secrets = Secrets {
        whose: "bob".into(),
        uid: Some(7),
        words: vec!["u7".into(), "bob1x1".into()],
        ids: HashSet::from([id.as_bytes()[..SHORT].to_vec()]),
    };
    for (answer, leaks) in [
        ("{\"Name\":\"/u7-web\"}".to_owned(), true),
        ("{\"author\":\"bob1x1\"}".into(), true),
        (format!("No such container: {id}"), true),
        (format!("\r\n{}\r\n", &id[..SHORT]), true),
        (format!("Id={}\r\na1\r\n{}", &id[..5], &id[5..]), true),
        ("u7\r\n".into(), true),
        ("u77 bob1x12 xu7".into(), false),
        (id[1..].to_owned(), false),
        ("u\r\nxy\r\n7".into(), false),
    ] {
        let found = secrets.found_in(answer.as_bytes());
        assert_eq!(found.is_some(), leaks, "{answer:?}: {found:?}");
    }
    let planted = secrets.planted_in(b"{}");
    assert_eq!(planted.len(), 3);
    assert!(planted.iter().all(|it| secrets.found_in(it).is_some()));
}
