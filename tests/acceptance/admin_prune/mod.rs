//! `dock admin prune`: what the policy names goes, and nothing else does.
//!
//! One engine serves all tests, so each keeps to what carries its own label, and
//! prunes one after the other.

mod idle;
mod mixed;
mod told;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::configuration::{append, copied};
use crate::harness::{Person, bed, root, root_docker, unique};

/// A second prune says that another is at work, so tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A host with a configuration and a memory of its own.
struct Host {
    etc: PathBuf,
    lib: PathBuf,
    admin: Person,
}

impl Host {
    /// With `text` under `[prune]`.
    fn new(text: &str) -> Host {
        let etc = copied();
        append(&etc.join("dock.toml"), &format!("\n[prune]\n{text}\n"));
        let lib = PathBuf::from(format!("/run/bed/{}", unique("lib")));
        let copy = ["-a", "/var/lib/dock", lib.to_str().unwrap()];
        root("cp", copy).output().success();
        root("rm", ["-f", lib.join("activity").to_str().unwrap()])
            .output()
            .success();
        Host {
            etc,
            lib,
            admin: Person::admin("carol"),
        }
    }

    /// `dock admin prune WORDS...` there.
    fn prune(&self, words: &[&str]) -> Output {
        let script = "mount --bind \"$1\" /etc/dock && mount --bind \"$2\" /var/lib/dock && shift 2 && \
                      exec setpriv --reuid \"$1\" --regid \"$2\" --init-groups -- \"${@:3}\"";
        let own = [
            "--mount",
            "--propagation",
            "private",
            "bash",
            "-c",
            script,
            "bash",
        ];
        let mut command: Command = root("unshare", own).into_command();
        command
            .args([&self.etc, &self.lib])
            .args([self.admin.uid.to_string(), self.admin.gid.to_string()])
            .args(["/usr/local/bin/dock", "admin", "prune"])
            .args(words)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    }

    /// What the gate remembers, changed by `change`.
    fn remember(&self, change: impl FnOnce(&mut Value)) {
        let file = self.lib.join("activity");
        let mut memory = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        change(&mut memory);
        std::fs::write(&file, memory.to_string()).unwrap();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.lib);
    }
}

#[track_caller]
fn success(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The lines of `--json`.
#[track_caller]
fn rows(output: &Output) -> Vec<Value> {
    serde_json::from_str(&success(output)).unwrap()
}

/// `KIND OWNER/NAME` of each row whose member `key` is `value`.
fn named(rows: &[Value], key: &str, value: &str) -> BTreeSet<String> {
    rows.iter()
        .filter(|row| row[key] == value)
        .map(|row| {
            let owner = row["owner"]["login"].as_str().unwrap_or("-");
            let word = |key: &str| row[key].as_str().unwrap().to_owned();
            format!("{} {owner}/{}", word("kind"), word("name"))
        })
        .collect()
}

/// Everything with the label `mark`, as root sees it: `KIND NAME`.
fn everything(mark: &str) -> BTreeSet<String> {
    let filter = format!("label={mark}");
    let mut all = BTreeSet::new();
    for (kind, words) in [
        (
            "container",
            &["ps", "-a", "--format", "{{.Names}} {{.State}}"][..],
        ),
        ("volume", &["volume", "ls", "--format", "{{.Name}}"]),
        ("network", &["network", "ls", "--format", "{{.Name}}"]),
        ("image", &["images", "--format", "{{.Repository}}"]),
    ] {
        let listed = root_docker(words.iter().copied().chain(["--filter", &filter]));
        let listed = listed.output().success();
        all.extend(listed.lines().map(|line| format!("{kind} {line}")));
    }
    all
}

/// A container of `person`'s that ended, with the label `mark`.
fn ended(person: &Person, name: &str, mark: &str) {
    let words = ["run", "--name", name, "--label", mark, "busybox", "true"];
    person.dock(words).output().success();
}

/// `dock admin prune WORDS...` on this host, as `admin`.
fn prune(admin: &Person, words: &[&str]) -> crate::harness::Output {
    admin.dock([&["admin", "prune"], words].concat()).output()
}

#[test]
fn without_a_policy_nothing_goes_and_a_question_needs_somebody_to_answer() {
    let carol = Person::admin("carol");
    let refused = prune(&carol, &["--yes"]);
    refused.fails(2, "dock: nothing says what may go, so nothing does");
    assert!(refused.err().contains("hint: set ages under [prune]"));
    prune(&carol, &["--containers", "30d"]).fails(2, "there is no terminal to ask at");
    prune(&carol, &["--containers", "30"]).fails(2, "is no length of time");
    prune(
        &carol,
        &["--containers", "1d", "--filter", "x=1", "--dry-run"],
    )
    .fails(2, "\"x=1\" is no filter");
    // The twins.
    let _turn = turn();
    let nobodys = ["--containers", "30d", "--filter", "owner=nobody-here"];
    let none = prune(&carol, &[&nobodys[..], &["--yes"]].concat());
    assert_eq!(none.success(), "Total reclaimed space: 0B");
    prune(&carol, &[&nobodys[..], &["--dry-run"]].concat()).output_is_a_table();
}

impl crate::harness::Output {
    #[track_caller]
    fn output_is_a_table(&self) {
        let shown = self.success();
        assert!(shown.starts_with("ACTION   KIND"), "{shown}");
        assert!(shown.ends_with("Total reclaimable space: 0B"), "{shown}");
    }
}

#[test]
fn somebody_at_a_terminal_is_asked() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    ended(&alice, "old", "prune=asked");
    let owner = format!("owner={}", alice.login);
    let words = ["--containers", "0", "--now", "--filter", &owner];
    let words = [&["admin", "prune"], &words[..]].concat();
    let _turn = turn();
    for (answer, code, left) in [("n\n", 1, "old"), ("\n", 1, "old"), ("y\n", 0, "")] {
        let terminal = carol.dock(&words).on_terminal();
        terminal.expect("WARNING! This will remove:");
        terminal.expect(&format!("  - container {}/old (", alice.login));
        terminal.expect("Are you sure you want to continue? [y/N]");
        terminal.send(answer);
        let (ended, shown) = terminal.wait();
        assert_eq!(ended, code, "{shown}");
        let listed = alice.dock(["ps", "-a", "--format", "{{.Names}}"]).output();
        assert_eq!(listed.success(), left, "{shown}");
    }
}

#[test]
fn the_timers_run_obeys_the_configuration() {
    let (alice, mark) = (Person::fresh("alice"), unique("prune="));
    ended(&alice, "old", &mark);
    let filter = format!("label={mark}");
    let words = ["--scheduled", "--filter", &filter];
    let _turn = turn();
    let off = Host::new("containers = \"0\"\nwarn = \"0\"");
    let output = off.prune(&words);
    assert_eq!((success(&output).as_str(), output.stderr.len()), ("", 0));
    assert_eq!(everything(&mark).len(), 1);
    let on = Host::new("enabled = true\ncontainers = \"0\"\nwarn = \"0\"");
    assert!(success(&on.prune(&words)).contains("Deleted Containers:"));
    assert_eq!(everything(&mark).len(), 0);
    // And says nothing where there is nothing.
    assert_eq!(success(&on.prune(&words)), "");
}

#[test]
fn two_at_once_are_one_too_many() {
    let (carol, dave) = (Person::admin("carol"), Person::admin("dave"));
    let _turn = turn();
    let gate = crate::harness::Gate::admin(&carol);
    assert_eq!(gate.request("POST", "/dock/prune", None).status, 204);
    let words = ["--containers", "30d", "--filter", "owner=nobody-here"];
    let refused = prune(&dave, &[&words[..], &["--yes"]].concat());
    refused.fails(1, "dock: another 'dock admin prune' is at work");
    // A look is no prune.
    prune(&dave, &[&words[..], &["--dry-run"]].concat()).success();
    drop(gate);
    prune(&dave, &[&words[..], &["--yes"]].concat()).success();
}

#[test]
fn what_is_said_to_the_new_routes_is_read_strictly() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let gate = crate::harness::Gate::admin(&carol);
    for (path, body) in [
        (
            "/dock/warnings",
            r#"{"warnings":[{"kind":"x","id":"a","rule":"b"}]}"#,
        ),
        (
            "/dock/warnings",
            r#"{"warnings":[{"kind":"image","id":"a"}]}"#,
        ),
        ("/dock/activity", r#"{"busy":[],"x":1}"#),
        (
            "/dock/warnings",
            r#"{"warnings":[{"kind":"image","id":"a","rule":"0123456789012345678901234567890123"}]}"#,
        ),
        ("/dock/notices", r#"{"space":"root","lines":[]}"#),
        ("/dock/notices", r#"{"space":"../x","lines":[]}"#),
        ("/dock/notices", r#"{"space":"g100","lines":[]}"#),
        (
            "/dock/notices",
            r#"{"space":"u1001","lines":[],"path":"/etc/passwd"}"#,
        ),
    ] {
        assert_eq!(gate.request("POST", path, Some(body)).status, 400, "{body}");
    }
    assert_eq!(gate.request("POST", "/dock/activity?x=1", None).status, 400);
    let notice = format!(r#"{{"space":"u{}","lines":["a\u001b[2J"]}}"#, alice.uid);
    assert_eq!(
        gate.request("POST", "/dock/notices", Some(&notice)).status,
        204
    );
    let file = format!("/var/spool/dock/{}", alice.login);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, "a?[2J\n");
    // It is hers alone, in a folder that is root's.
    let shown = root("stat", ["-c", "%U %a", &file, "/var/spool/dock"]).output();
    assert_eq!(shown.success(), format!("{} 600\nroot 711", alice.login));
    let bob = Person::fresh("bob");
    assert_ne!(bob.command("/bin/cat", [&file]).output().code, 0);
    assert_ne!(bob.command("/bin/ls", ["/var/spool/dock"]).output().code, 0);
    // Every decision leaves a line.
    let audit = std::fs::read_to_string(bed("DOCK_BED_AUDIT")).unwrap();
    let told = |line: &str| {
        line.contains("\"admin.notice\"") && line.contains(&format!("\"u{}\"", alice.uid))
    };
    assert!(audit.lines().any(told));
}
