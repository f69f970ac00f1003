//! An archive is untrusted: no bytes make its reader stumble or take more than
//! they admit to, and what is sound is sound twice.
//!
//! The first byte says what the others are; right sums are put around them, for
//! nobody guesses those.
#![no_main]

use std::io::Cursor;

use dock::archive::about::{About, FORMAT, Kind as Of, Mode};
use dock::archive::manifest::{MANIFEST, Manifest};
use dock::archive::part::Kind;
use dock::archive::reader::Reader;
use dock::archive::tarball::{self, Scan};
use dock::archive::trailer::Trailer;
use dock::archive::verify::verify;
use dock::archive::writer::Writer;
use dock::archive::{frames, name::Name};
use libfuzzer_sys::fuzz_target;

fn about() -> About {
    About {
        format: FORMAT,
        dock: String::new(),
        kind: Of::Space,
        space: "u1001".into(),
        login: "alice".into(),
        author: "alice".into(),
        organisation: None,
        container: None,
        moment: 0,
        mode: Mode::Live,
        engine: String::new(),
        api: String::new(),
    }
}

/// What verify finds, if there is a manifest at all.
fn check(file: &[u8]) -> Option<usize> {
    let mut reader = Reader::open(Cursor::new(file)).ok()?;
    let damages = verify(&mut reader, |_| true).expect("memory can be read");
    Some(damages.len())
}

/// A file of `parts` whose manifest is this text.
fn file(parts: &[u8], manifest: &[u8]) -> Vec<u8> {
    let mut tar = tarball::document(MANIFEST, manifest, 0);
    tar.resize(tar.len() + 2 * tarball::BLOCK, 0);
    let frame = frames::pack(&tar).expect("there is memory");
    let trailer = Trailer::of(parts.len() as u64, manifest, &frame);
    [parts, &frame, &trailer.bytes()].concat()
}

fn whole() -> (Vec<u8>, Manifest) {
    let mut writer = Writer::new(Vec::new(), about(), 1).expect("threads start");
    writer.begin(Kind::Data, "db");
    let member = tarball::document("volumes/db/data/a", b"content", 0);
    writer.add(&member).expect("it is a tar");
    writer.end(vec![]).expect("it is whole");
    writer.finish(vec![], None).expect("it is an archive")
}

/// Where members begin does not depend on how the bytes come.
fn scan(bytes: &[u8], step: usize) -> Option<(u64, Vec<Vec<u8>>)> {
    let (mut scan, mut names) = (Scan::default(), Vec::new());
    for piece in bytes.chunks(step) {
        let met = scan.take("p", piece, |name| {
            names.push(name.to_vec());
            Ok(())
        });
        met.ok()?;
    }
    Some((scan.end("p").ok()?, names))
}

fn with_sums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for block in bytes.chunks_exact_mut(tarball::BLOCK) {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    bytes
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    match kind % 5 {
        0 => {
            let found = check(bytes);
            assert_eq!(check(bytes), found);
        }
        1 => {
            check(&file(b"", bytes));
            let (file_bytes, manifest) = whole();
            let last = manifest.parts.last().expect("there are parts");
            let end = (last.offset + last.length) as usize;
            check(&file(&file_bytes[..end], bytes));
        }
        2 => {
            for bytes in [bytes.to_vec(), with_sums(bytes)] {
                let found = scan(&bytes, 4096);
                assert_eq!(scan(&bytes, 7), found);
                let _ = tarball::text("a", &bytes);
            }
        }
        3 => {
            let limit = 1 << 20;
            let mut made = 0;
            let mut input = bytes;
            let _ = frames::unpack("p", &mut input, bytes.len() as u64, limit, |piece| {
                made += piece.len() as u64;
                Ok::<(), ()>(())
            });
            assert!(made <= limit);
        }
        _ => {
            let text = String::from_utf8_lossy(bytes);
            if let Some(name) = Name::parse(&text) {
                assert_eq!(name.to_string(), text);
            }
        }
    }
});
