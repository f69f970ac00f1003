//! Streams that nobody who means well writes: each is refused and leaves nothing,
//! and its twin, which differs in that one thing, is taken.

use std::io::Cursor;

use super::given::Place;
use super::{Form, PREFIX, prefix, unpacked};
use crate::tar::entry::{Attributes, Entry, Extent, Kind, Time};
use crate::tar::header::{Header, MAX_LONG};
use crate::tar::{BLOCK, Error, Fault, Ids, Writer, padding, pax, sparse, unpack};

/// A stream in the making, well-formed unless a test says otherwise.
struct Stream(Vec<u8>);

impl Stream {
    /// With the folder itself in it.
    fn new() -> Stream {
        let mut stream = Stream(Vec::new());
        stream.add("", Kind::Folder);
        stream
    }

    fn entry(&mut self, entry: &Entry, content: &[u8]) -> &mut Stream {
        let mut writer = Writer::new(std::mem::take(&mut self.0));
        writer.entry(entry).unwrap();
        writer.put(content).unwrap();
        writer.pad(content.len() as u64).unwrap();
        self.0 = writer.finish().unwrap();
        self
    }

    /// A file is four bytes.
    fn add(&mut self, name: &str, kind: Kind) -> &mut Stream {
        let content: &[u8] = if kind == file() { b"file" } else { b"" };
        self.entry(&entry(name, kind), content)
    }

    /// A header as it is, with records before it.
    fn raw(&mut self, header: &Header, records: &[u8], content: &[u8]) -> &mut Stream {
        if !records.is_empty() {
            let before = Header {
                flag: b'x',
                size: records.len() as u64,
                ..Header::default()
            };
            self.block(&before.encode(), records);
        }
        self.block(&header.encode(), content)
    }

    fn block(&mut self, header: &[u8; BLOCK], content: &[u8]) -> &mut Stream {
        self.0.extend_from_slice(header);
        self.0.extend_from_slice(content);
        let rest = padding(content.len() as u64);
        self.0.resize(self.0.len() + rest, 0);
        self
    }
}

fn file() -> Kind {
    Kind::File {
        size: 4,
        extents: None,
    }
}

fn named(name: &[u8], kind: Kind) -> Entry {
    Entry {
        name: name.to_vec(),
        kind,
        attributes: Attributes {
            mode: 0o755,
            mtime: Time {
                seconds: 1,
                nanos: 0,
            },
            ..Attributes::default()
        },
    }
}

fn entry(name: &str, kind: Kind) -> Entry {
    let name = format!("{PREFIX}{name}");
    named(name.strip_suffix('/').unwrap_or(&name).as_bytes(), kind)
}

fn header(name: &str, flag: u8) -> Header {
    Header {
        name: format!("{PREFIX}{name}").into_bytes(),
        mode: 0o644,
        flag,
        ..Header::default()
    }
}

fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let mut records = Vec::new();
    pax::push(&mut records, key.as_bytes(), value);
    records
}

fn made_of(stream: &Stream, form: Form) -> (Result<(), Error>, Place) {
    let place = Place::new();
    let done = unpacked(&stream.0, &place, form).map(drop);
    (done, place)
}

#[track_caller]
fn refused_as(stream: &Stream, form: Form) -> Fault {
    let (done, place) = made_of(stream, form);
    let error = done.expect_err("it was taken");
    assert!(place.is_empty() && !error.remains, "{error}");
    error.fault
}

#[track_caller]
fn taken(stream: &Stream, form: Form) {
    let (done, _) = made_of(stream, form);
    if let Err(error) = done {
        panic!("the twin is refused: {error}");
    }
}

/// A stream after `begin`, with what a test adds.
fn with(add: impl FnOnce(&mut Stream) -> &mut Stream) -> Stream {
    let mut stream = Stream::new();
    add(&mut stream);
    stream
}

#[test]
fn names_that_lead_elsewhere() {
    for (bad, good) in [
        (&b"/etc/x"[..], &b"v/d/x"[..]),
        (b"v/x", b"v/d/x"),
        (b"v/d/../x", b"v/d/..x"),
        (b"v/d/./x", b"v/d/.x"),
        (b"v/d//x", b"v/d/x"),
        (b"v/d/x/", b"v/d/x"),
        (b"v/d/..", b"v/d/..."),
        (b"w/d/x", b"v/d/w"),
        (b"v/d/a\0b", b"v/d/a\x01b"),
        (b"", b"v/d/e"),
    ] {
        let mut header = header("", b'0');
        header.name = b"short".to_vec();
        let stream = with(|stream| stream.raw(&header, &record("path", bad), b""));
        let fault = refused_as(&stream, Form::Volume);
        let is_the_names = matches!(fault, Fault::Name(_) | Fault::Outside);
        assert!(is_the_names, "{}: {fault}", bad.escape_ascii());
        taken(
            &with(|stream| stream.raw(&header, &record("path", good), b"")),
            Form::Volume,
        );
    }
}

#[test]
fn names_that_are_too_long() {
    for (length, good) in [(256, false), (255, true)] {
        let name = "x".repeat(length);
        let stream = with(|stream| stream.add(&name, file()));
        match good {
            true => taken(&stream, Form::Volume),
            false => assert!(matches!(refused_as(&stream, Form::Volume), Fault::Name(_))),
        }
    }
}

#[test]
fn the_same_twice() {
    for kind in [
        file(),
        Kind::Folder,
        Kind::Fifo,
        Kind::Symlink(b"x".to_vec()),
        Kind::Link(b"v/d/first".to_vec()),
    ] {
        let two = |other: &str| {
            with(|stream| {
                stream.add("first", file());
                stream.add("name", kind.clone()).add(other, kind.clone())
            })
        };
        assert_eq!(refused_as(&two("name"), Form::Volume), Fault::Duplicate);
        taken(&two("other"), Form::Volume);
    }
    let twice = with(|stream| stream.add("", Kind::Folder));
    assert_eq!(refused_as(&twice, Form::Volume), Fault::Duplicate);
}

#[test]
fn a_link_in_the_place_of_a_folder() {
    let through = |kind: Kind| with(|stream| stream.add("way", kind).add("way/passwd", file()));
    let link = Kind::Symlink(b"/tmp".to_vec());
    assert_eq!(refused_as(&through(link), Form::Volume), Fault::Apart);
    assert_eq!(refused_as(&through(file()), Form::Volume), Fault::Apart);
    taken(&through(Kind::Folder), Form::Volume);
}

#[test]
fn a_folder_that_is_closed_or_missing() {
    let reopened = |last: &str| {
        with(|stream| {
            stream
                .add("a", Kind::Folder)
                .add("b", Kind::Folder)
                .add(last, file())
        })
    };
    assert_eq!(refused_as(&reopened("a/late"), Form::Volume), Fault::Apart);
    taken(&reopened("b/in time"), Form::Volume);
    let mut headless = Stream(Vec::new());
    headless.add("x", file());
    assert_eq!(refused_as(&headless, Form::Volume), Fault::Apart);
    assert_eq!(refused_as(&Stream(Vec::new()), Form::Volume), Fault::Cut);
}

#[test]
fn hard_links_to_what_the_stream_did_not_make() {
    let linked = |target: &str| {
        with(|stream| {
            stream
                .add("escape", Kind::Symlink(b"/etc".to_vec()))
                .add("file", file())
                .add("folder", Kind::Folder)
                .add("link", Kind::Link(target.as_bytes().to_vec()))
        })
    };
    for bad in [
        "/etc/passwd",
        "etc/passwd",
        "v/d/../../etc/passwd",
        "v/d/missing",
        "v/d/folder",
        "v/d/escape/passwd",
        "v/d/link",
        "v/d",
        "",
    ] {
        let fault = refused_as(&linked(bad), Form::Volume);
        assert_eq!(fault, Fault::Link(bad.into()), "{bad}");
    }
    taken(&linked("v/d/file"), Form::Volume);
    taken(&linked("v/d/escape"), Form::Volume);
}

#[test]
fn types_that_are_not_taken() {
    for (flag, fault) in [
        (b'3', Fault::Device),
        (b'4', Fault::Device),
        (b'7', Fault::Type(b'7')),
        (b'S', Fault::Type(b'S')),
        (b'L', Fault::Type(b'L')),
        (b'g', Fault::Type(b'g')),
        (b'V', Fault::Type(b'V')),
        (0xff, Fault::Type(0xff)),
    ] {
        for form in [Form::Volume, Form::Layer] {
            let of = |flag| with(|stream| stream.raw(&header("x", flag), b"", b""));
            assert_eq!(refused_as(&of(flag), form), fault);
            taken(&of(b'6'), form);
        }
    }
}

#[test]
fn content_where_none_belongs() {
    for flag in [b'1', b'2', b'5', b'6'] {
        let with_size = |size| {
            let mut header = header("x", flag);
            header.size = size;
            header.link = b"v/d/first".to_vec();
            with(|stream| {
                stream.add("first", file());
                stream.raw(&header, b"", &vec![0; size as usize])
            })
        };
        let fault = refused_as(&with_size(512), Form::Volume);
        assert!(matches!(fault, Fault::Form(_)), "{flag}: {fault}");
        taken(&with_size(0), Form::Volume);
    }
}

#[test]
fn records_that_are_no_records() {
    let path = record("path", b"v/d/x");
    let twice = [&path[..], &path].concat();
    let longer = [b"20", &path[2..]].concat();
    for bad in [
        &twice[..],
        &longer,
        b"5 a=",
        b"junk\n",
        &record("GNU.sparse.major", b"0"),
        &record("GNU.sparse.map", b"0,4"),
        &record("SCHILY.acl.access", b"user::rwx"),
        &record("uid", b"-1"),
        &record("uid", b"1e3"),
        &record("size", b"99999999999999999999"),
        &record("mtime", b"nan"),
        &record("unknown", b"x"),
    ] {
        let stream = with(|stream| stream.raw(&header("y", b'0'), bad, b""));
        let fault = refused_as(&stream, Form::Volume);
        assert!(
            matches!(fault, Fault::Form(_)),
            "{}: {fault}",
            bad.escape_ascii()
        );
    }
    for good in [
        &path,
        &record("uid", b"1000"),
        &record("mtime", b"-1.5"),
        &record("comment", b"anything"),
    ] {
        taken(
            &with(|stream| stream.raw(&header("y", b'0'), good, b"")),
            Form::Volume,
        );
    }
}

#[test]
fn sizes_beyond_what_is_there() {
    for (size, good) in [(4, true), (5 * BLOCK as u64, false), (MAX_LONG, false)] {
        let mut header = header("x", b'0');
        header.size = size;
        let stream = with(|stream| stream.raw(&header, b"", b"file"));
        match good {
            true => taken(&stream, Form::Volume),
            false => assert_eq!(refused_as(&stream, Form::Volume), Fault::Cut),
        }
    }
    let huge = record("size", (i64::MAX as u64 + 1).to_string().as_bytes());
    let stream = with(|stream| stream.raw(&header("x", b'0'), &huge, b""));
    assert!(matches!(refused_as(&stream, Form::Volume), Fault::Form(_)));
}

#[test]
fn more_or_less_than_was_announced() {
    let stream = with(|stream| stream.add("x", file()));
    let length = stream.0.len() as u64;
    for (announced, good) in [
        (length, true),
        (length - 1, false),
        (length + 1, false),
        (0, false),
    ] {
        let place = Place::new();
        let source = Cursor::new(&stream.0);
        let done = unpack(
            source,
            place.open(),
            &prefix(),
            Form::Volume,
            Ids::PLAIN,
            Some(announced),
        );
        assert_eq!(done.is_ok(), good, "{announced}");
        assert_eq!(place.is_empty(), !good);
    }
}

#[test]
fn ids_and_modes_that_no_file_has() {
    let of = |uid: &[u8]| with(|stream| stream.raw(&header("x", b'0'), &record("uid", uid), b""));
    assert_eq!(
        refused_as(&of(b"4294967295"), Form::Volume),
        Fault::Id(u32::MAX.into())
    );
    assert_eq!(
        refused_as(&of(b"4294967296"), Form::Volume),
        Fault::Id(1 << 32)
    );
    let of = |mode| {
        let mut header = header("x", b'0');
        header.mode = mode;
        with(|stream| stream.raw(&header, b"", b""))
    };
    assert!(matches!(
        refused_as(&of(0o10_644), Form::Volume),
        Fault::Form(_)
    ));
    taken(&of(0o7_777), Form::Volume);
}

#[test]
fn extended_attributes_that_do_not_travel() {
    let of = |name: &[u8], value: &[u8], kind: Kind| {
        let mut entry = entry("x", kind);
        entry.attributes.xattrs = vec![(name.to_vec(), value.to_vec())];
        let content: &[u8] = if entry.kind == file() { b"file" } else { b"" };
        with(|stream| stream.entry(&entry, content))
    };
    let acl = super::given::acl(7);
    for (name, value, kind) in [
        (&b"trusted.overlay.opaque"[..], &b"y"[..], Kind::Folder),
        (b"trusted.overlay.redirect", b"/etc", Kind::Folder),
        (b"security.selinux", b"x", file()),
        (b"security.ima", b"x", file()),
        (b"system.data", b"x", file()),
        (b"user.", b"x", file()),
        (b"user.a\0b", b"x", file()),
        (b"", b"x", file()),
        (b"user.x", b"x", Kind::Fifo),
        (b"security.capability", b"x", file()),
        (b"security.capability", &[0; 20], Kind::Folder),
        (b"system.posix_acl_access", b"x", file()),
        (b"system.posix_acl_default", &acl, file()),
    ] {
        for form in [Form::Volume, Form::Layer] {
            let fault = refused_as(&of(name, value, kind.clone()), form);
            let is_the_attributes = matches!(fault, Fault::Attribute(_));
            assert!(is_the_attributes, "{}: {fault}", name.escape_ascii());
        }
    }
    for (name, value, kind) in [
        (&b"user.overlay.opaque"[..], &b"y"[..], Kind::Folder),
        (b"user.x", b"x", file()),
        (b"system.posix_acl_access", &acl, file()),
        (b"system.posix_acl_default", &acl, Kind::Folder),
    ] {
        taken(&of(name, value, kind), Form::Volume);
    }
}

#[test]
fn maps_of_holes_that_lie() {
    let of = |map: &[u8], data: &[u8]| {
        let records = [
            record("GNU.sparse.major", b"1"),
            record("GNU.sparse.minor", b"0"),
            record("GNU.sparse.name", b"v/d/holes"),
            record("GNU.sparse.realsize", b"10"),
        ]
        .concat();
        let mut content = map.to_vec();
        content.resize(map.len().next_multiple_of(BLOCK), 0);
        content.extend_from_slice(data);
        let mut header = header("x", b'0');
        header.size = content.len() as u64;
        with(|stream| stream.raw(&header, &records, &content))
    };
    for (map, data) in [
        (&b"2\n0\n5\n4\n5\n"[..], &b"0123456789"[..]),
        (b"1\n6\n5\n", b"01234"),
        (b"1\n18446744073709551615\n5\n", b"01234"),
        (b"1\n0\n5\n", b"0123"),
        (b"1\n0\n5\n", b"012345"),
        (b"999999999\n", b""),
        (b"2\n0\n5\n", b"01234"),
        (b"", b""),
    ] {
        let fault = refused_as(&of(map, data), Form::Volume);
        assert!(
            matches!(fault, Fault::Sparse(_)),
            "{}: {fault}",
            map.escape_ascii()
        );
    }
    taken(&of(b"2\n0\n5\n5\n5\n", b"0123456789"), Form::Volume);
    let map = sparse::encode(
        &[Extent {
            offset: 2,
            length: 3,
        }],
        10,
    );
    taken(&of(&map, b"012"), Form::Volume);
}

#[test]
fn marks_of_layers() {
    let mut full = entry(
        ".wh.x",
        Kind::File {
            size: 4,
            extents: None,
        },
    );
    full.attributes.mode = 0;
    for stream in [
        with(|stream| stream.entry(&full, b"file")),
        with(|stream| stream.add(".wh.x", Kind::Folder)),
        with(|stream| stream.add(".wh.x", Kind::Symlink(b"y".to_vec()))),
        with(|stream| stream.raw(&header(".wh.", b'0'), b"", b"")),
        with(|stream| stream.raw(&header(".wh...", b'0'), b"", b"")),
        with(|stream| stream.raw(&header(".wh..wh.plnk", b'0'), b"", b"")),
    ] {
        let fault = refused_as(&stream, Form::Layer);
        assert!(matches!(fault, Fault::Name(_)), "{fault}");
    }
    // In a volume they are files like others.
    taken(&with(|stream| stream.add(".wh.x", file())), Form::Volume);
    let both = with(|stream| {
        stream.add("x", file());
        stream.raw(&header(".wh.x", b'0'), b"", b"")
    });
    if super::given::is_root() {
        assert_eq!(refused_as(&both, Form::Layer), Fault::Duplicate);
        for name in [".wh.x", ".wh..wh..opq"] {
            taken(
                &with(|stream| stream.raw(&header(name, b'0'), b"", b"")),
                Form::Layer,
            );
        }
    }
}

#[test]
fn something_behind_the_end() {
    let end = |rest: &[u8]| {
        let mut stream = with(|stream| stream.add("x", file()));
        stream.0.extend_from_slice(rest);
        stream
    };
    taken(&end(&[0; 1024]), Form::Volume);
    taken(&end(&[0; 10_240]), Form::Volume);
    let mut behind = vec![0; 1024];
    behind.extend_from_slice(&header("late", b'0').encode());
    for bad in [&behind[..], &[0xff; 512], &[b'x'; 100]] {
        let fault = refused_as(&end(bad), Form::Volume);
        assert!(
            matches!(fault, Fault::Form(_) | Fault::Checksum | Fault::Cut),
            "{fault}"
        );
    }
}

#[test]
fn a_folder_that_is_not_empty() {
    let stream = with(|stream| stream.add("x", file()));
    for (form, name, good) in [
        (Form::Volume, "folder/", false),
        (Form::Volume, "mine", false),
        (Form::Layer, "mine", false),
        (Form::Layer, "folder/", true),
    ] {
        let place = Place::new();
        match name.strip_suffix('/') {
            Some(folder) => std::fs::create_dir(place.path(folder)).unwrap(),
            None => std::fs::write(place.path(name), "mine").unwrap(),
        }
        let done = unpacked(&stream.0, &place, form);
        assert_eq!(done.is_ok(), good, "{form:?} {name}");
        if !good {
            assert_eq!(done.unwrap_err().fault, Fault::Full);
            assert!(place.path(name).exists() && !place.path("x").exists());
        }
    }
}
