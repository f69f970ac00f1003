//! Admins: who is one, what they see, and what they do to others' objects.

use crate::configuration::{append, copied};
use crate::harness::{GATE, Gate, Person, Record, bed, root, root_docker, unique};
use serde_json::Value;

/// Every verb, with what makes it a whole command.
const VERBS: &[&[&str]] = &[
    &["ls"],
    &["ps"],
    &["images"],
    &["volumes"],
    &["networks"],
    &["doctor"],
    &["stop", "alice/web"],
    &["start", "alice/web"],
    &["rm", "alice/web"],
    &["logs", "alice/web"],
    &["exec", "alice/web", "true"],
    &["prune", "--containers", "1d", "--dry-run"],
    &["--as", "alice", "ps"],
];

fn started(person: &Person, name: &str) -> String {
    let words = ["run", "-d", "--name", name, "busybox", "sleep", "1000"];
    person.dock(words).output().success().trim().to_owned()
}

/// `dock admin WORDS...`
fn admin(person: &Person, words: &[&str]) -> crate::harness::Output {
    person.dock([&["admin"], words].concat()).output()
}

/// The lines of the audit that `person` left.
fn lines_of(person: &Person) -> Vec<Value> {
    let text = std::fs::read_to_string(bed("DOCK_BED_AUDIT")).unwrap();
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["uid"] == person.uid)
        .collect()
}

#[test]
fn who_is_no_admin_is_refused_by_every_verb() {
    let alice = Person::fresh("alice");
    for verb in VERBS {
        let refused = admin(&alice, verb);
        assert_eq!(refused.code, 125, "{verb:?}: {refused:?}");
        assert_eq!(
            refused.err(),
            format!(
                "dock: \"{}\" is not in group \"dock-admin\", whose members may run 'dock admin'\n\n\
                 hint: its members see every space on this host; root decides who is one \
                 ('usermod -aG dock-admin LOGIN')\n",
                alice.login
            )
        );
    }
    let refused = alice
        .command("/usr/bin/sudo", ["-n", GATE, "--admin"])
        .output();
    assert_ne!(refused.code, 0);
    // The twin: an admin's own gate serves her.
    let carol = Person::admin("carol");
    assert_eq!(
        Gate::admin(&carol)
            .request("GET", "/dock/spaces", None)
            .status,
        200
    );
    assert_eq!(admin(&carol, &["ls"]).code, 0);
}

#[test]
fn who_was_an_admin_a_moment_ago_is_none() {
    let carol = Person::admin("carol");
    let gate = Gate::admin(&carol);
    assert_eq!(gate.request("GET", "/dock/spaces", None).status, 200);
    carol.leave("dock-admin");
    let refused = gate.request("GET", "/dock/spaces", None);
    assert_eq!(refused.status, 503);
    assert!(refused.message().contains("is not in group"), "{refused:?}");
    assert_eq!(gate.request("GET", "/containers/json", None).status, 503);
}

#[test]
fn a_persons_gate_has_no_admins_routes() {
    let alice = Person::fresh("alice");
    let gate = Gate::open(&alice);
    for (method, path) in [
        ("GET", "/dock/spaces"),
        ("GET", "/v1.41/dock/spaces"),
        ("POST", "/dock/as"),
    ] {
        assert_eq!(gate.request(method, path, None).status, 404, "{path}");
    }
}

#[test]
fn an_admins_gate_serves_the_engine_in_one_space_alone() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let web = started(&alice, "web");
    let gate = Gate::admin(&carol);
    for (method, path) in [
        ("GET", "/v1.41/containers/json"),
        ("GET", "/_ping"),
        ("POST", "/v1.41/containers/create"),
    ] {
        let refused = gate.request(method, path, None);
        assert_eq!(refused.status, 503, "{path}");
        assert!(
            refused.message().contains("no space was named"),
            "{refused:?}"
        );
    }
    let user = format!(r#"{{"user":"{}"}}"#, alice.login);
    assert_eq!(gate.request("POST", "/dock/as", Some(&user)).status, 204);
    assert_eq!(gate.request("POST", "/dock/as", Some(&user)).status, 409);
    let listed = gate.request("GET", "/v1.41/containers/json", None).json();
    assert_eq!(listed[0]["Id"], web.as_str());
    assert_eq!(listed.as_array().unwrap().len(), 1);
    alice.clear();
}

#[test]
fn requests_that_mean_something_else_are_refused() {
    let carol = Person::admin("carol");
    let gate = Gate::admin(&carol);
    let record = Record::mark();
    let id = "a".repeat(64);
    for (method, path, body, status) in [
        ("POST", "/dock/as", Some(r#"{"user":"root"}"#), 400),
        ("POST", "/dock/as", Some(r#"{"user":"daemon"}"#), 400),
        ("POST", "/dock/as", Some(r#"{"user":"g100"}"#), 400),
        ("POST", "/dock/as", Some(r#"{"user":"x","uid":0}"#), 400),
        ("POST", "/dock/as", Some(r#"{"user":"x","user":"y"}"#), 400),
        ("POST", "/dock/as", Some(r"{}"), 400),
        ("POST", "/dock/as", None, 415),
        ("DELETE", "/dock/containers/web", None, 400),
        ("DELETE", "/dock/containers/..", None, 400),
        ("DELETE", "/dock/images/a%2F..%2Fb", None, 400),
        (
            "DELETE",
            "/dock/images/x.dock.invalid%2F..%2F..%2Fcontainers",
            None,
            400,
        ),
        ("DELETE", "/dock/volumes/..", None, 400),
        (
            "DELETE",
            &format!("/dock/containers/{id}?link=1"),
            None,
            400,
        ),
        (
            "GET",
            "/dock/containers?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D",
            None,
            400,
        ),
        ("GET", "/dock/containers?filters=%5B", None, 400),
        ("GET", "/dock/../containers/json", None, 400),
    ] {
        let answer = gate.request(method, path, body);
        assert_eq!(
            answer.status, status,
            "{method} {path} {body:?}: {answer:?}"
        );
    }
    // Looked for, and not there.
    assert_eq!(
        gate.request("DELETE", &format!("/dock/containers/{id}"), None)
            .status,
        404
    );
    assert_eq!(
        gate.request("DELETE", "/dock/volumes/nobodys", None).status,
        404
    );
    record.only_reads(&carol);
    assert_eq!(gate.request("GET", "/dock/spaces", None).status, 200);
}

#[test]
fn everybodys_objects_are_listed_with_their_owners() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let web = started(&alice, "web");
    alice.dock(["volume", "create", "data"]).output().success();
    bob.dock(["create", "--name", "db", "-v", "data:/d", "busybox"])
        .output()
        .success();
    bob.dock(["network", "create", "back"]).output().success();
    let rootbox = unique("rootbox");
    root_docker(["create", "--name", &rootbox, "--network", "none", "busybox"])
        .output()
        .success();

    let names = ["--format", "{{.Owner}}/{{.Names}} {{.Image}} {{.State}}"];
    let listed = admin(&carol, &[&["ps", "-a"], &names[..]].concat()).success();
    let lines: Vec<&str> = listed.lines().collect();
    for line in [
        format!("{}/web busybox running", alice.login),
        format!("{}/db busybox created", bob.login),
        format!("-/{rootbox} busybox created"),
    ] {
        assert!(lines.contains(&line.as_str()), "{line}: {listed}");
    }
    // Without -a, what runs alone; and docker's filters, beside the owner's.
    let listed = admin(&carol, &[&["ps"], &names[..]].concat()).success();
    assert!(listed.contains("/web ") && !listed.contains(&format!("{}/db", bob.login)));
    let of = |filters: &[&str]| {
        let mut words = vec!["ps", "-aq", "--no-trunc"];
        for filter in filters {
            words.extend(["--filter", filter]);
        }
        admin(&carol, &words).success()
    };
    let (of_alice, of_bob) = (
        format!("owner={}", alice.login),
        format!("owner=u{}", bob.uid),
    );
    assert_eq!(of(&[&of_alice]).trim(), web);
    assert_eq!(of(&[&of_alice, "status=exited"]).trim(), "");
    assert_eq!(of(&[&of_alice, "name=^w"]).trim(), web);
    assert_eq!(of(&[&of_alice, "name=^u1"]).trim(), "");
    assert_eq!(
        of(&[&of_bob, &format!("volume={}/data", bob.login)])
            .lines()
            .count(),
        1
    );
    assert_eq!(
        of(&[&of_bob, &format!("volume={}/data", alice.login)]).trim(),
        ""
    );
    assert_eq!(of(&[&format!("label=author={}", alice.login)]).trim(), web);

    let volumes = admin(&carol, &["volumes", "--filter", &of_alice, "--json"]).success();
    let volumes: Value = serde_json::from_str(&volumes).unwrap();
    assert_eq!(volumes[0]["name"], "data");
    assert_eq!(volumes[0]["owner"]["space"], format!("u{}", alice.uid));
    assert_eq!(volumes[0]["containers"], 0);
    let words = [
        "networks",
        "--filter",
        &of_bob,
        "--format",
        "{{.Name}} {{.Containers}}",
    ];
    let networks = admin(&carol, &words).success();
    let mut networks: Vec<&str> = networks.lines().collect();
    networks.sort_unstable();
    assert_eq!(networks, ["back 0", "bridge 1"]);

    let spaces = admin(&carol, &["ls", "--json"]).success();
    let spaces: Vec<Value> = serde_json::from_str(&spaces).unwrap();
    let space = |person: &Person| {
        let name = format!("u{}", person.uid);
        spaces
            .iter()
            .find(|row| row["space"] == name.as_str())
            .unwrap()
    };
    let alices = space(&alice);
    assert_eq!(alices["login"], alice.login.as_str());
    assert_eq!(
        (&alices["running"], &alices["containers"]),
        (&1.into(), &1.into())
    );
    assert_eq!(alices["volumes"], 1);
    assert_eq!(alices["account"], true);
    assert!(alices["last_use"].as_i64().unwrap() > 1_700_000_000);
    let bobs = space(&bob);
    assert_eq!(
        (&bobs["running"], &bobs["containers"]),
        (&0.into(), &1.into())
    );
    assert_eq!(
        (&bobs["volumes"], &bobs["networks"]),
        (&1.into(), &2.into())
    );

    root_docker(["rm", &rootbox]).output().success();
    alice.clear();
    bob.clear();
}

#[test]
fn a_space_shows_what_it_takes_on_the_disk() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let script = "dd if=/dev/zero of=/a bs=1M count=3; dd if=/dev/zero of=/d/b bs=1M count=5";
    let words = [
        "run", "--name", "web", "-v", "data:/d", "busybox", "sh", "-c", script,
    ];
    alice.dock(words).output().success();
    let listed = admin(&carol, &["ls", "--json"]).success();
    let spaces: Vec<Value> = serde_json::from_str(&listed).unwrap();
    let name = format!("u{}", alice.uid);
    let row = spaces
        .iter()
        .find(|row| row["space"] == name.as_str())
        .unwrap();
    let disk = row["disk"].as_i64().unwrap();
    assert!((8 << 20..9 << 20).contains(&disk), "{disk}");
    // Asked without it, it is not measured.
    let listed = admin(&carol, &["ls", "--no-size", "--json"]).success();
    assert!(listed.contains(r#""disk":null"#));
    alice.clear();
}

#[test]
fn lists_are_sorted_by_what_was_asked_for() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    for name in ["bb", "cc", "aa"] {
        alice
            .dock(["create", "--name", name, "--network", "none", "busybox"])
            .output()
            .success();
    }
    let owner = format!("owner={}", alice.login);
    let sorted = |by: &str| {
        let words = [
            "ps",
            "-a",
            "--filter",
            &owner,
            "--format",
            "{{.Names}}",
            "--sort",
            by,
        ];
        admin(&carol, &words)
            .success()
            .lines()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(sorted("names"), "aa bb cc");
    assert_eq!(sorted("-names"), "cc bb aa");
    let wrong = admin(&carol, &["ps", "--sort", "colour"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong
            .err()
            .starts_with("dock: there is no column \"colour\"\n\nhint: there is Owner, ID,")
    );
    alice.clear();
}

#[test]
fn a_name_cannot_write_on_an_admins_terminal() {
    let (mallory, carol) = (Person::fresh("mallory"), Person::admin("carol"));
    let evil = "x\u{1b}[2J\u{1b}]0;owned\u{7}";
    mallory
        .dock([
            "create",
            "--name",
            "web",
            "--label",
            &format!("a={evil}"),
            "busybox",
            evil,
        ])
        .output()
        .success();
    let owner = format!("owner={}", mallory.login);
    for words in [
        &["ps", "-a", "--filter", &owner][..],
        &[
            "ps",
            "-a",
            "--filter",
            &owner,
            "--format",
            "{{.Labels}} {{.Command}}",
        ],
        &[
            "ps",
            "-a",
            "--filter",
            &owner,
            "--format",
            "table {{.Labels}}",
        ],
        &["ps", "-a", "--filter", &owner, "--json"],
    ] {
        let listed = admin(&carol, words).success();
        assert!(
            !listed.contains('\u{1b}') && !listed.contains('\u{7}'),
            "{words:?}: {listed:?}"
        );
    }
    mallory.clear();
}

#[test]
fn objects_of_any_owner_are_ended_by_owner_and_name() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    started(&alice, "web");
    started(&bob, "web");
    alice.dock(["volume", "create", "data"]).output().success();
    alice.dock(["network", "create", "back"]).output().success();
    let web = format!("{}/web", alice.login);
    let state = |person: &Person| {
        let format = ["inspect", "-f", "{{.State.Status}}", "web"];
        person.dock(format).output().success().trim().to_owned()
    };
    assert_eq!(admin(&carol, &["stop", "-t", "0", &web]).success(), web);
    // As with docker, once more is no mistake.
    assert_eq!(admin(&carol, &["stop", "-t", "0", &web]).success(), web);
    assert_eq!(
        (state(&alice), state(&bob)),
        ("exited".into(), "running".into())
    );
    admin(&carol, &["start", &web]).success();
    assert_eq!(state(&alice), "running");
    // One that is not there does not keep the others.
    let missing = format!("{}/nothing", alice.login);
    let partly = admin(&carol, &["rm", &missing, &web]);
    assert_eq!(partly.code, 1);
    assert!(
        partly
            .err()
            .contains(&format!("dock: no such container: {missing}"))
    );
    assert!(
        partly.err().contains("dock: the engine says: "),
        "{partly:?}"
    );
    admin(&carol, &["rm", "-f", &web]).success();
    assert_eq!(alice.dock(["ps", "-aq"]).output().success(), "");
    assert_eq!(state(&bob), "running");
    for (kind, name) in [("volume", "data"), ("network", "back")] {
        let name = format!("{}/{name}", alice.login);
        admin(&carol, &["rm", "--type", kind, &name]).success();
        let again = admin(&carol, &["rm", "--type", kind, &name]);
        assert_eq!(again.code, 1, "{again:?}");
    }
    // Her default network went with her last container.
    assert_eq!(
        root_docker([
            "network",
            "ls",
            "-q",
            "--filter",
            &format!("name=u{}-", alice.uid)
        ])
        .output()
        .success(),
        ""
    );
    bob.clear();
}

#[test]
fn output_comes_as_it_was_written() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let script = "printf 'one\\ntwo\\n'; echo three >&2";
    alice
        .dock(["run", "--name", "web", "busybox", "sh", "-c", script])
        .output()
        .success();
    alice
        .dock(["run", "-t", "--name", "tty", "busybox", "echo", "hi"])
        .output()
        .success();
    let web = format!("{}/web", alice.login);
    let logs = admin(&carol, &["logs", &web]);
    assert_eq!(
        (logs.out().as_str(), logs.err().as_str()),
        ("one\ntwo\n", "three\n")
    );
    let words = ["logs", "-f", "-n", "1", &format!("{}/tty", alice.login)];
    assert_eq!(admin(&carol, &words).out(), "hi\r\n");
    assert_eq!(admin(&carol, &["logs", "--tail", "0", &web]).out(), "");
    assert_eq!(admin(&carol, &["logs", "nobody/web"]).code, 1);
    alice.clear();
}

#[test]
fn what_nobody_owns_is_ended_by_admins_and_started_by_root_alone() {
    let carol = Person::admin("carol");
    let name = unique("rootbox");
    root_docker([
        "run",
        "-d",
        "--privileged=false",
        "--network",
        "none",
        "--name",
        &name,
        "busybox",
        "sh",
        "-c",
        "echo hello; sleep 1000",
    ])
    .output()
    .success();
    assert_eq!(admin(&carol, &["logs", &name]).success(), "hello");
    let refused = admin(&carol, &["exec", &name, "id"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .err()
            .starts_with(&format!("dock: nobody owns \"{name}\"\n"))
    );
    admin(&carol, &["stop", "-t", "0", &name]).success();
    let refused = admin(&carol, &["start", &name]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err().contains("[rule admin.unowned]"),
        "{refused:?}"
    );
    root("/usr/local/bin/dock", ["admin", "start", &name])
        .output()
        .success();
    admin(&carol, &["rm", "-f", &name]).success();
}

#[test]
fn acting_in_a_space_is_by_its_owners_rules_and_in_its_owners_name() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let bobs = started(&bob, "db");
    let act = |words: &[&str]| admin(&carol, &[&["--as", alice.login.as_str()], words].concat());
    let id = act(&["run", "-d", "--name", "web", "busybox", "sleep", "1000"]).success();
    let labels = root_docker([
        "inspect",
        "-f",
        "{{.Config.Labels.author}} {{index .Config.Labels \"dock.space\"}}",
        id.trim(),
    ]);
    assert_eq!(
        labels.output().success(),
        format!("{} u{}", alice.login, alice.uid)
    );
    assert_eq!(
        alice.dock(["ps", "-q", "--no-trunc"]).output().success(),
        id
    );
    assert_eq!(act(&["exec", "web", "echo", "hi"]).success(), "hi");
    let refused = act(&["run", "--rm", "--privileged", "busybox"]);
    assert_eq!(refused.code, 125);
    assert!(refused.err().contains("[rule create.privileged]"));
    let foreign = act(&["stop", &bobs]);
    assert_eq!(
        foreign.err(),
        format!("Error response from daemon: No such container: {bobs}\n")
    );
    assert_eq!(act(&["exec", "web", "sh", "-c", "exit 7"]).code, 7);
    // An exec by owner and name is the same.
    let web = format!("{}/web", alice.login);
    assert_eq!(
        admin(&carol, &["exec", "-e", "A=b", &web, "sh", "-c", "echo $A"]).success(),
        "b"
    );

    let lines = lines_of(&carol);
    assert!(
        lines
            .iter()
            .all(|line| line["login"] == carol.login.as_str() && line["admin"] == true)
    );
    let space = format!("u{}", alice.uid);
    for (verb, verdict) in [
        ("admin.as", "permit"),
        ("container.create", "permit"),
        ("container.create", "refuse"),
        ("exec.create", "permit"),
    ] {
        assert!(
            lines.iter().any(|line| line["verb"] == verb
                && line["verdict"] == verdict
                && line["space"] == space.as_str()),
            "{verb} {verdict}: {lines:?}"
        );
    }
    assert!(!format!("{lines:?}").contains("A=b"));
    alice.clear();
    bob.clear();
}

#[test]
fn acting_takes_a_user_who_has_a_space() {
    let carol = Person::admin("carol");
    let stranger = Person::stranger("dave");
    let number = format!("u{}", stranger.uid);
    for (words, code, text) in [
        (
            &["--as", "nobody-at-all", "ps"][..],
            1,
            "dock: there is no user \"nobody-at-all\" on this host",
        ),
        (&["--as", "root", "ps"], 1, "dock: \"root\" has no space"),
        (&["--as", stranger.login.as_str(), "ps"], 1, "has no space"),
        // Nor by a number, which an account need not be behind.
        (&["--as", "u0", "ps"], 1, "dock: \"u0\" has no space"),
        (&["--as", "u1", "ps"], 1, "dock: \"u1\" has no space"),
        (&["--as", &number, "ps"], 1, "has no space"),
        (&["--as", "u4000000000", "ps"], 1, "has no space"),
        (&["--as"], 2, "'--as' takes a USER"),
        (&["--as", "alice"], 2, "'--as' takes a USER"),
        (
            &["--as", "alice", "-H", "tcp://x:1", "ps"],
            2,
            "name another",
        ),
    ] {
        let refused = admin(&carol, words);
        assert_eq!(refused.code, code, "{words:?}: {refused:?}");
        assert!(refused.err().contains(text), "{words:?}: {refused:?}");
    }
    // The twin may begin to use hers, and is named by her number before she has.
    let alice = Person::fresh("alice");
    admin(&carol, &["--as", &format!("u{}", alice.uid), "ps"]).success();
}

#[test]
fn the_space_of_an_account_that_is_gone_is_reached_by_its_number() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let web = started(&alice, "web");
    let (login, space) = (alice.login.clone(), format!("u{}", alice.uid));
    root("userdel", ["--remove", &login]).output();
    let listed = admin(&carol, &["ls", "--format", "{{.Space}} {{.Person}}"]).success();
    assert!(
        listed.contains(&format!("{space} {login} (gone)")),
        "{listed}"
    );
    let act = |words: &[&str]| admin(&carol, &[&["--as", space.as_str()], words].concat());
    assert_eq!(act(&["ps", "-q", "--no-trunc"]).success().trim(), web);
    assert_eq!(admin(&carol, &["--as", &login, "ps"]).code, 1);
    admin(&carol, &["rm", "-f", &format!("{login}/web")]).success();
    alice.clear();
}

#[test]
fn a_container_starts_by_its_owners_rules_of_today() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let wide = copied();
    append(
        &wide.join("dock.toml"),
        "\n[defaults.containers]\ncap_add = [\"SYS_PTRACE\"]\n",
    );
    let body =
        r#"{"Image":"busybox","Cmd":["sleep","1000"],"HostConfig":{"CapAdd":["SYS_PTRACE"]}}"#;
    let made = Gate::open_with_configuration(&alice, &wide).request(
        "POST",
        "/v1.41/containers/create?name=old",
        Some(body),
    );
    assert_eq!(made.status, 201, "{made:?}");
    alice
        .dock(["create", "--name", "new", "busybox", "sleep", "1000"])
        .output()
        .success();
    let refused = admin(&carol, &["start", &format!("{}/old", alice.login)]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err().contains("[rule create.cap-add]"),
        "{refused:?}"
    );
    // The twin was made by the rules of today.
    admin(&carol, &["start", &format!("{}/new", alice.login)]).success();
    alice.clear();
}
