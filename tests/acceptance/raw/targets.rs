//! Paths, versions and queries with more than one reading (G1, G3 to G6, G16).

use super::{Stage, get, post};

#[test]
fn g3_a_path_has_one_reading() {
    let stage = Stage::new();
    let web = stage.web.clone();
    let twin = get(&format!("/v1.41/containers/{web}/json"));
    for path in [
        format!("/v1.41/containers/{web}/../{web}/json"),
        format!("/v1.41/containers/{web}/./json"),
        format!("/v1.41/containers/{web}//json"),
        format!("/v1.41/containers/x/%2e%2e/{web}/json"),
        format!("/v1.41/containers/%2E%2E/containers/{web}/json"),
        format!("/v1.41/containers/{web}%00/json"),
        format!("/v1.41/containers/{web}%0a/json"),
        format!("/v1.41/containers/{web}%/json"),
        format!("/v1.41/containers/{web}%5c/json"),
        format!("/v1.41/containers/{web}%ff/json"),
        format!("//v1.41/containers/{web}/json"),
        format!("/v1.41//containers/{web}/json"),
        format!("/../v1.41/containers/{web}/json"),
    ] {
        stage.refuses(&path, &get(&path), 400, &twin);
    }
    for path in [
        format!("/v1.41/containers/{web}%2Fjson"),
        format!("/v1.41/containers%2F{web}/json"),
        format!("/v1.41/containers/..%2F{web}/json"),
        "/v1.41/containers/%252e%252e/json".to_owned(),
        format!("/v1.41/CONTAINERS/{web}/json"),
        format!("/v1.41/containers/{web}/JSON"),
        format!("/V1.41/containers/{web}/json"),
    ] {
        let answer = stage.raw(&get(&path)).unwrap();
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
    }
}

#[test]
fn g4_fact4_a_version_has_one_spelling_and_is_not_ancient() {
    let stage = Stage::new();
    for version in [
        "v1.23", "v1.12", "v1.0", "v1.041", "v1.", "v1", "v2.0", "v1.41.0", "v1.+41", "v.41",
        "v...", "v1.999",
    ] {
        let path = format!("/{version}/info");
        stage.refuses(&path, &get(&path), 400, &get("/v1.24/info"));
    }
    let starts = |version: &str, body: &str| {
        post(&format!("/{version}/containers/{}/start", stage.web), body)
    };
    // What engines up to 24 took as new rights for a container that exists.
    let body = r#"{"Binds":["/:/h"],"Privileged":true}"#;
    stage.refuses(
        "start with a body, 1.23",
        &starts("v1.23", body),
        400,
        &starts("v1.24", "{}"),
    );
    stage.refuses(
        "start with a body",
        &starts("v1.41", body),
        400,
        &starts("v1.41", "{}"),
    );
}

#[test]
fn g6_a_query_has_one_reading() {
    let stage = Stage::new();
    let list = |query: &str| get(&format!("/v1.41/containers/json?{query}"));
    for (query, twin) in [
        ("all=1;limit=1", "all=1&limit=1"),
        ("all=1&all=0", "all=1"),
        ("all=1&%61ll=0", "all=1"),
        ("nosuch=1", "nosuch="),
        ("all=%", "all=1"),
        ("all=%zz", "all=1"),
        ("all=1&limit=x", "all=1&limit=2"),
        ("limit=1e3", "limit=1000"),
        ("limit=0x10", "limit=16"),
        ("all=%00", "all=1"),
    ] {
        stage.refuses(query, &list(query), 400, &list(twin));
    }
}

#[test]
fn g16_filters_are_read_once() {
    let stage = Stage::new();
    let list = |filters: &str| {
        let encoded: String = filters.bytes().map(|byte| format!("%{byte:02x}")).collect();
        get(&format!("/v1.41/containers/json?all=1&filters={encoded}"))
    };
    for (filters, twin) in [
        (
            r#"{"status":["running"],"status":["exited"]}"#,
            r#"{"status":["running"]}"#,
        ),
        (r#"{"status":["running"]}{"#, r#"{"status":["running"]}"#),
        (r#"{"nosuch":["x"]}"#, r#"{"name":["x"]}"#),
        (r#"["status"]"#, r#"{}"#),
        (r#"{"status":[1]}"#, r#"{"status":["created"]}"#),
    ] {
        stage.refuses(filters, &list(filters), 400, &list(twin));
    }
}

#[test]
fn g1_what_is_not_in_the_table_is_no_service() {
    let stage = Stage::new();
    let web = stage.web.clone();
    for (method, path, status) in [
        ("GET", "/debug/pprof/", 404),
        ("GET", "/debug/pprof/cmdline", 404),
        ("GET", "/debug/vars", 404),
        ("GET", "/v1.48/debug/pprof/cmdline", 404),
        ("GET", "/v1.41/nosuch", 404),
        ("GET", "/", 400),
        ("PATCH", "/v1.41/info", 404),
        ("PUT", "/v1.41/containers/json", 404),
        ("DELETE", "/v1.41/containers/json/json", 404),
        ("POST", "/v1.41/containers/{web}/copy", 404),
        ("POST", "/grpc", 501),
        ("POST", "/session", 501),
        ("POST", "/v1.41/session", 501),
        ("POST", "/v1.41/build", 501),
        ("POST", "/v1.41/commit?container={web}", 501),
        ("GET", "/v1.41/containers/{web}/archive?path=/", 501),
        ("PUT", "/v1.41/containers/{web}/archive?path=/", 501),
        ("GET", "/v1.41/containers/{web}/export", 501),
        ("GET", "/v1.41/containers/{web}/attach/ws", 403),
        ("POST", "/v1.41/containers/{web}/checkpoints", 403),
        ("GET", "/v1.41/containers/{web}/checkpoints", 403),
        ("GET", "/v1.41/plugins/privileges?remote=x", 403),
        ("POST", "/v1.41/plugins/pull?remote=x", 403),
        ("POST", "/v1.41/plugins/create?name=x", 403),
        ("POST", "/v1.41/plugins/x/enable", 403),
        ("DELETE", "/v1.41/plugins/x", 403),
        ("POST", "/v1.41/swarm/init", 403),
        ("POST", "/v1.41/swarm/join", 403),
        ("POST", "/v1.41/swarm/leave?force=1", 403),
        ("GET", "/v1.41/swarm", 503),
        ("GET", "/v1.41/nodes", 503),
        ("POST", "/v1.41/services/create", 503),
        ("POST", "/v1.41/secrets/create", 503),
        ("POST", "/v1.41/configs/create", 503),
        ("PUT", "/v1.41/volumes/x", 503),
    ] {
        let path = path.replace("{web}", &web);
        let bytes =
            format!("{method} {path} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n");
        stage.refuses(
            &format!("{method} {path}"),
            bytes.as_bytes(),
            status,
            &get("/_ping"),
        );
    }
}

#[test]
fn g5_what_goes_upstream_is_the_full_id() {
    let stage = Stage::new();
    for reference in ["web", &stage.web[..12], &stage.web, "/web"] {
        let record = crate::harness::Record::mark();
        // Starting what runs already changes nothing; the engine says so.
        let target = format!("/v1.41/containers/{reference}/start");
        let answer = stage.gate.request("POST", &target, None);
        assert_eq!(answer.status, 304, "{reference}: {answer:?}");
        let asked = record.requests_of(&stage.person);
        let sent: Vec<&String> = asked
            .iter()
            .filter(|line| line.starts_with("POST "))
            .collect();
        let expected = format!("/containers/{}/start", stage.web);
        assert!(sent.len() == 1 && sent[0].ends_with(&expected), "{asked:?}");
    }
}

#[test]
fn values_that_root_would_interpret_are_refused() {
    let stage = Stage::new();
    let path = |rest: &str| format!("/v1.41/containers/{}/{rest}", stage.web);
    for (what, bytes, status, twin) in [
        (
            "ps as root",
            get(&path("top?ps_args=-eoppid=PID%20-opid=X%20-oargs")),
            403,
            get(&path("top?ps_args=-eo%20pid,args")),
        ),
        (
            "ps as root",
            get(&path("top?ps_args=axeo%20pid,args")),
            403,
            get(&path("top")),
        ),
        (
            "a checkpoint",
            post(&path("start?checkpoint=x"), ""),
            403,
            post(&path("start"), ""),
        ),
        (
            "a checkpoint's folder",
            post(&path("start?checkpoint-dir=/tmp"), ""),
            403,
            post(&path("start"), ""),
        ),
        (
            "a signal",
            post(&path("kill?signal=%2Fetc"), ""),
            400,
            post(&path("kill?signal=URG"), ""),
        ),
        (
            "a size",
            post(&path("resize?h=70000&w=1"), ""),
            400,
            post(&path("start"), ""),
        ),
        (
            "a wait",
            post(&path("stop?t=999999999"), ""),
            400,
            post(&path("start"), ""),
        ),
        (
            "a condition",
            post(&path("wait?condition=never"), ""),
            400,
            post(&path("start"), ""),
        ),
        (
            "a name",
            post(&path("rename?name=..%2Fx"), ""),
            400,
            post(&path("rename?name=web2"), ""),
        ),
    ] {
        stage.refuses(what, &bytes, status, &twin);
    }
}
