//! `dock admin audit`: who did what, read back from wherever gates write it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::configuration::copied;
use crate::harness::{
    GATE, Gate, Output, Person, bed, eventually, root, unique, with_configuration,
};

fn audit(admin: &Person, words: &[&str]) -> Output {
    admin.dock([&["admin", "audit"], words].concat()).output()
}

/// The lines of `--json`, parsed.
fn lines(output: &Output) -> Vec<Value> {
    let text = output.success();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// Of each line what was done to what: `container.create web`.
fn done(lines: &[Value]) -> Vec<String> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    lines
        .iter()
        .map(|line| format!("{} {}", text(line, "verb"), text(line, "object")))
        .collect()
}

/// A copy of the bed's configuration that says `audit` of where lines go.
fn configured(audit: &str) -> PathBuf {
    let folder = copied();
    let file = folder.join("conf.d/00-bed.toml");
    let text = fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("file ="))
        .collect();
    fs::write(&file, format!("{}\n{audit}\n", kept.join("\n"))).unwrap();
    folder
}

fn with_file(file: &Path) -> PathBuf {
    configured(&format!("file = \"{}\"", file.display()))
}

/// A line as a gate writes it.
fn line(time: u64, login: &str, verb: &str) -> String {
    format!(
        "{{\"time\":{time},\"verdict\":\"permit\",\"uid\":1001,\"login\":\"{login}\",\"space\":\"u1001\",\"verb\":\"{verb}\",\"object\":\"web\"}}\n"
    )
}

fn append(file: &Path, text: &str) {
    use std::io::Write as _;
    let mut file = fs::File::options()
        .append(true)
        .create(true)
        .open(file)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn what_was_done_and_what_was_refused_is_shown_and_filtered() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    alice
        .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
        .output()
        .success();
    alice.dock(["volume", "create", "data"]).output().success();
    alice.dock(["volume", "rm", "data"]).output().success();
    bob.dock(["run", "--privileged", "busybox"])
        .output()
        .fails(125, "create.privileged");
    let of = |words: &[&str]| {
        let both = ["--json", "--user", &alice.login, "--user", &bob.login];
        done(&lines(&audit(&carol, &[&both[..], words].concat())))
    };
    let all = of(&[]);
    for wanted in ["container.create web", "volume.create data"] {
        assert!(all.contains(&wanted.to_owned()), "{all:?}");
    }
    assert!(
        of(&["--refused"])
            .iter()
            .all(|it| it.starts_with("container.create "))
    );
    assert_eq!(of(&["--refused"]).len(), 1);
    assert_eq!(of(&["--verb", "volume.*"]).len(), 2);
    assert_eq!(of(&["--object", "data"]).len(), 2);
    assert_eq!(
        of(&["--verb", "create", "--object", "data"]),
        ["volume.create data"]
    );
    assert!(of(&["--space", &bob.login]).len() < all.len());
    assert_eq!(
        of(&["--space", &format!("u{}", bob.uid), "--refused"]).len(),
        1
    );
    assert!(of(&["--admins"]).is_empty());
    assert!(of(&["--until", "1h"]).is_empty() && of(&["--since", "1h"]) == all);
    assert_eq!(of(&["-n", "1", "--space", &alice.login]).len(), 1);
    // For people: by name, with heads.
    let words = ["--space", &alice.login, "--verb", "container.start"];
    let table = audit(&carol, &words).success();
    let shown: Vec<&str> = table.lines().collect();
    assert!(
        shown[0].starts_with("TIME  ") && shown[0].contains("VERDICT"),
        "{table}"
    );
    assert!(
        shown[1].contains(&format!("{}/web", alice.login)),
        "{table}"
    );
    let format = "{{.User}} {{.Verb}} {{.Verdict}}";
    let one = audit(&carol, &[&words[..], &["--format", format]].concat()).success();
    assert_eq!(one, format!("{} container.start permit", alice.login));
    alice.clear();
}

#[test]
fn what_is_gone_is_still_called_by_its_name() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    for words in [
        &["create", "--name", "web", "busybox"][..],
        &["network", "create", "back"],
        &["rm", "web"],
        &["network", "rm", "back"],
    ] {
        alice.dock(words).output().success();
    }
    bob.dock(["create", "--name", "web", "busybox"])
        .output()
        .success();
    let bobs = format!("{}/web", bob.login);
    carol.dock(["admin", "rm", &bobs]).output().success();
    let removed = |space: &Person, object: &str| {
        let words = [
            "--space",
            &space.login,
            "--verb",
            "remove",
            "--object",
            object,
        ];
        let format = ["--format", "{{.User}} {{.Object}}"];
        audit(&carol, &[&words[..], &format].concat()).success()
    };
    // Who removed it, in the words of the lists.
    let alices = |name: &str| format!("{0} {0}/{name}", alice.login);
    assert_eq!(removed(&alice, "web"), alices("web"));
    assert_eq!(removed(&alice, "back"), alices("back"));
    assert_eq!(removed(&alice, "we"), "");
    assert_eq!(
        removed(&bob, "web"),
        format!("{} (admin) {bobs}", carol.login)
    );
    alice.clear();
}

#[test]
fn only_admins_read_it_and_mistakes_are_told() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    audit(&alice, &[]).fails(125, "is not in group \"dock-admin\"");
    audit(&carol, &["-n", "1"]).success();
    audit(&carol, &["--since", "yesterday"]).fails(2, "is no moment");
    audit(&carol, &["--space", "nobody-at-all"]).fails(1, "there is no user");
    audit(&carol, &["--format", "{{.Nonsense}}"]).fails(2, "Nonsense");
    audit(&carol, &["-f", "--until", "1h"]).fails(2, "--follow");
}

/// Every route of the admin gate, and whose space it is about.
#[test]
fn all_that_an_admin_does_is_written_under_the_admins_name() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let make = |name: &str| {
        let words = ["run", "-d", "--name", name, "busybox", "sleep", "1000"];
        alice.dock(words).output().success()
    };
    let (web, old) = (make("web"), make("old"));
    alice.dock(["volume", "create", "data"]).output().success();
    let network = alice.dock(["network", "create", "lab"]).output().success();
    let (volume, space) = (alice.real("data"), format!("u{}", alice.uid));
    let own = space.as_str();
    let acting = format!("{{\"user\":\"{}\"}}", alice.login);
    for (method, target, body, verb, space) in [
        ("GET", "/dock/spaces".to_owned(), None, "admin.spaces", ""),
        (
            "GET",
            "/dock/containers".to_owned(),
            None,
            "admin.containers",
            "",
        ),
        ("GET", "/dock/host".to_owned(), None, "admin.host", ""),
        ("GET", "/dock/images".to_owned(), None, "admin.images", ""),
        (
            "GET",
            "/dock/networks".to_owned(),
            None,
            "admin.networks",
            "",
        ),
        ("GET", "/dock/volumes".to_owned(), None, "admin.volumes", ""),
        (
            "GET",
            "/dock/audit?until=1".to_owned(),
            None,
            "admin.audit",
            "",
        ),
        (
            "GET",
            format!("/dock/containers/{web}/logs"),
            None,
            "container.logs",
            own,
        ),
        (
            "POST",
            format!("/dock/containers/{web}/stop?t=0"),
            None,
            "container.stop",
            own,
        ),
        (
            "POST",
            format!("/dock/containers/{web}/start"),
            None,
            "container.start",
            own,
        ),
        (
            "DELETE",
            format!("/dock/containers/{old}?force=1"),
            None,
            "container.remove",
            own,
        ),
        (
            "DELETE",
            format!("/dock/networks/{network}"),
            None,
            "network.remove",
            own,
        ),
        (
            "DELETE",
            format!("/dock/volumes/{volume}"),
            None,
            "volume.remove",
            own,
        ),
        (
            "DELETE",
            "/dock/images/none-such".to_owned(),
            None,
            "image.remove",
            "",
        ),
        (
            "POST",
            "/dock/as".to_owned(),
            Some(acting.as_str()),
            "admin.as",
            own,
        ),
    ] {
        let gate = Gate::start(&carol, &["sudo", "-n", GATE, "--admin"]);
        gate.request(method, &target, body);
        drop(gate);
        let found = lines(&audit(
            &carol,
            &["--json", "--user", &carol.login, "--verb", verb],
        ));
        let is_hers = |line: &Value| {
            line["admin"] == true && line["uid"] == carol.uid && line["space"] == space
        };
        assert!(found.iter().any(is_hers), "{method} {target}: {found:?}");
    }
    let acts = |words: &[&str]| {
        let begin = ["admin", "--as", &alice.login];
        carol.dock([&begin[..], words].concat()).output().success();
    };
    acts(&[
        "run",
        "--rm",
        "-e",
        "TOKEN=geheim",
        "--name",
        "env",
        "busybox",
        "echo",
        "sesam",
    ]);
    acts(&["exec", "-e", "TOKEN=geheim", "web", "echo", "sesam"]);
    acts(&["logs", "web"]);
    acts(&["volume", "create", "more"]);
    for words in [
        ["volume", "inspect", "more"],
        ["network", "inspect", "bridge"],
    ] {
        acts(&words);
    }
    acts(&["info"]);
    let words = [
        "--json",
        "--user",
        &carol.login,
        "--space",
        &alice.login,
        "--admins",
    ];
    let verbs = done(&lines(&audit(&carol, &words))).join("\n") + "\n";
    for verb in [
        "container.create env",
        "exec.create ",
        "container.logs ",
        "volume.create more",
        "volume.inspect ",
        "network.inspect ",
        "system.info ",
    ] {
        assert!(verbs.contains(verb), "{verb}: {verbs}");
    }
    let written = fs::read_to_string(bed("DOCK_BED_AUDIT")).unwrap();
    assert!(!written.contains("geheim") && !written.contains("sesam"));
    alice.clear();
}

#[test]
fn a_files_rotated_neighbours_are_read_and_compressed_ones_named() {
    let carol = Person::admin("carol");
    let file = PathBuf::from(format!("/run/bed/{}.log", unique("audit")));
    let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
    append(&beside(".3.gz"), "x");
    append(&beside(".2"), &line(1000, "alice", "one.old"));
    sleep(Duration::from_millis(20));
    append(&beside(".1"), &line(2000, "alice", "two.old"));
    sleep(Duration::from_millis(20));
    append(
        &file,
        &(line(3000, "alice", "three.new") + "no line\n{\"time\":1}\n"),
    );
    let folder = with_file(&file);
    let output = read(&carol, &folder, &["--json", "--until", "4000"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let verbs: Vec<&str> = text
        .split("\"verb\":\"")
        .skip(1)
        .map(|rest| &rest[..3])
        .collect();
    assert_eq!(verbs, ["one", "two", "thr"], "{text}");
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(
        notes.contains(".3.gz' is compressed and not read"),
        "{notes}"
    );
    // What others could have written is not shown.
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let output = read(&carol, &folder, &["--json"]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("others than root write it"), "{words}");
    assert_eq!(output.status.code(), Some(1), "{words}");
}

/// `dock admin audit WORDS` with `folder` in the place of /etc/dock.
fn read(person: &Person, folder: &Path, words: &[&str]) -> std::process::Output {
    let mut command = with_configuration(person, folder);
    command
        .args(["/usr/local/bin/dock", "admin", "audit"])
        .args(words)
        .output()
        .unwrap()
}

#[test]
fn a_file_is_followed_across_its_rotation_until_it_is_interrupted() {
    let carol = Person::admin("carol");
    let file = PathBuf::from(format!("/run/bed/{}.log", unique("audit")));
    append(&file, &line(1000, "alice", "old.one"));
    let folder = with_file(&file);
    let out = PathBuf::from(format!("/run/bed/{}.out", unique("audit")));
    let mut follows = with_configuration(&carol, &folder)
        .args([
            "/usr/local/bin/dock",
            "admin",
            "audit",
            "-f",
            "-n",
            "1",
            "--user",
            "alice",
        ])
        .stdout(fs::File::create(&out).unwrap())
        .spawn()
        .unwrap();
    let shown = |text: &str| {
        eventually(text, || {
            fs::read_to_string(&out)
                .unwrap()
                .contains(text)
                .then_some(())
        });
    };
    shown("old.one");
    append(&file, &line(2000, "alice", "new.two"));
    shown("new.two");
    append(&file, &line(2000, "mallory", "other.three"));
    fs::rename(&file, format!("{}.1", file.display())).unwrap();
    append(&file, &line(3000, "alice", "after.four"));
    shown("after.four");
    let pid = nix::unistd::Pid::from_raw(follows.id().cast_signed());
    nix::sys::signal::kill(pid, Signal::SIGINT).unwrap();
    let status = follows.wait().unwrap();
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2),
        "{status:?}"
    );
    let text = fs::read_to_string(&out).unwrap();
    assert!(!text.contains("mallory"), "{text}");
    assert_eq!(text.lines().count(), 4, "{text}");
}

/// Words for bash that lay a /dev, a /run/systemd and a /var/log of its own over
/// the host's, where a log daemon can be.
const HOST: &str = r#"
    mkdir -p "$DEV" && mount --rbind /dev "$DEV" && mount -t tmpfs tmpfs /dev
    for node in null zero full random urandom tty; do
        : >/dev/$node && mount --bind "$DEV/$node" /dev/$node
    done
    for folder in /run/systemd /var/log; do mount -t tmpfs -o mode=755 tmpfs $folder; done
    mkdir -p /run/log && mount -t tmpfs tmpfs /run/log
    mount --bind "$CONFIG" /etc/dock
    as() { local who=$1; shift; setpriv --reuid "$who" --regid "$who" --init-groups -- "$@"; }
"#;

/// Runs `script` after [`HOST`]; gives its output.
fn on_a_host(folder: &Path, people: &[(&str, &Person)], script: &str) -> Output {
    let words = ["--mount", "--propagation", "private", "bash", "-ec"];
    let script = format!("{HOST}{script}");
    let mut step = root("unshare", words.iter().copied().chain([script.as_str()]));
    for (name, person) in people {
        step = step.env(name, &person.login);
    }
    let dev = format!("/run/bed/{}", unique("dev"));
    step.env("CONFIG", folder).env("DEV", dev).output()
}

const FORGED: &str =
    r#"{"time":5000,"verdict":"permit","uid":0,"login":"root","verb":"forged.line"}"#;

#[test]
fn journald_is_read_and_a_forged_line_is_never_shown() {
    let (alice, mallory, carol) = (
        Person::fresh("alice"),
        Person::fresh("mallory"),
        Person::admin("carol"),
    );
    let people = [("ALICE", &alice), ("MALLORY", &mallory), ("CAROL", &carol)];
    let script = format!(
        r#"
        mkdir /run/systemd/journal /run/log/journal
        /lib/systemd/systemd-journald >/dev/null 2>&1 &
        journald=$!
        trap 'kill $journald' EXIT
        for _ in $(seq 100); do [ -S /run/systemd/journal/dev-log ] && break; sleep 0.1; done
        ln -s /run/systemd/journal/dev-log /dev/log
        as "$ALICE" dock volume create data >/dev/null
        # Anybody at all; the engine for a container, as root; both linger, so that
        # journald can see who they are.
        (echo '{FORGED}'; sleep 1) | as "$MALLORY" logger -t dock-gate -p authpriv.info
        (echo '{FORGED}'; sleep 1) | logger -t dock-gate -p authpriv.info
        as "$CAROL" timeout -s INT 6 dock admin audit --json -f >/var/log/followed &
        follows=$!
        sleep 2
        as "$ALICE" dock volume rm data >/dev/null
        as "$MALLORY" logger -t dock-gate -p authpriv.info '{FORGED}'
        wait $follows || true
        journalctl --quiet -o cat -t dock-gate | grep -c forged.line
        cat /var/log/followed
        as "$CAROL" dock admin audit --json --space "$ALICE"
    "#
    );
    let text = on_a_host(&configured(""), &people, &script).success();
    let (forged, rest) = text.split_once('\n').unwrap();
    assert_eq!(forged, "3", "the attack was not made: {text}");
    assert!(!rest.contains("forged.line"), "{rest}");
    let lines: Vec<Value> = rest
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let verbs = done(&lines);
    // Once each: where the reading ends and the following begins nothing is told twice.
    let real = format!("volume.remove {}", alice.real("data"));
    for wanted in ["volume.create data", &real] {
        let count = verbs.iter().filter(|it| *it == wanted).count();
        assert_eq!(count, 2, "{wanted}: {verbs:?}");
    }
    assert!(lines.iter().all(|line| line["verified"] == true), "{rest}");
}

#[test]
fn a_syslog_file_is_read_and_said_to_be_open_to_forgery() {
    let carol = Person::admin("carol");
    let genuine = line(1000, "alice", "genuine.line");
    let script = format!(
        r#"
        {{
            echo 'Nov 25 15:06:37 host sudo: something else'
            echo 'Nov 25 15:06:37 host dock-gate[7]: {genuine}'
            echo 'Nov 25 15:06:38 host dock-gate[8]: {FORGED}'
        }} >/var/log/auth.log
        # What no daemon took.
        echo '{fallback}' >/var/log/dock.log
        as "$CAROL" dock admin audit --until 9000 2>&1
        as "$CAROL" dock admin audit --until 9000 --json 2>/dev/null
    "#,
        genuine = genuine.trim(),
        fallback = line(2000, "alice", "fallback.line").trim(),
    );
    let text = on_a_host(&configured(""), &[("CAROL", &carol)], &script).success();
    let of = |verb: &str| {
        let found = text.lines().filter(|line| line.contains(verb));
        found.map(str::to_owned).collect::<Vec<String>>()
    };
    assert!(
        text.starts_with("dock: '/var/log/auth.log' is written by the log daemon"),
        "{text}"
    );
    for verb in ["genuine.line", "forged.line"] {
        let [shown, json] = of(verb).try_into().unwrap();
        assert!(shown.contains("permit (unverified)"), "{text}");
        assert!(json.ends_with("\"verified\":false}"), "{text}");
    }
    let [shown, json] = of("fallback.line").try_into().unwrap();
    assert!(
        !shown.contains("unverified") && json.ends_with("\"verified\":true}"),
        "{text}"
    );
    // In the order of their time, whatever file they come from.
    let at = |verb: &str| text.find(verb).unwrap();
    assert!(at("genuine.line") < at("fallback.line") && at("fallback.line") < at("forged.line"));
}
