//! What mallory tries with rights that she has. Each attack here succeeded once,
//! or is the one that would be tried first; beside it stands what is allowed.

use std::time::Duration;

use crate::harness::{Gate, Person, Record, eventually, root_docker};

/// Starts a gate after a program that shares its listening socket: that one makes
/// the socket block, which is nobody's but hers to say, and takes connections
/// that the gate was told of. It ends by itself.
const THIEF: &str = r#"
exec 3<&0
perl -e 'alarm 4; open(my $s, "+<&=3") or die; while (1) { fcntl($s, 4, 0); accept(my $c, $s) }' &
exec sudo -n /usr/local/libexec/dock-gate 3<&-
"#;

#[test]
fn a_gate_whose_connections_are_stolen_still_ends() {
    let mallory = Person::fresh("mallory");
    let mut gate = Gate::start(&mallory, &["sh", "-c", THIEF]);
    let stolen: Vec<_> = (0..200).map(|_| gate.connect()).collect();
    std::thread::sleep(Duration::from_secs(5));
    drop(stolen);
    // The twin: it was robbed, and it serves.
    let answer = gate.request("GET", "/_ping", None);
    assert_eq!((answer.status, answer.text().as_str()), (200, "OK"));
    gate.close();
    eventually("the gate ends", || (!gate.is_running()).then_some(()));
}

/// A container of mallory's that says nothing, and a gate.
fn silent(mallory: &Person) -> Gate {
    mallory
        .dock(["run", "-d", "--name", "silent", "busybox", "sleep", "1000"])
        .output()
        .success();
    Gate::open(mallory)
}

const ATTACH: &str =
    "POST /containers/silent/attach?stream=1&stdout=1&stdin=1 HTTP/1.1\r\nHost: x\r\n";

#[test]
fn a_client_that_is_killed_at_a_silent_container_leaves_no_gate() {
    let mallory = Person::fresh("mallory");
    for headers in [
        "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
    ] {
        let mut gate = silent(&mallory);
        let mut client = gate.connect();
        client.send(format!("{ATTACH}{headers}").as_bytes());
        std::thread::sleep(Duration::from_secs(1));
        drop(client);
        gate.close();
        eventually("the gate ends", || (!gate.is_running()).then_some(()));
        mallory.clear();
    }
}

#[test]
fn a_client_that_has_nothing_more_to_send_still_hears() {
    let mallory = Person::fresh("mallory");
    let script = "cat; sleep 8; echo late";
    let output = mallory
        .dock(["run", "--rm", "-i", "busybox", "sh", "-c", script])
        .stdin("early\n")
        .output();
    assert_eq!(output.success(), "early\nlate");
}

#[test]
fn filters_cannot_make_the_gate_large() {
    let mallory = Person::fresh("mallory");
    let gate = Gate::open(&mallory);
    let list = |names: usize, pattern: &str| {
        let names = vec![pattern; names].join("%22,%22");
        let target = format!("/containers/json?all=1&filters=%7B%22name%22:[%22{names}%22]%7D");
        gate.request("GET", &target, None)
    };
    // 600 KiB each, 20 bytes to write.
    let explosion = "(w%7B0,800%7D)%7B0,8%7D";
    assert_eq!(list(33, explosion).status, 400);
    assert_eq!(list(32, explosion).status, 200);
    assert_eq!(list(32, "web").status, 200);
    let status = std::fs::read_to_string(format!("/proc/{}/status", gate.pid)).unwrap();
    let peak: u64 = status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap();
    assert!(peak < 20_000, "{peak} KiB");
}

#[test]
fn publishing_all_is_publishing_too() {
    let mallory = Person::fresh("mallory");
    let mark = Record::mark();
    let exposed = |count: u32| {
        let ports: Vec<_> = (0..count)
            .map(|at| format!(r#""{}/tcp": {{}}"#, 1000 + at))
            .collect();
        let ports = ports.join(", ");
        format!(
            r#"{{"Image": "busybox", "ExposedPorts": {{{ports}}}, "HostConfig": {{"PublishAllPorts": true}}}}"#
        )
    };
    let bound = |count: u32| {
        let ports: Vec<_> = (0..count)
            .map(|at| format!(r#""{}/tcp": null"#, 1000 + at))
            .collect();
        let ports = ports.join(", ");
        format!(
            r#"{{"Image": "busybox", "HostConfig": {{"PublishAllPorts": true, "PortBindings": {{{ports}}}}}}}"#
        )
    };
    let gate = Gate::open(&mallory);
    for (many, few) in [(exposed(65), exposed(64)), (bound(5000), bound(64))] {
        let refused = gate.request("POST", "/containers/create?name=many", Some(&many));
        assert_eq!(refused.status, 403, "{refused:?}");
        let made = gate.request("POST", "/containers/create?name=few", Some(&few));
        assert_eq!(made.status, 201, "{made:?}");
        gate.request("DELETE", "/containers/few", None);
    }
    let creates: Vec<_> = mark
        .requests_of(&mallory)
        .into_iter()
        .filter(|request| request.contains("/containers/create"))
        .collect();
    assert!(
        creates.iter().all(|request| request.contains("-few")),
        "{creates:?}"
    );
}

/// Every place of a body that names a container, with what it is put into.
const PLACES: [&str; 4] = [
    r#"{"VolumesFrom": ["REF"]}"#,
    r#"{"NetworkMode": "container:REF"}"#,
    r#"{"PidMode": "container:REF"}"#,
    r#"{"IpcMode": "container:REF"}"#,
];

#[test]
fn a_body_cannot_name_what_is_somebody_elses() {
    let (alice, mallory) = (Person::fresh("alice"), Person::fresh("mallory"));
    let web = |person: &Person| {
        person
            .dock([
                "run",
                "-d",
                "--name",
                "web",
                "--ipc",
                "shareable",
                "-v",
                "data:/data",
                "busybox",
                "sleep",
                "1000",
            ])
            .output()
            .success()
    };
    let (hers, own) = (web(&alice), web(&mallory));
    let gate = Gate::open(&mallory);
    let create = |host: &str, reference: &str| {
        let host = host.replace("REF", reference);
        let body = format!(r#"{{"Image": "busybox", "HostConfig": {host}}}"#);
        gate.request("POST", "/containers/create?name=second", Some(&body))
    };
    let nobodys = "4f0a9c31d27be85f".repeat(4);
    for place in PLACES {
        let foreign = create(place, &hers);
        let random = create(place, &nobodys);
        assert_eq!(foreign.status, random.status, "{place}");
        assert_eq!(
            foreign.text().replace(&hers, "ID"),
            random.text().replace(&nobodys, "ID")
        );
        assert!(create(place, &alice.real("web")).status >= 400, "{place}");
        let made = create(place, &own);
        assert_eq!(made.status, 201, "{place}: {made:?}");
        gate.request("DELETE", "/containers/second", None);
    }
    // A volume of that name is another one.
    let volume = format!(r#"{{"Binds": ["{}:/data"]}}"#, alice.real("data"));
    assert_eq!(create(&volume, "").status, 201);
    let second = mallory.real("second");
    let format = "{{range .Mounts}}{{.Name}}{{end}}";
    let mounted = root_docker(["inspect", "--format", format, &second])
        .output()
        .success();
    assert_eq!(mounted, mallory.real(&alice.real("data")));
    alice.clear();
    mallory.clear();
}
