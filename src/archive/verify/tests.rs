use std::io::Cursor;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::archive::about::{About, FORMAT, Kind as Of, Mode};
use crate::archive::digest::{Digest, hex};
use crate::archive::frames;
use crate::archive::manifest::{MANIFEST, Manifest};
use crate::archive::part::Kind;
use crate::archive::tarball;
use crate::archive::trailer::{LENGTH, Trailer};
use crate::archive::writer::{WriteError, Writer};

fn about() -> About {
    About {
        format: FORMAT,
        dock: "0.1.0".into(),
        kind: Of::Space,
        space: "u1001".into(),
        login: "alice".into(),
        author: "alice".into(),
        organisation: None,
        container: None,
        moment: 1_769_860_800,
        mode: Mode::Live,
        engine: "20.10.24".into(),
        api: "1.41".into(),
    }
}

/// An archive of one volume with these files, and of a network.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), about(), 2).unwrap();
    writer
        .document(Kind::Network, "back", &json!({"Name": "back"}))
        .unwrap();
    writer
        .document(Kind::Volume, "db", &json!({"Name": "db"}))
        .unwrap();
    writer.begin(Kind::Data, "db");
    for (name, content) in files {
        let member = tarball::document(&format!("volumes/db/data/{name}"), content, 7);
        writer.add(&member).unwrap();
    }
    writer.end(vec!["left out the socket s".into()]).unwrap();
    writer.finish(vec![], Some(3)).unwrap().0
}

fn check(file: &[u8]) -> Result<Vec<Damage>, Damage> {
    let mut reader = match Reader::open(Cursor::new(file)) {
        Ok(reader) => reader,
        Err(ReadError::Damage(damage)) => return Err(damage),
        Err(ReadError::Io(error)) => panic!("{error}"),
    };
    Ok(verify(&mut reader, |_| true).unwrap())
}

fn is_sound(file: &[u8]) -> bool {
    check(file) == Ok(vec![])
}

/// The same file with another manifest, and a trailer that agrees with it.
fn with_manifest(file: &[u8], change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let mut manifest = Reader::open(Cursor::new(file)).ok().unwrap().manifest;
    let parts = manifest
        .parts
        .last()
        .map_or(0, |part| part.offset + part.length);
    change(&mut manifest);
    let text = serde_json::to_vec(&manifest).unwrap();
    let mut tar = tarball::document(MANIFEST, &text, 0);
    tar.resize(tar.len() + 1024, 0);
    let frame = frames::pack(&tar).unwrap();
    let trailer = Trailer::of(parts, &text, &frame);
    [&file[..parts as usize], &frame, &trailer.bytes()].concat()
}

#[test]
fn every_damaged_byte_is_found() {
    let file = archive(&[("a", b"some text that is packed"), ("b/c", &[3; 3000])]);
    assert!(is_sound(&file));
    for at in 0..file.len() {
        for bit in [1, 0x80] {
            let mut wrong = file.clone();
            wrong[at] ^= bit;
            assert!(!is_sound(&wrong), "byte {at}");
        }
    }
}

#[test]
fn every_cut_is_found() {
    let file = archive(&[("a", b"x")]);
    for end in 0..file.len() {
        assert!(check(&file[..end]).is_err(), "{end}");
    }
    assert!(check(&[&file[..], b"x"].concat()).is_err());
    assert!(check(&[&b"x"[..], &file].concat()).is_err());
}

#[test]
fn the_damaged_part_is_named_and_the_others_are_not() {
    let file = archive(&[("a", b"x")]);
    let manifest = Reader::open(Cursor::new(&file[..])).ok().unwrap().manifest;
    for part in &manifest.parts {
        let mut wrong = file.clone();
        wrong[part.offset as usize + 5] ^= 1;
        let damages = check(&wrong).unwrap();
        assert_eq!(damages.len(), 1, "{damages:?}");
        assert_eq!(damages[0].part, part.name);
    }
}

#[test]
fn a_manifest_that_lies_is_found() {
    let file = archive(&[("a", b"x"), ("b", b"y")]);
    assert!(is_sound(&with_manifest(&file, |_| {})));
    type Lie = fn(&mut Manifest);
    let lies: [(&str, Lie); 14] = [
        ("sum", |m| m.parts[3].sha256 = "0".repeat(64)),
        ("packed", |m| m.parts[3].packed_sha256 = "0".repeat(64)),
        ("larger", |m| m.parts[3].size += 512),
        ("smaller", |m| m.parts[3].size -= 512),
        ("entries", |m| m.parts[3].entries += 1),
        ("order", |m| m.parts.swap(1, 2)),
        ("missing", |m| drop(m.parts.remove(1))),
        ("last", |m| drop(m.parts.pop())),
        ("twice", |m| m.parts.push(m.parts[3].clone())),
        ("other", |m| m.parts[3].name = "volumes/eb/data".into()),
        ("gap", |m| {
            m.parts[1].length -= 1;
            m.parts[2].offset -= 1;
            m.parts[2].length += 1;
        }),
        ("kind", |m| m.parts[3].kind = Kind::Changes),
        ("about", |m| m.about.login = "bob".into()),
        ("overflow", |m| m.parts[2].length = u64::MAX),
    ];
    for (what, lie) in lies {
        assert!(!is_sound(&with_manifest(&file, lie)), "{what}");
    }
}

#[test]
fn swapped_parts_are_found() {
    let file = archive(&[("a", b"x")]);
    let other = archive(&[("a", b"y")]);
    let at = |file: &[u8]| {
        let parts = Reader::open(Cursor::new(file)).ok().unwrap().manifest.parts;
        let part = parts.last().unwrap();
        part.offset as usize..(part.offset + part.length) as usize
    };
    assert_eq!(at(&file), at(&other));
    let mut mixed = file.clone();
    mixed[at(&file)].copy_from_slice(&other[at(&other)]);
    assert_eq!(check(&mixed).unwrap()[0].part, "volumes/db/data");
    // Another manifest with the first one's trailer.
    let cut = file.len() - LENGTH;
    assert!(check(&[&other[..cut], &file[cut..]].concat()).is_err());
}

#[test]
fn what_is_no_tar_or_not_its_own_is_not_written() {
    let mut writer = Writer::new(Vec::new(), about(), 1).unwrap();
    writer.begin(Kind::Data, "db");
    let foreign = tarball::document("volumes/other/data/x", b"", 0);
    assert!(matches!(writer.add(&foreign), Err(WriteError::Content(_))));
    writer.begin(Kind::Data, "db");
    let cut = &tarball::document("volumes/db/data/x", &[1; 600], 0)[..1024];
    writer.add(cut).unwrap();
    assert!(matches!(writer.end(vec![]), Err(WriteError::Content(_))));
}

#[test]
fn a_bomb_is_unpacked_no_further_than_it_admits_to() {
    let bomb = frames::pack(&vec![0; 64 << 20]).unwrap();
    assert!(bomb.len() < 10_000);
    let file = archive(&[("a", b"x")]);
    let parts = Reader::open(Cursor::new(&file[..]))
        .ok()
        .unwrap()
        .manifest
        .parts;
    let last = parts.last().unwrap().clone();
    let bombed = [&file[..last.offset as usize], &bomb].concat();
    let whole = [&bombed[..], &file[(last.offset + last.length) as usize..]].concat();
    let file = {
        let mut manifest = Reader::open(Cursor::new(&file[..])).ok().unwrap().manifest;
        manifest.parts[3].length = bomb.len() as u64;
        manifest.parts[3].packed_sha256 = hex(&Digest::of(&bomb));
        let text = serde_json::to_vec(&manifest).unwrap();
        let mut tar = tarball::document(MANIFEST, &text, 0);
        tar.resize(tar.len() + 1024, 0);
        let frame = frames::pack(&tar).unwrap();
        let trailer = Trailer::of(bombed.len() as u64, &text, &frame);
        [&whole[..bombed.len()], &frame, &trailer.bytes()].concat()
    };
    let damages = check(&file).unwrap();
    assert!(!damages.is_empty() && damages[0].part == "volumes/db/data");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_written_is_read_back(
        files in proptest::collection::btree_map("[a-z]{1,20}", proptest::collection::vec(any::<u8>(), 0..5000), 0..5)
    ) {
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        let file = archive(&files);
        prop_assert!(is_sound(&file));
        let mut reader = Reader::open(Cursor::new(&file[..])).ok().unwrap();
        let part = reader.manifest.parts[3].clone();
        prop_assert_eq!(part.entries as usize, files.len());
        let mut tar = Vec::new();
        reader.part(&part, |piece| { tar.extend_from_slice(piece); Ok::<(), ()>(()) }).unwrap();
        let wanted: Vec<u8> = files.iter()
            .flat_map(|(name, content)| tarball::document(&format!("volumes/db/data/{name}"), content, 7))
            .collect();
        prop_assert!(tar == wanted);
    }

    #[test]
    fn no_bytes_make_the_reader_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0usize..2000) {
        let _ = check(&bytes);
        let mut file = archive(&[("a", b"x")]);
        let at = at % file.len();
        let end = (at + bytes.len()).min(file.len());
        if file[at..end] != bytes[..end - at] {
            file[at..end].copy_from_slice(&bytes[..end - at]);
            prop_assert!(!is_sound(&file));
        }
    }
}
