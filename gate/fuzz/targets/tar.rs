//! A stream has one reading: what is read, written again and read again, is the
//! same, and no more of it than came.
#![no_main]

use std::io::Cursor;

use dock_gate::tar::{Entry, Fault, Reader, Sink, Writer};
use libfuzzer_sys::fuzz_target;

const BLOCK: usize = 512;

struct Memory(Vec<u8>);

impl Sink for Memory {
    fn take(&mut self, mut piece: Vec<u8>) -> Result<(), Fault> {
        self.0.append(&mut piece);
        Ok(())
    }
}

/// Puts right checksums where headers stand: nobody guesses them.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for block in bytes.chunks_exact_mut(BLOCK) {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    bytes
}

fn read(bytes: &[u8], announced: Option<u64>) -> Option<Vec<(Entry, Vec<u8>)>> {
    let mut reader = Reader::new(Cursor::new(bytes), announced);
    let mut entries = Vec::new();
    while let Some(entry) = reader.entry().ok()? {
        let mut content = Vec::new();
        loop {
            let some = reader.content().ok()?.to_vec();
            if some.is_empty() {
                break;
            }
            content.extend_from_slice(&some);
            reader.used(some.len()).ok()?;
        }
        assert_eq!(entry.stored(), content.len() as u64);
        entries.push((entry, content));
    }
    assert_eq!(reader.taken(), bytes.len() as u64);
    Some(entries)
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = with_checksums(bytes);
    let Some(entries) = read(&bytes, None) else {
        return;
    };
    let length = bytes.len() as u64;
    assert_eq!(read(&bytes, Some(length)).as_ref(), Some(&entries));
    assert_eq!(read(&bytes, Some(length + 1)), None);

    let mut writer = Writer::new(Memory(Vec::new()));
    for (entry, content) in &entries {
        writer.entry(entry).unwrap();
        writer.put(content).unwrap();
        writer.pad(content.len() as u64).unwrap();
    }
    let Memory(written) = writer.finish().unwrap();
    let again = read(&written, Some(written.len() as u64));
    assert_eq!(again, Some(entries));
});
