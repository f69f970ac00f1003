//! Folders with everything that a folder can have, there and back.

mod given;
mod hostile;
mod trees;

use std::io::Cursor;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::process::{Command, Stdio};

use dock_space::admin::Transfer;
use given::{Place, everything, has, layer, mark_of};

use super::*;

const PREFIX: &str = "v/d/";

fn prefix() -> Prefix {
    Prefix::parse(PREFIX).unwrap()
}

impl Sink for Vec<u8> {
    fn take(&mut self, mut piece: Vec<u8>) -> Result<(), Fault> {
        self.append(&mut piece);
        Ok(())
    }
}

/// What has changed something before each piece.
struct Meddling<F>(Vec<u8>, F);

impl<F: FnMut()> Sink for Meddling<F> {
    fn take(&mut self, piece: Vec<u8>) -> Result<(), Fault> {
        self.1();
        self.0.take(piece)
    }
}

fn packed(place: &Place, form: Form) -> (Vec<u8>, Transfer) {
    pack(place.open(), &prefix(), form, Ids::PLAIN, Vec::new()).unwrap()
}

fn unpacked(bytes: &[u8], place: &Place, form: Form) -> Result<Transfer, Error> {
    let announced = Some(bytes.len() as u64);
    unpack(
        Cursor::new(bytes),
        place.open(),
        &prefix(),
        form,
        Ids::PLAIN,
        announced,
    )
}

#[test]
fn a_volume_with_everything_comes_back_as_it_was() {
    let (one, other) = (Place::new(), Place::new());
    everything(&one);
    let (bytes, facts) = packed(&one, Form::Volume);
    assert_eq!(bytes.len() as u64, facts.bytes);
    assert_eq!((facts.left_out.sockets, facts.changed), (1, 0));
    let back = unpacked(&bytes, &other, Form::Volume).unwrap();
    assert_eq!((back.entries, back.bytes), (facts.entries, facts.bytes));
    assert_eq!(packed(&other, Form::Volume).0, bytes);

    // The stream could leave the same out twice: some of it by the kernel's word.
    let stat = |name: &str| other.path(name).symlink_metadata().unwrap();
    assert_eq!(stat("setuid").mode() & 0o7777, 0o4755);
    assert_eq!(
        (stat("plain").mtime(), stat("plain").mtime_nsec()),
        (-2, 123_456_789)
    );
    assert_eq!(stat("link a").ino(), stat("link b").ino());
    assert_eq!(stat("dangling").mtime(), 5);
    assert_eq!(stat("folder").mtime(), 7);
    let holes = stat("holes");
    assert_eq!(holes.len(), 64 << 20);
    assert!(holes.blocks() * 512 < 1 << 20);
    let file = std::fs::File::open(other.path("holes")).unwrap();
    let mut found = [0; 5];
    file.read_exact_at(&mut found, 9 << 20).unwrap();
    assert_eq!(&found, b"data!");
    assert_eq!(stat("all hole").blocks(), 0);
    assert!(has(&other, "attributed", c"user.key=100%"));
}

#[test]
fn a_layer_comes_back_with_its_marks() {
    let (one, other) = (Place::new(), Place::new());
    if !layer(&one) {
        return;
    }
    let (bytes, facts) = packed(&one, Form::Layer);
    assert_eq!(facts.left_out.reserved, 1);
    // The engine makes the working folder when it makes a container.
    std::fs::create_dir_all(other.path("work/dir")).unwrap();
    unpacked(&bytes, &other, Form::Layer).unwrap();
    assert_eq!(packed(&other, Form::Layer).0, bytes);
    let removed = other.path("etc/removed").symlink_metadata().unwrap();
    assert_eq!((removed.mode() & 0o170_000, removed.rdev()), (0o020_000, 0));
    assert!(has(&other, "replaced", xattr::OPAQUE));
    assert!(!other.path("work").exists());
    // In a volume a device is one.
    let (_, facts) = packed(&one, Form::Volume);
    assert_eq!(facts.left_out.devices, 1);
}

#[test]
fn a_layer_that_is_not_whole_is_no_part() {
    for (name, fault) in [
        (c"trusted.overlay.metacopy", Fault::Metacopy),
        (c"trusted.overlay.redirect", Fault::Redirect),
    ] {
        let place = Place::new();
        std::fs::write(place.path("file"), "").unwrap();
        if !mark_of(&place, "file", name) {
            return;
        }
        let found = pack(place.open(), &prefix(), Form::Layer, Ids::PLAIN, Vec::new());
        assert_eq!(found.unwrap_err(), fault.of(b"v/d/file"));
        // Nobody's business in a volume.
        packed(&place, Form::Volume);
    }
}

fn tar(words: &[&str], place: &Place, input: &[u8]) -> Vec<u8> {
    let mut tar = Command::new("tar")
        .args(words)
        .args(["--xattrs", "--xattrs-include=*", "--directory"])
        .arg(place.top())
        .args(["--file", "-"])
        .args(if words.contains(&"--create") {
            &["v/d"][..]
        } else {
            &[]
        })
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = tar.stdin.take().unwrap();
    let input = input.to_vec();
    let feed = std::thread::spawn(move || {
        let _ = std::io::Write::write_all(&mut stdin, &input);
    });
    let output = tar.wait_with_output().unwrap();
    feed.join().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    output.stdout
}

#[test]
fn gnu_tar_reads_what_is_written() {
    let (one, other) = (Place::new(), Place::new());
    everything(&one);
    let (bytes, _) = packed(&one, Form::Volume);
    tar(
        &["--extract", "--preserve-permissions", "--numeric-owner"],
        &other,
        &bytes,
    );
    let other = other.inner("v/d");
    assert_eq!(packed(&other, Form::Volume).0, bytes);
}

#[test]
fn what_gnu_tar_writes_is_read() {
    let (one, other) = (Place::new(), Place::new());
    let inner = one.inner("v/d");
    everything(&inner);
    let words = [
        "--create",
        "--format=pax",
        "--sparse",
        "--warning=no-file-ignored",
    ];
    let bytes = tar(&words, &one, b"");
    unpacked(&bytes, &other, Form::Volume).unwrap();
    assert_eq!(
        packed(&other, Form::Volume).0,
        packed(&inner, Form::Volume).0
    );
}

#[test]
fn a_file_that_shrinks_or_grows_keeps_its_size_in_the_stream() {
    for size in [0, 1 << 22] {
        let (one, other) = (Place::new(), Place::new());
        std::fs::write(one.path("a"), vec![b'x'; 1 << 20]).unwrap();
        std::fs::write(one.path("b"), "after").unwrap();
        let changing = one.path("a");
        let meddling = Meddling(Vec::new(), || {
            let file = std::fs::File::options().write(true).open(&changing);
            file.unwrap().set_len(size).unwrap();
        });
        let (Meddling(bytes, _), facts) =
            pack(one.open(), &prefix(), Form::Volume, Ids::PLAIN, meddling).unwrap();
        assert_eq!(facts.changed, 1);
        unpacked(&bytes, &other, Form::Volume).unwrap();
        let found = std::fs::read(other.path("a")).unwrap();
        assert_eq!(found.len(), 1 << 20);
        assert!(size > 0 || found.ends_with(&[0; 1 << 19]));
        assert_eq!(std::fs::read(other.path("b")).unwrap(), b"after");
    }
}

#[test]
fn a_folder_that_becomes_a_link_is_left_out() {
    let (one, elsewhere) = (Place::new(), Place::new());
    std::fs::write(elsewhere.path("secret"), "secret").unwrap();
    std::fs::write(one.path("a"), vec![b'x'; 1 << 20]).unwrap();
    std::fs::create_dir(one.path("b")).unwrap();
    std::fs::write(one.path("b/secret"), "mine").unwrap();
    std::fs::write(one.path("c"), "gone").unwrap();
    let meddling = Meddling(Vec::new(), || {
        let _ = std::fs::rename(one.path("b"), one.path("z"));
        let _ = std::os::unix::fs::symlink(elsewhere.top(), one.path("b"));
        let _ = std::fs::remove_file(one.path("c"));
    });
    let (Meddling(bytes, _), facts) =
        pack(one.open(), &prefix(), Form::Volume, Ids::PLAIN, meddling).unwrap();
    assert_eq!((facts.left_out.vanished, facts.entries), (1, 3));
    assert!(!bytes.windows(6).any(|window| window == b"secret"));
}

#[test]
fn what_lies_too_deep_is_left_out() {
    let (one, other) = (Place::new(), Place::new());
    let mut folder = one.open();
    for _ in 0..MAX_DEPTH + 1 {
        nix::sys::stat::mkdirat(&folder, "d", nix::sys::stat::Mode::S_IRWXU).unwrap();
        folder = folder::enter(&folder, c"d").unwrap();
    }
    let (bytes, facts) = packed(&one, Form::Volume);
    assert_eq!(facts.left_out.deep, 1);
    assert_eq!(facts.entries, MAX_DEPTH as u64);
    unpacked(&bytes, &other, Form::Volume).unwrap();
    clear::clear(
        std::os::fd::AsFd::as_fd(&one.open()),
        clear::What::Everything,
    )
    .unwrap();
}

#[test]
fn a_stream_that_is_cut_anywhere_leaves_nothing() {
    let (one, other) = (Place::new(), Place::new());
    everything(&one);
    let (bytes, _) = packed(&one, Form::Volume);
    let before = other.path("").symlink_metadata().unwrap();
    for end in (0..bytes.len()).step_by(997) {
        let cut = &bytes[..end];
        let announced = Some(bytes.len() as u64);
        let source = Cursor::new(cut);
        let done = unpack(
            source,
            other.open(),
            &prefix(),
            Form::Volume,
            Ids::PLAIN,
            announced,
        );
        assert!(done.is_err(), "{end}");
        assert!(other.is_empty(), "{end}");
        let after = other.path("").symlink_metadata().unwrap();
        assert_eq!(
            (before.mode(), before.uid(), before.mtime_nsec()),
            (after.mode(), after.uid(), after.mtime_nsec())
        );
    }
    unpacked(&bytes, &other, Form::Volume).unwrap();
}

#[test]
fn ids_of_a_mapped_engine_are_the_containers() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let range = Range {
        base: 100_000,
        count: 65_536,
    };
    let ids = Ids::mapped(range, range);
    let (one, other) = (Place::new(), Place::new());
    let own = |place: &Place, name: &str, id: u32| {
        std::os::unix::fs::chown(place.path(name), Some(id), Some(id)).unwrap();
    };
    std::fs::write(one.path("file"), "").unwrap();
    std::fs::write(one.path("strange"), "").unwrap();
    own(&one, "", 100_000);
    own(&one, "file", 101_000);
    let (bytes, facts) = pack(one.open(), &prefix(), Form::Volume, ids, Vec::new()).unwrap();
    assert_eq!(facts.foreign, 1);
    // An engine without mapping.
    unpacked(&bytes, &other, Form::Volume).unwrap();
    let uid = |name: &str| other.path(name).symlink_metadata().unwrap().uid();
    assert_eq!((uid(""), uid("file"), uid("strange")), (0, 1000, 65_534));
}
