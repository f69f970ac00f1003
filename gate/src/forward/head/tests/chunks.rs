//! The one spelling of chunked encoding that is accepted.

use super::super::BodyLength;
use super::super::framing::Body;

/// How much of `bytes` is body, given in pieces of `piece` bytes; or the reason.
fn pass(bytes: &[u8], piece: usize) -> Result<(usize, bool), String> {
    let mut body = Body::new(BodyLength::Chunked);
    let mut passed = 0;
    for piece in bytes.chunks(piece) {
        passed += body.pass(piece).map_err(|error| error.to_string())?;
    }
    Ok((passed, body.is_done()))
}

#[test]
fn a_body_ends_where_its_last_chunk_ends() {
    for body in [
        "0\r\n\r\n",
        "3\r\nabc\r\n0\r\n\r\n",
        "0003\r\nabc\r\n000\r\n\r\n",
        "A\r\n0123456789\r\na\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
    ] {
        let all = format!("{body}GET / HTTP/1.1");
        for piece in [1, 2, 3, 1000] {
            assert_eq!(
                pass(all.as_bytes(), piece),
                Ok((body.len(), true)),
                "{body:?} by {piece}"
            );
            let short = &body.as_bytes()[..body.len() - 1];
            assert_eq!(
                pass(short, piece),
                Ok((short.len(), false)),
                "{body:?} by {piece}"
            );
        }
    }
}

#[test]
fn the_largest_size_has_16_digits() {
    assert_eq!(pass(b"ffffffffffffffff\r\nabc", 1), Ok((21, false)));
    assert_eq!(
        pass(b"00000000000000003\r\nabc", 1),
        Err("the size of a chunk is too long".into())
    );
}

#[test]
fn any_other_spelling_is_refused() {
    let size = "the size of a chunk is not a hexadecimal number";
    let end = "a chunk does not end in CR LF";
    for (body, reason) in [
        ("\r\n", size),
        (" 3\r\nabc\r\n", size),
        ("3 \r\nabc\r\n", size),
        ("3;a=b\r\nabc\r\n", size),
        ("0x3\r\nabc\r\n", size),
        ("+3\r\nabc\r\n", size),
        ("g\r\n", size),
        ("3\nabc\r\n", size),
        ("3\rabc\r\n", end),
        ("3\r\nabcd\r\n", end),
        ("3\r\nabc\n", end),
        ("3\r\nabc\rx", end),
        ("0\r\nX: y\r\n\r\n", "trailers are not accepted"),
        ("0\r\n\n", "trailers are not accepted"),
        ("0\r\n\rx", end),
    ] {
        for piece in [1, 1000] {
            assert_eq!(
                pass(body.as_bytes(), piece),
                Err(reason.into()),
                "{body:?} by {piece}"
            );
        }
    }
}

#[test]
fn a_known_length_is_counted_down() {
    let mut body = Body::new(BodyLength::Known(5));
    assert_eq!(body.pass(b"abc"), Ok(3));
    assert!(!body.is_done());
    assert_eq!(body.pass(b"defg"), Ok(2));
    assert!(body.is_done());
    assert!(Body::new(BodyLength::Known(0)).is_done());
}
