//! Small files of the kernel's, as text.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// Room for most of them.
const USUAL: usize = 4096;

/// More is not read: the largest list every mount of a host.
const MOST: u64 = 16 << 20;

/// A file's content; none where it has vanished.
pub(super) fn read(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    let mut bytes = Vec::with_capacity(USUAL);
    // Not asked for its size, which such a file does not know: hundreds are read at once.
    file.take(MOST).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// The names of the folders in a folder; none where it has vanished.
pub(super) fn folders(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// A number alone.
pub(super) fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number in the line that begins with `key` and a space.
pub(super) fn keyed(text: &str, key: &str) -> Option<u64> {
    let mut values = text
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix([' ', ':']));
    // `MemTotal:  1024 kB`
    values.next()?.split_whitespace().next().and_then(number)
}

/// The number in `key=number` among the words of a line.
pub(super) fn keyed_words(line: &str, key: &str) -> Option<u64> {
    let mut words = line.split_whitespace();
    words.find_map(|word| number(word.strip_prefix(key)?.strip_prefix('=')?))
}
