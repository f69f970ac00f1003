//! Which files with several names were met already.

use std::collections::HashMap;

use nix::sys::stat::FileStat;

/// What all remembered names may take. A further file with several names is
/// written as a file each time: complete, and no longer linked.
const MAX_BYTES: usize = 64 << 20;

/// First names, by device and inode.
#[derive(Default)]
pub(super) struct Links {
    first: HashMap<(u64, u64), (Vec<u8>, u64)>,
    bytes: usize,
}

impl Links {
    /// The name under which this file was met before; else remembers `name`.
    pub(super) fn meet(&mut self, stat: &FileStat, name: &[u8]) -> Option<Vec<u8>> {
        if stat.st_nlink < 2 {
            return None;
        }
        let key = (stat.st_dev, stat.st_ino);
        if let Some((first, left)) = self.first.get_mut(&key) {
            let first = first.clone();
            *left -= 1;
            if *left == 0 {
                self.first.remove(&key);
                self.bytes -= first.len();
            }
            return Some(first);
        }
        if self.bytes + name.len() <= MAX_BYTES {
            self.bytes += name.len();
            let left = stat.st_nlink - 1;
            self.first.insert(key, (name.to_vec(), left));
        }
        None
    }
}
