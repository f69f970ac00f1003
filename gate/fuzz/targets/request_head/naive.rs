//! A reader of requests that shares nothing with the guard but its verdict on
//! each head.

use dock_gate::forward::head::{BodyLength, check};

/// A request, as much of it as the service gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// None when the end never came.
    pub(crate) body: Option<Vec<u8>>,
}

/// Every request in `bytes` up to the first bad one, and where each ends.
pub(crate) fn read(bytes: &[u8]) -> Vec<(Seen, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(length) = position(&bytes[at..], b"\r\n\r\n") {
        let head = &bytes[at..at + length + 4];
        let Ok(framing) = check(head) else { break };
        at += head.len();
        let (mut seen, length) = parsed(head);
        assert_eq!(framing.body, length, "the guard counts otherwise");
        let rest = &bytes[at..];
        let body = match length {
            BodyLength::Known(length) => usize::try_from(length)
                .ok()
                .and_then(|length| Some((rest.get(..length)?.to_vec(), length))),
            BodyLength::Chunked => chunks(rest),
        };
        let (body, length) = body.unzip();
        at += length.unwrap_or(rest.len());
        seen.body = body;
        found.push((seen, at));
    }
    found
}

/// A good head, as a parser that we did not write reads it.
fn parsed(head: &[u8]) -> (Seen, BodyLength) {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let end = request.parse(head).expect("the guard is the stricter one");
    assert_eq!(end, httparse::Status::Complete(head.len()));
    let value = |name: &str| {
        let mut values = request
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value);
        let value = values.next();
        assert!(values.next().is_none(), "{name} stands twice");
        value
    };
    let length = match (value("content-length"), value("transfer-encoding")) {
        (Some(length), None) => BodyLength::Known(number(length)),
        (None, Some(_)) => BodyLength::Chunked,
        (None, None) => BodyLength::Known(0),
        (Some(_), Some(_)) => panic!("two lengths"),
    };
    value("host");
    let seen = Seen {
        method: request.method.unwrap().to_owned(),
        target: request.path.unwrap().to_owned(),
        body: None,
    };
    (seen, length)
}

fn number(digits: &[u8]) -> u64 {
    std::str::from_utf8(digits).unwrap().parse().unwrap()
}

/// A chunked body and its length as sent; none when it is bad or has no end.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let length = position(&bytes[at..], b"\r\n")?;
        let digits = std::str::from_utf8(&bytes[at..at + length]).ok()?;
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let size = usize::from_str_radix(digits, 16).ok()?;
        at += length + 2;
        let data = bytes[at..].get(..size)?;
        body.extend_from_slice(data);
        at += size;
        if bytes[at..].get(..2)? != b"\r\n" {
            return None;
        }
        at += 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|at| at == wanted)
}
