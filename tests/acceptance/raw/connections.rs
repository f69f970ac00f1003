//! Raw streams, upgrades, and who may connect (fact 5, G2, G12, G22).

use super::{Stage, get};
use crate::harness::{Person, Record, bed, root_docker};

/// An exec that has not been started.
fn exec(stage: &Stage, command: &str) -> String {
    let target = format!("/v1.41/containers/{}/exec", stage.web);
    let body =
        format!(r#"{{"Cmd":["sh","-c","{command}"],"AttachStdin":true,"AttachStdout":true}}"#);
    let made = stage.gate.request("POST", &target, Some(&body));
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["Id"].as_str().unwrap().to_owned()
}

fn exec_start(id: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /v1.41/exec/{id}/start HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n\
         Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// What the engine must never be asked in mallory's name.
fn smuggled() -> Vec<u8> {
    let body = r#"{"Image":"busybox","HostConfig":{"Privileged":true}}"#;
    format!(
        "POST /v1.41/containers/create?name=smuggled HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn fact5_g12_a_request_behind_an_upgrade_reaches_nobody() {
    let stage = Stage::new();
    for body in [
        r#"{"Detach":false,"detach":true}"#,
        r#"{"Detach":true}"#,
        r#"{"Detach":false,"Tty":false}"#,
        "{}",
        "x",
    ] {
        let id = exec(&stage, "sleep 0.2");
        let record = Record::mark();
        let mut bytes = exec_start(&id, body);
        bytes.extend(smuggled());
        let mut connection = stage.gate.connect();
        let _ = connection.try_send(&bytes);
        connection.close_write();
        connection.rest();
        let asked = record.requests_of(&stage.person);
        // Into an established stream the bytes may go, as the input of `sleep`:
        // the record then shows them, behind a start that the engine switched for.
        let creates: Vec<_> = asked
            .iter()
            .filter(|line| line.contains("/create"))
            .collect();
        let switched = body.contains(r#""Detach":false,"Tty""#) || body == "{}";
        assert!(creates.is_empty() || switched, "{body}: {asked:?}");
        let made = root_docker(["ps", "-aq", "--filter", "name=smuggled"])
            .output()
            .success();
        assert_eq!(made, "", "{body}");
    }
    // The twin: the stream itself carries bytes both ways.
    let id = exec(&stage, "read line; echo got $line");
    let mut connection = stage.gate.connect();
    connection.send(&exec_start(&id, r#"{"Detach":false,"Tty":false}"#));
    let answer = connection.answer();
    assert_eq!(answer.status, 101, "{answer:?}");
    connection.send(b"words\n");
    let came = connection.rest();
    assert!(
        came.ends_with(b"got words\n"),
        "{:?}",
        String::from_utf8_lossy(&came)
    );
}

#[test]
fn g12_only_streams_are_upgraded_and_only_to_tcp() {
    let stage = Stage::new();
    let with = |path: &str, protocol: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n").into_bytes()
    };
    for (path, protocol) in [
        ("/v1.41/info", "h2c"),
        ("/v1.41/info", "tcp"),
        ("/v1.41/containers/json", "websocket"),
        ("/_ping", "h2c"),
    ] {
        stage.refuses(
            &format!("{path} to {protocol}"),
            &with(path, protocol),
            400,
            &get(path),
        );
    }
    let attach = |protocol: &str| {
        format!(
            "POST /v1.41/containers/{}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\nContent-Length: 0\r\n\r\n",
            stage.web
        )
        .into_bytes()
    };
    stage.refuses("attach to h2c", &attach("h2c"), 400, &attach("tcp"));
}

#[test]
fn g2_another_uid_is_not_served_whoever_it_is() {
    let stage = Stage::new();
    let bob = Person::fresh("bob");
    let mut stranger = stage.gate.connect_as(&bob);
    let _ = stranger.try_send(&get("/v1.41/info"));
    assert_eq!(stranger.maybe_answer("GET"), None);
    let root = Person {
        uid: 0,
        gid: 0,
        ..bob
    };
    let mut root = stage.gate.connect_as(&root);
    let _ = root.try_send(&get("/v1.41/info"));
    assert_eq!(root.maybe_answer("GET"), None);
    // The twin: whose gate it is.
    let mut own = stage.gate.connect();
    own.send(&get("/v1.41/info"));
    assert_eq!(own.answer().status, 200);
}

#[test]
fn g22_the_129th_connection_is_closed_and_the_others_are_served() {
    let stage = Stage::new();
    let mut open: Vec<_> = (0..128).map(|_| stage.gate.connect()).collect();
    let mut one_more = stage.gate.connect();
    let _ = one_more.try_send(&get("/_ping"));
    assert_eq!(one_more.maybe_answer("GET"), None);
    let last = open.last_mut().unwrap();
    last.send(&get("/_ping"));
    assert_eq!(last.answer().status, 200);
    // The twin: one goes, one may come.
    drop(open.pop());
    crate::harness::eventually("a place becomes free", || {
        let mut next = stage.gate.connect();
        let _ = next.try_send(&get("/_ping"));
        next.maybe_answer("GET")
            .map(|answer| assert_eq!(answer.status, 200))
    });
}

#[test]
fn g22_a_head_that_does_not_come_is_not_waited_for() {
    let stage = Stage::new();
    let mut slow = stage.gate.connect();
    slow.send(b"GET /v1.41/info HTTP/1.1\r\nHost: doc");
    let answer = slow.maybe_answer("GET");
    assert_eq!(answer.map(|answer| answer.status), Some(408));
    // The twin: a connection that has not begun may wait longer.
    let mut idle = stage.gate.connect();
    std::thread::sleep(std::time::Duration::from_secs(12));
    idle.send(&get("/v1.41/info"));
    assert_eq!(idle.answer().status, 200);
}

#[test]
fn g23_the_journal_holds_no_secrets() {
    let stage = Stage::new();
    let secret = crate::harness::unique("secret");
    stage
        .person
        .dock([
            "run",
            "--rm",
            "-e",
            &format!("TOKEN={secret}"),
            "busybox",
            "echo",
            &secret,
        ])
        .output()
        .success();
    let journal = std::fs::read_to_string(bed("DOCK_BED_AUDIT")).unwrap();
    assert!(!journal.contains(&secret));
    let own = format!("\"uid\":{}", stage.person.uid);
    let lines: Vec<&str> = journal.lines().filter(|line| line.contains(&own)).collect();
    assert!(
        lines.iter().any(|line| line.contains("create")),
        "{lines:?}"
    );
}
