//! Where a request ends, and who says so (G10).

use super::{Stage, get};

/// A POST that the twin makes harmless: starting what runs already is 304.
fn start(stage: &Stage, headers: &str, body: &str) -> Vec<u8> {
    let web = &stage.web;
    format!("POST /v1.41/containers/{web}/start HTTP/1.1\r\nHost: docker\r\n{headers}\r\n{body}")
        .into_bytes()
}

#[test]
fn g10_two_ways_to_say_where_a_body_ends_are_refused() {
    let stage = Stage::new();
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (what, headers, body, twin, twin_body) in [
        (
            "both lengths",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            chunked,
            "0\r\n\r\n",
        ),
        (
            "both lengths, the other way",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "0\r\n\r\n",
            chunked,
            "0\r\n\r\n",
        ),
        (
            "two lengths",
            "Content-Length: 0\r\nContent-Length: 2\r\n",
            "",
            "Content-Length: 0\r\n",
            "",
        ),
        (
            "one length twice",
            "Content-Length: 0\r\nContent-Length: 0\r\n",
            "",
            "Content-Length: 0\r\n",
            "",
        ),
        (
            "a list of lengths",
            "Content-Length: 0, 0\r\n",
            "",
            "Content-Length: 0\r\n",
            "",
        ),
        (
            "a signed length",
            "Content-Length: +0\r\n",
            "",
            "Content-Length: 0\r\n",
            "",
        ),
        (
            "a hexadecimal length",
            "Content-Length: 0x0\r\n",
            "",
            "Content-Length: 0\r\n",
            "",
        ),
        (
            "an unknown coding",
            "Transfer-Encoding: identity\r\n",
            "",
            "",
            "",
        ),
        (
            "two codings",
            "Transfer-Encoding: gzip, chunked\r\n",
            "0\r\n\r\n",
            chunked,
            "0\r\n\r\n",
        ),
        (
            "a coding twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            chunked,
            "0\r\n\r\n",
        ),
    ] {
        let (bytes, twin) = (start(&stage, headers, body), start(&stage, twin, twin_body));
        stage.refuses(what, &bytes, 400, &twin);
    }
}

#[test]
fn g10_chunks_have_one_spelling() {
    let stage = Stage::new();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let twin = start(&stage, chunked, "2\r\n{}\r\n0\r\n\r\n");
    for (what, body) in [
        ("an extension", "2;x=y\r\n{}\r\n0\r\n\r\n"),
        ("a trailer", "2\r\n{}\r\n0\r\nX: y\r\n\r\n"),
        ("a sign", "+2\r\n{}\r\n0\r\n\r\n"),
        ("a prefix", "0x2\r\n{}\r\n0\r\n\r\n"),
        ("a bare line feed", "2\n{}\r\n0\r\n\r\n"),
        (
            "a size too large for 64 bits",
            "10000000000000002\r\n{}\r\n0\r\n\r\n",
        ),
    ] {
        let bytes = start(&stage, chunked, body);
        stage.refuses(what, &bytes, 400, &twin);
    }
}

#[test]
fn g10_lines_have_one_spelling() {
    let stage = Stage::new();
    let info = |headers: &str| {
        format!("GET /v1.41/info HTTP/1.1\r\nHost: docker\r\n{headers}\r\n").into_bytes()
    };
    let plain = info("X-Y: z\r\n");
    for (what, bytes) in [
        ("a folded header", info("X-Y: z\r\n folded\r\n")),
        ("a bare line feed", info("X-Y: z\nX: y\r\n")),
        ("a bare carriage return", info("X-Y: z\rX: y\r\n")),
        ("a space before the colon", info("X-Y : z\r\n")),
        ("a header without a name", info(": z\r\n")),
        ("a header without a colon", info("X-Y\r\n")),
        ("a NUL", info("X-Y: \0\r\n")),
        ("two hosts", info("Host: other\r\n")),
        (
            "two spaces",
            b"GET  /v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n".to_vec(),
        ),
        (
            "a tab",
            b"GET\t/v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n".to_vec(),
        ),
        (
            "no version",
            b"GET /v1.41/info\r\nHost: docker\r\n\r\n".to_vec(),
        ),
        (
            "an unknown version",
            b"GET /v1.41/info HTTP/1.2\r\nHost: docker\r\n\r\n".to_vec(),
        ),
        (
            "a line before the request",
            b"\r\nGET /v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n".to_vec(),
        ),
        (
            "a method in lower case",
            b"get /v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n".to_vec(),
        ),
        (
            "bytes above 127 in the target",
            "GET /v1.41/inf\u{f6} HTTP/1.1\r\nHost: docker\r\n\r\n".into(),
        ),
        (
            "a fragment",
            b"GET /v1.41/info#x HTTP/1.1\r\nHost: docker\r\n\r\n".to_vec(),
        ),
    ] {
        stage.refuses(what, &bytes, 400, &plain);
    }
}

#[test]
fn g10_heads_have_a_size() {
    let stage = Stage::new();
    let with = |count: usize| {
        let headers: String = (0..count).map(|at| format!("X-{at}: y\r\n")).collect();
        format!("GET /v1.41/info HTTP/1.1\r\nHost: docker\r\n{headers}\r\n").into_bytes()
    };
    // Host is the first.
    stage.refuses("65 headers", &with(64), 431, &with(63));
    let long = |length: usize| {
        let value = "x".repeat(length);
        format!("GET /v1.41/info HTTP/1.1\r\nHost: docker\r\nX: {value}\r\n\r\n").into_bytes()
    };
    stage.refuses("a head over 64 KiB", &long(65_536), 431, &long(60_000));
}

#[test]
fn g10_only_requests_for_this_server_are_served() {
    let stage = Stage::new();
    let info = get("/v1.41/info");
    for (what, line, status) in [
        ("CONNECT", "CONNECT docker:80 HTTP/1.1", 400),
        ("CONNECT with a path", "CONNECT /v1.41/info HTTP/1.1", 400),
        ("TRACE", "TRACE /v1.41/info HTTP/1.1", 400),
        (
            "an absolute target",
            "GET http://docker/v1.41/info HTTP/1.1",
            400,
        ),
        ("an authority", "GET docker HTTP/1.1", 400),
        ("a star", "GET * HTTP/1.1", 400),
        ("HTTP/2", "PRI * HTTP/2.0", 0),
    ] {
        let bytes = format!("{line}\r\nHost: docker\r\n\r\n").into_bytes();
        stage.refuses(what, &bytes, status, &info);
    }
}

#[test]
fn g10_old_http_has_no_new_words() {
    let stage = Stage::new();
    let old = |headers: &str| {
        let web = &stage.web;
        format!("POST /v1.41/containers/{web}/start HTTP/1.0\r\n{headers}\r\n").into_bytes()
    };
    for headers in [
        "Transfer-Encoding: chunked\r\n",
        "Upgrade: tcp\r\nConnection: Upgrade\r\n",
    ] {
        stage.refuses(headers, &old(headers), 400, &old(""));
    }
}

#[test]
fn g10_a_second_request_is_judged_like_the_first() {
    let stage = Stage::new();
    let mut connection = stage.gate.connect();
    // Sent as one piece: the second must not pass in the shadow of the first.
    let mut bytes = get("/v1.41/info");
    bytes.extend(get("/v1.41/containers/../info"));
    connection.send(&bytes);
    assert_eq!(connection.answer().status, 200);
    assert_eq!(connection.answer().status, 400);
    let mut twin = stage.gate.connect();
    let mut bytes = get("/v1.41/info");
    bytes.extend(get("/v1.41/version"));
    twin.send(&bytes);
    assert_eq!(twin.answer().status, 200);
    assert_eq!(twin.answer().status, 200);
}
