//! What a raw socket can try: the facts and the general rules of the gate.
//!
//! Each refusal changes nothing on the engine (no request but a look reaches
//! it), and each has a twin that differs in one thing and is permitted.

use crate::harness::{Connection, Gate, Person, Record};

/// One person with a gate, and what reached the engine for them.
struct Attack {
    mallory: Person,
    gate: Gate,
}

impl Attack {
    fn begin() -> Attack {
        let mallory = Person::fresh("mallory");
        let gate = Gate::open(&mallory);
        Attack { mallory, gate }
    }

    /// The status and the message of the answer to raw bytes; the engine is
    /// only looked at.
    fn refused(&self, bytes: impl AsRef<[u8]>) -> (u16, String) {
        let record = Record::mark();
        let mut connection = self.gate.connect();
        // The gate may answer and close before it has read everything.
        let _ = connection.try_send(bytes.as_ref());
        let answer = answered(&mut connection);
        for request in record.requests_of(&self.mallory) {
            assert!(request.starts_with("GET "), "{request}");
        }
        answer
    }

    /// The status of the answer to raw bytes that are all right.
    fn status(&self, bytes: impl AsRef<[u8]>) -> u16 {
        let mut connection = self.gate.connect();
        connection.send(bytes.as_ref());
        connection.answer().status
    }

    /// A create with this body is refused with this status and these words, and
    /// its twin makes a container.
    fn create(&self, body: &str, status: u16, words: &str, twin: &str) {
        let answer = self.refused(post("/v1.41/containers/create", "application/json", body));
        assert_eq!(answer.0, status, "{body}: {answer:?}");
        assert!(answer.1.contains(words), "{body}: {answer:?}");
        let made = self
            .gate
            .request("POST", "/v1.41/containers/create", Some(twin));
        assert_eq!(made.status, 201, "{twin}: {made:?}");
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        self.mallory.clear();
    }
}

/// Status and message; 0 when the gate closed without a word.
fn answered(connection: &mut Connection) -> (u16, String) {
    match connection.maybe_answer("GET") {
        Some(answer) => {
            let message = serde_json::from_slice::<serde_json::Value>(&answer.body)
                .ok()
                .and_then(|body| Some(body["message"].as_str()?.to_owned()));
            (answer.status, message.unwrap_or_else(|| answer.text()))
        }
        None => (0, String::new()),
    }
}

fn post(target: &str, kind: &str, body: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\r\nHost: d\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: d\r\n\r\n")
}

#[test]
fn fact_1_host_config_at_the_top_level_is_refused_by_name() {
    let attack = Attack::begin();
    let twin = r#"{"Image":"busybox","Cmd":["true"]}"#;
    for (field, value) in [
        ("Binds", r#"["/:/h"]"#),
        ("Privileged", "true"),
        ("CapAdd", r#"["ALL"]"#),
        ("Cpuset", r#""0""#),
    ] {
        let body = format!(r#"{{"Image":"busybox","Cmd":["true"],"{field}":{value}}}"#);
        attack.create(&body, 400, &format!("unknown field \"{field}\""), twin);
    }
}

#[test]
fn fact_2_keys_have_one_reading() {
    let attack = Attack::begin();
    for (body, words, twin) in [
        (
            r#"{"Image":"busybox","hoſtconfig":{"Privileged":true}}"#,
            "--privileged is not allowed",
            r#"{"Image":"busybox","hoſtconfig":{"Privileged":false}}"#,
        ),
        (
            r#"{"Image":"busybox","HostConfig":{"bindſ":["/etc:/x"]}}"#,
            "[rule mount.bind]",
            r#"{"Image":"busybox","HostConfig":{"bindſ":["etc:/x"]}}"#,
        ),
    ] {
        attack.create(body, 403, words, twin);
    }
    for (body, words, twin) in [
        (
            r#"{"Image":"busybox","HostConfig":{},"hostconfig":{"Privileged":true}}"#,
            "stands twice",
            r#"{"Image":"busybox","HostConfig":{}}"#,
        ),
        (
            r#"{"Image":"busybox","Image":"busybox"}"#,
            "stands twice",
            r#"{"Image":"busybox"}"#,
        ),
        (
            r#"{"Image":"busybox"}{"HostConfig":{"Privileged":true}}"#,
            "invalid JSON",
            r#"{"Image":"busybox"} "#,
        ),
        (
            r#"{"Image":"busybox","HostConfig":{"Memory":1e9}}"#,
            "expected an integer",
            r#"{"Image":"busybox","HostConfig":{"Memory":100000000}}"#,
        ),
        (r#"["busybox"]"#, "an object", r#"{"Image":"busybox"}"#),
        (
            r#"{"Image":"busybox","Env":["A=\ud800"]}"#,
            "invalid JSON",
            r#"{"Image":"busybox","Env":["A=\ud83d\ude00"]}"#,
        ),
    ] {
        attack.create(body, 400, words, twin);
    }
}

#[test]
fn fact_3_a_form_does_not_override_the_query() {
    let attack = Attack::begin();
    let web = attack.gate.request(
        "POST",
        "/v1.41/containers/create?name=web",
        Some(r#"{"Image":"busybox"}"#),
    );
    assert_eq!(web.status, 201, "{web:?}");
    for kind in [
        "application/x-www-form-urlencoded",
        "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8",
        "multipart/form-data; boundary=x",
    ] {
        let answer = attack.refused(post(
            "/v1.41/containers/web/rename?name=mine",
            kind,
            "name=u1-theirs",
        ));
        assert_eq!(answer.0, 415, "{kind}: {answer:?}");
    }
    let named = attack.refused(post(
        "/v1.41/containers/create?name=x1",
        "text/plain",
        r#"{"Image":"busybox"}"#,
    ));
    assert_eq!(named.0, 415, "{named:?}");
    assert_eq!(
        attack.status(post(
            "/v1.41/containers/web/rename?name=mine",
            "text/plain",
            ""
        )),
        204
    );
}

#[test]
fn fact_4_start_takes_no_host_config() {
    let attack = Attack::begin();
    attack.gate.request(
        "POST",
        "/v1.41/containers/create?name=web",
        Some(r#"{"Image":"busybox","Cmd":["true"]}"#),
    );
    let body = r#"{"Binds":["/:/h"],"Privileged":true}"#;
    let old = attack.refused(post(
        "/v1.23/containers/web/start",
        "application/json",
        body,
    ));
    assert!(
        old.0 == 400 && old.1.starts_with("dock: client version 1.23 is too old")
            || old.1.starts_with("client version 1.23"),
        "{old:?}"
    );
    let answer = attack.refused(post(
        "/v1.24/containers/web/start",
        "application/json",
        body,
    ));
    assert!(
        answer.0 == 400 && answer.1.contains("takes no body"),
        "{answer:?}"
    );
    assert_eq!(
        attack.status(post(
            "/v1.24/containers/web/start",
            "application/json",
            "{}"
        )),
        204
    );
}

#[test]
fn fact_5_a_second_request_cannot_ride_on_an_upgrade() {
    let attack = Attack::begin();
    let made = attack.gate.request(
        "POST",
        "/v1.41/containers/create?name=web",
        Some(r#"{"Image":"busybox","Cmd":["sleep","100"]}"#),
    );
    assert_eq!(made.status, 201);
    assert_eq!(
        attack
            .gate
            .request("POST", "/v1.41/containers/web/start", None)
            .status,
        204
    );
    let exec = || {
        let made = attack.gate.request(
            "POST",
            "/v1.41/containers/web/exec",
            Some(r#"{"Cmd":["cat"],"AttachStdin":true,"AttachStdout":true}"#),
        );
        made.json()["Id"].as_str().unwrap().to_owned()
    };
    let start = |id: &str, body: &str, behind: &str| {
        let head = "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json";
        format!(
            "POST /v1.41/exec/{id}/start HTTP/1.1\r\nHost: d\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}{behind}",
            body.len()
        )
    };
    // Two spellings of one field, and a second request behind.
    let answer = attack.refused(start(
        &exec(),
        r#"{"Detach":false,"detach":true}"#,
        &get("/v1.41/info"),
    ));
    assert!(
        answer.0 == 400 && answer.1.contains("stands twice"),
        "{answer:?}"
    );
    // Detached: no stream, so what was sent behind is a request like any other.
    let mut connection = attack.gate.connect();
    connection.send(
        start(
            &exec(),
            r#"{"Detach":true}"#,
            &get("/v1.41/debug/pprof/cmdline"),
        )
        .as_bytes(),
    );
    assert_eq!(connection.answer().status, 200);
    assert_eq!(connection.answer().status, 404);
    // The twin: a stream, and what was sent behind is its input, never a request.
    let mut connection = attack.gate.connect();
    let behind = get("/v1.41/info");
    connection.send(start(&exec(), r#"{"Detach":false,"Tty":false}"#, &behind).as_bytes());
    assert_eq!(connection.answer().status, 101);
    connection.close_write();
    let echoed = connection.rest();
    // Eight bytes of header before what cat repeats.
    assert_eq!(String::from_utf8_lossy(&echoed[8..]), behind);
}

#[test]
fn g1_what_is_not_in_the_table_is_not_served() {
    let attack = Attack::begin();
    for (target, status) in [
        ("/v1.41/debug/pprof/cmdline", 404),
        ("/debug/vars", 404),
        ("/v1.41/containers/x/copy", 404),
        ("/v1.41/new-thing", 404),
        ("/v1.41/swarm", 503),
        ("/v1.41/secrets", 503),
        ("/v1.41/plugins/privileges?remote=x", 403),
        ("/v1.41/containers/x/attach/ws", 403),
    ] {
        let answer = attack.refused(get(target));
        assert_eq!(answer.0, status, "{target}: {answer:?}");
    }
    for (target, status) in [
        ("/session", 501),
        ("/grpc", 501),
        ("/plugins/pull?remote=x", 403),
        ("/swarm/init", 403),
        ("/build", 501),
    ] {
        let answer = attack.refused(post(target, "text/plain", ""));
        assert_eq!(answer.0, status, "{target}: {answer:?}");
    }
    assert_eq!(attack.status(get("/v1.41/version")), 200);
}

#[test]
fn g2_somebody_elses_connection_is_closed() {
    let attack = Attack::begin();
    let bob = Person::fresh("bob");
    let mut connection = attack.gate.connect_as(&bob);
    let _ = connection.try_send(get("/_ping").as_bytes());
    assert!(connection.maybe_answer("GET").is_none());
    assert_eq!(attack.status(get("/_ping")), 200);
}

#[test]
fn g3_to_g6_paths_versions_and_queries_have_one_reading() {
    let attack = Attack::begin();
    for (target, twin) in [
        ("/v1.41/containers/x%2Fjson", "/v1.41/containers/json"),
        ("/v1.41/./containers/json", "/v1.41/containers/json"),
        ("/v1.41/images/../containers/json", "/v1.41/containers/json"),
        (
            "/v1.41/images/%2e%2e/containers/json",
            "/v1.41/containers/json",
        ),
        ("/v1.41//containers/json", "/v1.41/containers/json"),
        ("/v1.041/containers/json", "/v1.41/containers/json"),
        ("/v1./containers/json", "/v1.24/containers/json"),
        ("/v1.99/containers/json", "/containers/json"),
        (
            "/v1.41/containers/json?all=1;limit=1",
            "/v1.41/containers/json?all=1&limit=1",
        ),
        (
            "/v1.41/containers/json?all=1&all=0",
            "/v1.41/containers/json?all=1",
        ),
        (
            "/v1.41/containers/json?new=1",
            "/v1.41/containers/json?new=0",
        ),
        (
            "/v1.41/containers/json?all=%",
            "/v1.41/containers/json?all=%31",
        ),
        (
            "/v1.41/containers/json?filters={%22name%22:[%22a%22],%22name%22:[%22b%22]}",
            "/v1.41/containers/json?filters={%22name%22:[%22a%22]}",
        ),
    ] {
        let answer = attack.refused(get(target));
        assert!(matches!(answer.0, 400 | 404), "{target}: {answer:?}");
        assert_eq!(attack.status(get(twin)), 200, "{twin}");
    }
}

#[test]
fn g8_a_body_has_a_size_and_a_depth() {
    let attack = Attack::begin();
    let padded = |size: usize| {
        format!(
            r#"{{"Image":"busybox","Cmd":["true"]}}{}"#,
            " ".repeat(size)
        )
    };
    let large = padded(4 << 20);
    let answer = attack.refused(post("/v1.41/containers/create", "application/json", &large));
    assert_eq!(answer.0, 413, "{answer:?}");
    let small = padded(1 << 20);
    assert_eq!(
        attack.status(post("/v1.41/containers/create", "application/json", &small)),
        201
    );
    let deep = |depth: usize| {
        format!(
            r#"{{"Image":"busybox","Labels":{{}},"X":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let answer = attack.refused(post(
        "/v1.41/containers/create",
        "application/json",
        &deep(70),
    ));
    assert!(answer.0 == 400 && answer.1.contains("deeper"), "{answer:?}");
}

#[test]
fn g10_heads_are_strict() {
    let attack = Attack::begin();
    let many: String = (0..70).map(|at| format!("X-H{at}: 1\r\n")).collect();
    let huge = format!("X-H: {}\r\n", "a".repeat(70_000));
    for (head, twin) in [
        ("GET /_ping HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), "Content-Length: 0\r\n".to_owned()),
        ("GET /_ping HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n".into(), "Content-Length: 0\r\n".into()),
        ("GET /_ping HTTP/1.1\r\nHost: d\r\nX: a\r\n b\r\n\r\n".into(), "X: a b\r\n".into()),
        ("GET /_ping HTTP/1.1\nHost: d\n\n".into(), String::new()),
        ("GET /_ping HTTP/1.1\r\nHost : d\r\n\r\n".into(), String::new()),
        (format!("GET /_ping HTTP/1.1\r\nHost: d\r\n{many}\r\n"), "X-H: 1\r\n".into()),
        (format!("GET /_ping HTTP/1.1\r\nHost: d\r\n{huge}\r\n"), format!("X-H: {}\r\n", "a".repeat(7000))),
        ("GET http://d/_ping HTTP/1.1\r\nHost: d\r\n\r\n".into(), String::new()),
        ("CONNECT d:80 HTTP/1.1\r\nHost: d\r\n\r\n".into(), String::new()),
        ("TRACE /_ping HTTP/1.1\r\nHost: d\r\n\r\n".into(), String::new()),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), String::new()),
        ("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".into(), String::new()),
        ("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".into(), String::new()),
        ("GET /_ping HTTP/3\r\n\r\n".into(), String::new()),
        ("\0\u{1}\u{2} garbage\r\n\r\n".into(), String::new()),
    ] {
        let answer = attack.refused(&head);
        let shown = &head[..head.len().min(80)];
        assert!(matches!(answer.0, 0 | 400 | 431), "{shown:?}: {answer:?}");
        assert_eq!(attack.status(format!("GET /_ping HTTP/1.1\r\nHost: d\r\n{twin}\r\n")), 200, "{shown:?}");
    }
    assert!(attack.gate.is_running());
}

#[test]
fn g10_pipelined_requests_are_each_judged() {
    let attack = Attack::begin();
    let mut connection = attack.gate.connect();
    let three = [
        get("/_ping"),
        get("/v1.41/debug/vars"),
        get("/v1.41/containers/json"),
    ]
    .concat();
    connection.send(three.as_bytes());
    let statuses = [
        connection.answer().status,
        connection.answer().status,
        connection.answer().status,
    ];
    assert_eq!(statuses, [200, 404, 200]);
}

#[test]
fn g15_labels_do_not_make_an_owner() {
    let attack = Attack::begin();
    let twin = r#"{"Image":"busybox","Labels":{"docks.space":"u0"}}"#;
    attack.create(
        r#"{"Image":"busybox","Labels":{"dock.space":"u0"}}"#,
        403,
        "[rule create.label]",
        twin,
    );
    attack.create(
        r#"{"Image":"busybox","Labels":{"dock.anything":""}}"#,
        403,
        "[rule create.label]",
        twin,
    );
}

#[test]
fn fact_6_an_endpoint_does_not_lead_to_anothers_network() {
    let attack = Attack::begin();
    let alice = Person::fresh("alice");
    alice
        .dock(["run", "-d", "--name", "web", "busybox", "sleep", "100"])
        .output()
        .success();
    let network = crate::harness::root_docker([
        "network",
        "inspect",
        "-f",
        "{{.Id}}",
        &alice.real("default"),
    ])
    .output()
    .success();
    let body = |network: &str| {
        format!(
            r#"{{"Image":"busybox","Cmd":["sleep","100"],"NetworkingConfig":{{"EndpointsConfig":{{"default":{{"NetworkID":"{network}"}}}}}}}}"#
        )
    };
    let made = attack.gate.request(
        "POST",
        "/v1.41/containers/create?name=spy",
        Some(&body(&network)),
    );
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        attack
            .gate
            .request("POST", "/v1.41/containers/spy/start", None)
            .status,
        204
    );
    let joined = crate::harness::root_docker([
        "network",
        "inspect",
        "-f",
        "{{range .Containers}}{{.Name}} {{end}}",
        &network,
    ])
    .output()
    .success();
    assert_eq!(joined.trim(), alice.real("web"));
    for key in ["host", "container:web", "ns:/proc/1/ns/net"] {
        let body = format!(
            r#"{{"Image":"busybox","NetworkingConfig":{{"EndpointsConfig":{{"{key}":{{}}}}}}}}"#
        );
        attack.create(
            &body,
            403,
            "[rule create.network]",
            r#"{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"bridge":{}}}}"#,
        );
    }
    alice.clear();
}

#[test]
fn g22_idle_and_slow_connections_do_not_stop_others() {
    let attack = Attack::begin();
    let mut idle: Vec<Connection> = Vec::new();
    for _ in 0..100 {
        let mut connection = attack.gate.connect();
        // Half a head.
        let _ = connection.try_send(b"GET /_ping HT");
        idle.push(connection);
    }
    assert_eq!(attack.status(get("/_ping")), 200);
    for _ in 0..60 {
        idle.push(attack.gate.connect());
    }
    // More than the limit: closed at once, and the gate lives.
    drop(idle);
    crate::harness::eventually("served again", || {
        let mut connection = attack.gate.connect();
        connection.try_send(get("/_ping").as_bytes()).ok()?;
        connection
            .maybe_answer("GET")
            .filter(|answer| answer.status == 200)
    });
    assert!(attack.gate.is_running());
}

#[test]
fn g11_headers_of_the_client_do_not_reach_the_engine() {
    let attack = Attack::begin();
    let request = "GET /v1.41/containers/json HTTP/1.1\r\nHost: d\r\nX-Registry-Auth: c2VjcmV0\r\nX-Meta-A: b\r\nAuthorization: Basic x\r\nCookie: a\r\n\r\n";
    assert_eq!(attack.status(request), 200);
    // The recorder keeps what came from gates; the words of the client are not in it.
    let record = std::fs::read_to_string(crate::harness::bed("DOCK_BED_RECORD")).unwrap();
    assert!(!record.contains("c2VjcmV0"));
}
