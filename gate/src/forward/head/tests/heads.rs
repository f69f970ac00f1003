//! Each head that is refused beside one that differs in as little and passes.

use proptest::prelude::*;

use super::super::check::end_of_head;
use super::super::{BodyLength, Framing, HeadError, check};

const NONE: Framing = Framing {
    body: BodyLength::Known(0),
    upgrade: false,
};

fn length(length: u64) -> Framing {
    Framing {
        body: BodyLength::Known(length),
        ..NONE
    }
}

fn passes(head: &str) -> Framing {
    check(head.as_bytes()).unwrap_or_else(|error| panic!("{head:?}: {error}"))
}

fn refused(head: &str) -> String {
    match check(head.as_bytes()) {
        Ok(framing) => panic!("{head:?} passes: {framing:?}"),
        Err(HeadError::Malformed(reason)) => reason.to_owned(),
        Err(other) => panic!("{head:?}: {other}"),
    }
}

#[test]
fn request_lines() {
    for line in [
        "GET /v1.41/containers/json?all=1 HTTP/1.1",
        "GET / HTTP/1.0",
        "OPTIONS * HTTP/1.1",
        "DELETE //a/../b%2f;c HTTP/1.1",
    ] {
        assert_eq!(passes(&format!("{line}\r\nHost: x\r\n\r\n")), NONE);
    }
    for (line, reason) in [
        ("", "the request line is not METHOD TARGET VERSION"),
        ("GET /", "the request line is not METHOD TARGET VERSION"),
        (
            "GET  / HTTP/1.1",
            "the request line is not METHOD TARGET VERSION",
        ),
        (
            "GET / HTTP/1.1 ",
            "the request line is not METHOD TARGET VERSION",
        ),
        (
            "GET /a b HTTP/1.1",
            "the request line is not METHOD TARGET VERSION",
        ),
        (
            " / HTTP/1.1",
            "the method is not a word of upper-case letters",
        ),
        (
            "get / HTTP/1.1",
            "the method is not a word of upper-case letters",
        ),
        (
            "GE\tT / HTTP/1.1",
            "the method is not a word of upper-case letters",
        ),
        ("CONNECT / HTTP/1.1", "this method is not served"),
        ("TRACE / HTTP/1.1", "this method is not served"),
        (
            "GET http://x/ HTTP/1.1",
            "the target does not begin with a slash",
        ),
        (
            "GET x:80 HTTP/1.1",
            "the target does not begin with a slash",
        ),
        ("GET * HTTP/1.1", "the target does not begin with a slash"),
        (
            "OPTIONS ** HTTP/1.1",
            "the target does not begin with a slash",
        ),
        (
            "GET /a#b HTTP/1.1",
            "the target has a character that must be encoded",
        ),
        (
            "GET /\tb HTTP/1.1",
            "the target has a character that must be encoded",
        ),
        (
            "GET /\0b HTTP/1.1",
            "the target has a character that must be encoded",
        ),
        (
            "GET /ä HTTP/1.1",
            "the target has a character that must be encoded",
        ),
        (
            "GET /a\rb HTTP/1.1",
            "the target has a character that must be encoded",
        ),
        (
            "GET / HTTP/1.2",
            "the version is neither HTTP/1.0 nor HTTP/1.1",
        ),
        (
            "GET / HTTP/2.0",
            "the version is neither HTTP/1.0 nor HTTP/1.1",
        ),
        (
            "GET / http/1.1",
            "the version is neither HTTP/1.0 nor HTTP/1.1",
        ),
        (
            "GET / HTTP/1.1\n",
            "the version is neither HTTP/1.0 nor HTTP/1.1",
        ),
        (
            "GET / HTTP/1.1\r",
            "the version is neither HTTP/1.0 nor HTTP/1.1",
        ),
    ] {
        assert_eq!(
            refused(&format!("{line}\r\nHost: x\r\n\r\n")),
            reason,
            "{line:?}"
        );
    }
}

#[test]
fn headers() {
    let upgrade = Framing {
        upgrade: true,
        ..NONE
    };
    let chunked = Framing {
        body: BodyLength::Chunked,
        ..NONE
    };
    for (lines, framing) in [
        ("X: a\tb ä", NONE),
        ("X:", NONE),
        ("!#$%&'*+-.^_`|~09azAZ: x", NONE),
        ("Host: x", NONE),
        ("Content-Length: 0", NONE),
        ("CONTENT-LENGTH:\t012 ", length(12)),
        (
            "Content-Length: 999999999999999999",
            length(999_999_999_999_999_999),
        ),
        ("transfer-encoding: Chunked", chunked),
        ("Expect: 100-Continue", NONE),
        ("Upgrade: tcp\r\nConnection: Upgrade", upgrade),
        ("upgrade:", upgrade),
    ] {
        assert_eq!(
            passes(&format!("POST / HTTP/1.1\r\n{lines}\r\n\r\n")),
            framing,
            "{lines:?}"
        );
    }
    let name = "the name of a header has a character that no name has";
    let control = "the value of a header has a control character";
    let number = "Content-Length is not a number of 1 to 18 digits";
    let both = "Content-Length and Transfer-Encoding are both given";
    for (lines, reason) in [
        ("X: a\r\n b", "a header is folded over two lines"),
        ("X: a\r\n\tb", "a header is folded over two lines"),
        (" X: a", "a header is folded over two lines"),
        ("X", "a header has no colon"),
        (": x", name),
        ("X : x", name),
        ("X\t: x", name),
        ("X\0: x", name),
        ("(X): x", name),
        ("Ä: x", name),
        ("\nX: x", name),
        ("X: a\0b", control),
        ("X: a\x0bb", control),
        ("X: a\x7fb", control),
        ("X: a\nContent-Length: 3", control),
        ("X: a\rContent-Length: 3", control),
        ("X: a\r", control),
        ("Content-Length: 3\x0c", control),
        ("Host: x\r\nhost: x", "Host is given twice"),
        (
            "Content-Length: 3\r\ncontent-length: 3",
            "Content-Length is given twice",
        ),
        ("Content-Length: 3, 3", number),
        ("Content-Length:", number),
        ("Content-Length: +3", number),
        ("Content-Length: -3", number),
        ("Content-Length: 0x3", number),
        ("Content-Length: 1000000000000000000", number),
        ("Content-Length: 3\r\nTransfer-Encoding: chunked", both),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0", both),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding is given twice",
        ),
        (
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding is not chunked",
        ),
        (
            "Transfer-Encoding: identity",
            "Transfer-Encoding is not chunked",
        ),
        ("Transfer-Encoding:", "Transfer-Encoding is not chunked"),
        ("Expect: 200-ok", "Expect is not 100-continue"),
        (
            "Expect: 100-continue\r\nExpect: 100-continue",
            "Expect is given twice",
        ),
    ] {
        let head = format!("POST / HTTP/1.1\r\n{lines}\r\n\r\n");
        assert_eq!(refused(&head), reason, "{lines:?}");
    }
}

#[test]
fn http_1_0_has_neither_chunks_nor_upgrades() {
    assert_eq!(
        passes("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n"),
        length(3)
    );
    assert_eq!(
        refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "HTTP/1.0 has no Transfer-Encoding"
    );
    assert_eq!(
        refused("POST / HTTP/1.0\r\nUpgrade: tcp\r\n\r\n"),
        "HTTP/1.0 has no Upgrade"
    );
}

#[test]
fn sixty_four_headers_pass_and_one_more_does_not() {
    let head = |count| format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(count));
    assert_eq!(check(head(64).as_bytes()), Ok(NONE));
    assert_eq!(check(head(65).as_bytes()), Err(HeadError::TooManyHeaders));
}

#[test]
fn a_head_must_be_whole_and_nothing_more() {
    assert_eq!(passes("GET / HTTP/1.1\r\n\r\n"), NONE);
    let unfinished = "the head of the request does not end";
    assert_eq!(refused("GET / HTTP/1.1\r\n"), unfinished);
    assert_eq!(refused("GET / HTTP/1.1\n\n"), unfinished);
    assert_eq!(refused(""), unfinished);
    assert_eq!(
        refused("GET / HTTP/1.1\r\n\r\nX: y\r\n\r\n"),
        "a header has no colon"
    );
    assert_eq!(check(b"PRI * HTTP/2.0\r\n\r\n"), Err(HeadError::Http2));
}

#[test]
fn the_end_is_found_wherever_the_search_starts() {
    let bytes = b"GET / HTTP/1.1\r\nX: y\r\n\r\nbody\n";
    for seen in 0..24 {
        assert_eq!(end_of_head(bytes, seen), Ok(Some(24)));
        assert_eq!(end_of_head(&bytes[..seen], 0), Ok(None));
    }
    assert_eq!(
        end_of_head(b"\n", 0),
        Err(HeadError::Malformed("a line does not end in CR LF"))
    );
}

proptest! {
    /// What passes holds no control character but its line ends and tabs, and
    /// one end only.
    #[test]
    fn what_passes_has_one_meaning(
        method in "[A-Z]{0,4}[ \t]{0,2}",
        target in "[/*#a%\u{0}\u{e4}]{0,4}",
        lines in proptest::collection::vec("[\r\n \t]?(Content-Length|Transfer-Encoding|X)[ \t]?:? ?(1|chunked|a)?[\r\n\u{0}]?", 0..4),
    ) {
        let head = format!("{method} {target} HTTP/1.1\r\n{}\r\n\r\n", lines.join("\r\n"));
        if check(head.as_bytes()).is_ok() {
            let plain = head.replace("\r\n", "");
            prop_assert!(!plain.chars().any(|c| c.is_control() && c != '\t'), "{head:?}");
            prop_assert_eq!(end_of_head(head.as_bytes(), 0), Ok(Some(head.len())));
        }
    }
}
