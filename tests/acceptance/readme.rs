//! README's session, typed again by people who never read it.

use crate::harness::{Output, Person, root};

/// One command and what the README shows below it.
struct Shown {
    who: String,
    typed: String,
    answer: String,
}

#[test]
fn the_session_in_the_readme_is_what_happens() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    // The README's people, by the names and uids that they have today.
    let today = |text: &str| {
        text.replace("u1001-", &alice.real(""))
            .replace("alice", &alice.login)
            .replace("bob", &bob.login)
    };
    let session = session();
    assert!(session.len() >= 5, "the README shows a session");
    for Shown { who, typed, answer } in session {
        let words = ["-c", &today(&typed)];
        let output = match who.as_str() {
            "alice" => alice.command("bash", with_alias(&today(&typed))).output(),
            "bob" => bob.command("bash", with_alias(&today(&typed))).output(),
            "root" => root("bash", words)
                .env(
                    "DOCKER_HOST",
                    format!("unix://{}", crate::harness::bed("DOCK_BED_SOCKET")),
                )
                .output(),
            _ => panic!("nobody's prompt: {who}"),
        };
        assert_eq!(
            plain(&said(&output)),
            plain(&today(&answer)),
            "{who}: {typed}"
        );
    }
    alice.clear();
    bob.clear();
}

#[test]
fn what_the_readme_says_is_not_there_is_answered_by_name() {
    let alice = Person::fresh("alice");
    alice
        .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
        .output()
        .success();
    let typed = missing();
    assert!(typed.len() >= 10, "the README lists them: {typed:?}");
    for words in typed {
        let script = format!("printf 'FROM busybox\\n' >~/Dockerfile; cd; exec dock {words}");
        let output = alice.command("sh", ["-c", &script]).output();
        let text = said(&output);
        let named = [
            "not served yet",
            "not granted yet",
            "not part of this version",
        ];
        assert!(
            output.code != 0 && text.contains("dock: ") && named.iter().any(|n| text.contains(n)),
            "docker {words}: {output:?}"
        );
    }
    alice.clear();
}

/// The commands that the README shows below "Not yet", without the word docker.
fn missing() -> Vec<&'static str> {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("\nNot yet").unwrap();
    let (list, _) = rest.split_once("\n## ").unwrap();
    list.split('`')
        .filter_map(|piece| piece.strip_prefix("docker "))
        .collect()
}

/// The README's first console block.
fn session() -> Vec<Shown> {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```console\n").unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    let mut session: Vec<Shown> = Vec::new();
    for line in block.lines() {
        let prompt = line
            .split_once(['$', '#'])
            .filter(|(who, _)| ["alice", "bob", "root"].contains(who));
        match (prompt, session.last_mut()) {
            (Some((who, typed)), _) => session.push(Shown {
                who: who.to_owned(),
                typed: typed.trim().to_owned(),
                answer: String::new(),
            }),
            (None, Some(last)) => last.answer += &format!("{line}\n"),
            (None, None) => panic!("an answer before any prompt: {line}"),
        }
    }
    session
}

/// An alias works in scripts only when asked for, and from the next line on.
fn with_alias(typed: &str) -> [String; 2] {
    let script = format!("shopt -s expand_aliases\nalias docker=dock\n{typed}");
    ["-c".to_owned(), script]
}

fn said(output: &Output) -> String {
    output.out() + &output.err()
}

/// Without what differs each time: ids.
fn plain(text: &str) -> String {
    let is_id = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    // How docker points to its help after an error differs between its versions.
    let without_pointer = |text: &str| {
        let end = ["\nSee 'docker ", "\n\nRun 'docker "]
            .iter()
            .find_map(|pointer| text.find(pointer));
        end.map_or(text.to_owned(), |end| {
            text[..end].trim_end_matches('.').to_owned()
        })
    };
    without_pointer(text)
        .lines()
        .map(|line| if is_id(line) { "ID" } else { line.trim_end() })
        .collect::<Vec<_>>()
        .join("\n")
}
