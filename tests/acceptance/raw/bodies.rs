//! Bodies that engines and gates could come to read differently (facts 1 to 3, G7 to G9).

use super::{Stage, create, post, typed};
use crate::harness::{Record, root_docker};

#[test]
fn fact1_top_level_fields_of_hostconfig_are_refused() {
    let stage = Stage::new();
    for field in [
        r#""Binds":["data:/h"]"#,
        r#""Privileged":true"#,
        r#""Memory":33554432"#,
        r#""NetworkMode":"none""#,
        r#""PidMode":"host""#,
        r#""CapAdd":["CHOWN"]"#,
        r#""Devices":[{"PathOnHost":"/dev/null"}]"#,
        r#""Cpuset":"0""#,
        r#""binds":["data:/h"]"#,
    ] {
        let top = format!(r#"{{"Image":"busybox",{field}}}"#);
        stage.refuses(field, &create(&top), 400, &create(r#"{"Image":"busybox"}"#));
        let null = format!(r#"{{"Image":"busybox","HostConfig":null,{field}}}"#);
        stage.refuses(
            field,
            &create(&null),
            400,
            &create(r#"{"Image":"busybox","HostConfig":null}"#),
        );
    }
    let inside = r#"{"Image":"busybox","HostConfig":{"Memory":33554432,"Binds":["data:/h"]}}"#;
    assert_eq!(stage.raw(&create(inside)).unwrap().status, 201);
}

#[test]
fn fact2_folded_keys_are_the_keys_that_go_takes_them_for() {
    let stage = Stage::new();
    for (refused, twin) in [
        (
            r#"{"Image":"busybox","hostconfig":{"privileged":true}}"#,
            r#"{"Image":"busybox","hostconfig":{"privileged":false}}"#,
        ),
        (
            r#"{"Image":"busybox","HOSTCONFIG":{"PRIVILEGED":true}}"#,
            r#"{"Image":"busybox","HOSTCONFIG":{"PRIVILEGED":false}}"#,
        ),
        // The long s and the Kelvin sign.
        (
            "{\"Image\":\"busybox\",\"Ho\u{17f}tConfig\":{\"Privileged\":true}}",
            "{\"Image\":\"busybox\",\"Ho\u{17f}tConfig\":{\"Privileged\":false}}",
        ),
        (
            "{\"Image\":\"busybox\",\"HostConfig\":{\"Networ\u{212a}Mode\":\"host\"}}",
            "{\"Image\":\"busybox\",\"HostConfig\":{\"Networ\u{212a}Mode\":\"none\"}}",
        ),
        (
            r#"{"Image":"busybox","\u0048ostConfig":{"Privileged":true}}"#,
            r#"{"Image":"busybox","\u0048ostConfig":{"Privileged":false}}"#,
        ),
    ] {
        stage.refuses(refused, &create(refused), 403, &create(twin));
    }
}

#[test]
fn fact2_g8_a_body_is_one_document_without_doubles() {
    let stage = Stage::new();
    let plain = create(r#"{"Image":"busybox","HostConfig":{"Memory":33554432}}"#);
    for refused in [
        r#"{"Image":"busybox","Image":"busybox"}"#,
        r#"{"Image":"busybox","image":"busybox"}"#,
        r#"{"Image":"busybox","HostConfig":{},"HostConfig":{"Memory":33554432}}"#,
        r#"{"Image":"busybox","HostConfig":{},"hostconfig":{"Memory":33554432}}"#,
        "{\"Image\":\"busybox\",\"HostConfig\":{},\"Ho\u{17f}tConfig\":{\"Memory\":33554432}}",
        r#"{"Image":"busybox","HostConfig":{"Memory":33554432,"Memory":0}}"#,
        r#"{"Image":"busybox","HostConfig":{"Memory":33554432,"memory":0}}"#,
        r#"{"Image":"busybox","Labels":{"a":"b","a":"c"}}"#,
        r#"{"Image":"busybox"}{"HostConfig":{"Privileged":true}}"#,
        r#"{"Image":"busybox"} x"#,
        r#"[{"Image":"busybox"}]"#,
        r#""busybox""#,
        r#"{"Image":"busybox","HostConfig":{"Memory":33554432.5}}"#,
        r#"{"Image":"busybox","HostConfig":{"Memory":3e7}}"#,
        r#"{"Image":"busybox","HostConfig":{"Memory":"33554432"}}"#,
        r#"{"Image":"busybox","HostConfig":{"Memory":NaN}}"#,
        r#"{"Image":"busybox","HostConfig":{"Memory":99999999999999999999}}"#,
        r#"{"Image":"busybox","Hostname":"\ud800"}"#,
        r#"{"Image":"busybox",}"#,
        r#"{"Image":"busybox","Nosuch":1}"#,
        r#"{"Image":"busybox","HostConfig":{"Nosuch":"x"}}"#,
        r#"{"Image":["busybox"]}"#,
    ] {
        stage.refuses(refused, &create(refused), 400, &plain);
    }
    let mut invalid = create(r#"{"Image":"busybox","Hostname":"xx"}"#);
    let at = invalid.len() - 4;
    invalid[at] = 0xff;
    stage.refuses("a byte that is no UTF-8", &invalid, 400, &plain);
    let zero = create(r#"{"Image":"busybox","Nosuch":0,"HostConfig":{"Nosuch":[]}}"#);
    assert_eq!(
        stage.raw(&zero).unwrap().status,
        201,
        "an unknown zero says nothing"
    );
}

#[test]
fn fact3_g7_a_form_is_never_read() {
    let stage = Stage::new();
    let rename = format!("/v1.41/containers/{}/rename?name=web2", stage.web);
    let form = "name=u1-stolen";
    for kind in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "multipart/form-data; boundary=x",
    ] {
        let back = format!("/v1.41/containers/{}/rename?name=web", stage.web);
        stage.refuses(kind, &typed(&rename, kind, form), 415, &post(&rename, ""));
        stage.raw(&post(&back, ""));
    }
    for kind in [
        "text/plain",
        "application/jsonx",
        "application/octet-stream",
    ] {
        let body = r#"{"Image":"busybox"}"#;
        let bytes = typed("/v1.41/containers/create", kind, body);
        let answer = stage.raw(&bytes).unwrap();
        assert!(matches!(answer.status, 400 | 415), "{kind}: {answer:?}");
    }
    let twin = typed(
        "/v1.41/containers/create",
        "application/json; charset=utf-8",
        r#"{"Image":"busybox"}"#,
    );
    assert_eq!(stage.raw(&twin).unwrap().status, 201);
}

#[test]
fn g8_a_body_has_a_size_and_a_depth() {
    let stage = Stage::new();
    const LIMIT: usize = 4 << 20;
    let sized = |length: usize| {
        let (start, end) = (r#"{"Image":"busybox""#, "}");
        let space = " ".repeat(length - start.len() - end.len());
        create(&format!("{start}{space}{end}"))
    };
    stage.refuses("a body over 4 MiB", &sized(LIMIT + 1), 413, &sized(LIMIT));
    // Said in advance, and never sent.
    let huge = b"POST /v1.41/containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{";
    stage.refuses("a length over 4 MiB", huge, 413, &sized(LIMIT));
    let chunks = |count: usize| {
        let mut bytes = b"POST /v1.41/containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        let piece = " ".repeat(0x10000);
        let mut add = |text: &str| bytes.extend(format!("{:x}\r\n{text}\r\n", text.len()).bytes());
        add(r#"{"Image":"busybox""#);
        (0..count).for_each(|_| add(&piece));
        add("}");
        bytes.extend(b"0\r\n\r\n");
        bytes
    };
    stage.refuses("chunks over 4 MiB", &chunks(64), 413, &chunks(63));
    // The body itself is the first level; an object of nothing says nothing.
    let deep = |levels: usize| {
        let (open, close) = (r#"{"x":"#.repeat(levels - 1), "}".repeat(levels - 1));
        create(&format!(r#"{{"Image":"busybox","x":{open}null{close}}}"#))
    };
    stage.refuses("65 levels", &deep(65), 400, &deep(64));
}

#[test]
fn g9_what_was_judged_is_what_is_sent() {
    let stage = Stage::new();
    let body = r#"{"image":"busybox","cmd":"sleep 1","labels":{"a":"b"},"hostConfig":{"memory":33554432,"CAPDROP":["chown"]}}"#;
    let answer = stage
        .raw(&post("/v1.41/containers/create?name=seen", body))
        .unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    let format = "{{.Name}} {{.HostConfig.Memory}} {{json .HostConfig.CapDrop}} {{.HostConfig.Privileged}} {{index .Config.Labels \"a\"}}";
    let real = stage.person.real("seen");
    let held = root_docker(["inspect", "-f", format, &real])
        .output()
        .success();
    assert!(
        held.starts_with(&format!("/{real} 33554432 [\"CHOWN\"")),
        "{held}"
    );
    assert!(held.ends_with("false b"), "{held}");
    for (what, body) in [("nothing", ""), ("null", "null"), ("an empty object", "{}")] {
        let answer = stage.raw(&create(body)).unwrap();
        assert_eq!(answer.status, 400, "{what}: {answer:?}");
    }
}

#[test]
fn g11_headers_are_the_gates_own() {
    let stage = Stage::new();
    let record = Record::mark();
    let bytes = format!(
        "GET /v1.41/containers/{}/json HTTP/1.1\r\nHost: evil.example\r\n\
         X-Registry-Config: c2VjcmV0\r\nX-Registry-Auth: c2VjcmV0\r\nAuthorization: secret\r\nCookie: secret\r\n\
         X-Meta-Secret: secret\r\nForwarded: for=secret\r\nX-Docker-Expose-Session-Uuid: secret\r\n\
         Traceparent: secret\r\nX-Forwarded-For: secret\r\nContent-Type: text/plain\r\nAccept-Encoding: gzip\r\n\r\n",
        stage.web
    );
    assert_eq!(stage.raw(bytes.as_bytes()).unwrap().status, 200);
    let headers = record.headers_of(&stage.person);
    assert!(!headers.is_empty(), "the record saw the gate's own headers");
    for header in &headers {
        let (name, value) = header.split_once(':').unwrap();
        let name = name.to_ascii_lowercase();
        let known = [
            "host",
            "content-type",
            "content-length",
            "accept",
            "user-agent",
            "connection",
        ];
        assert!(known.contains(&name.as_str()), "{header}");
        let copied = ["secret", "c2VjcmV0", "evil", "text/plain", "gzip"];
        assert!(copied.iter().all(|text| !value.contains(text)), "{header}");
    }
}

#[test]
fn g15_labels_of_the_gate_are_set_by_the_gate() {
    let stage = Stage::new();
    let labelled = |key: &str| {
        create(&format!(
            r#"{{"Image":"busybox","Labels":{{"{key}":"u1"}}}}"#
        ))
    };
    for key in [
        "dock.space",
        "dock.v",
        "dock.image",
        "dock.anything",
        "dock.net",
    ] {
        stage.refuses(key, &labelled(key), 403, &labelled("docks.space"));
    }
    let answer = stage.raw(&post(
        "/v1.41/containers/create?name=mine",
        r#"{"Image":"busybox","Labels":{"author":"bob"}}"#,
    ));
    assert_eq!(answer.unwrap().status, 201);
    let format = "{{index .Config.Labels \"dock.space\"}} {{index .Config.Labels \"author\"}}";
    let held = root_docker(["inspect", "-f", format, &stage.person.real("mine")])
        .output()
        .success();
    assert_eq!(
        held,
        format!("u{} {}", stage.person.uid, stage.person.login)
    );
}
