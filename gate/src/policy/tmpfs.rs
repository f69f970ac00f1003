//! tmpfs: memory under another name, so every one has a size where there is a
//! ceiling.

use dock_space::settings::Settings;

use super::create::EngineFacts;
use super::refusal::Refusal;
use crate::api::container::TmpfsOptions;

/// Words of a container's tmpfs, and those that take a number.
const FLAGS: [&str; 8] = [
    "rw", "ro", "exec", "noexec", "nosuid", "nodev", "noatime", "relatime",
];
const NUMBERS: [&str; 4] = ["uid", "gid", "mode", "nr_inodes"];

/// The same of a volume's, which the engine mounts outside of any container.
const VOLUME_FLAGS: [&str; 3] = ["nosuid", "nodev", "noexec"];
const VOLUME_NUMBERS: [&str; 3] = ["uid", "gid", "mode"];

/// What one tmpfs may hold.
pub(super) struct Ceiling {
    /// Bytes; 0: no ceiling.
    bytes: i64,
    /// Bytes of the host's memory; 0: not known.
    memory: i64,
}

impl Ceiling {
    pub(super) fn new(settings: &Settings, engine: &EngineFacts) -> Ceiling {
        Ceiling {
            bytes: settings.shm_size,
            memory: engine.memory,
        }
    }

    /// `--tmpfs /path:rw,size=64m`
    pub(super) fn judge_options(&self, options: &mut String) -> Result<(), Refusal> {
        *options = self
            .judge_words(std::mem::take(options), &FLAGS, &NUMBERS)
            .map_err(|word| Refusal::value("HostConfig.Tmpfs", word))?;
        Ok(())
    }

    /// `--opt o=size=64m,uid=1000`, of a volume that is a tmpfs.
    ///
    /// # Errors
    /// The word that is refused.
    pub(super) fn judge_volume(&self, words: String) -> Result<String, String> {
        self.judge_words(words, &VOLUME_FLAGS, &VOLUME_NUMBERS)
    }

    /// Each word of a list must be known; a size is added where the kernel's
    /// own, half of the memory, is too much.
    fn judge_words(
        &self,
        mut words: String,
        flags: &[&str],
        numbers: &[&str],
    ) -> Result<String, String> {
        let mut sized = false;
        for word in words.split(',').filter(|word| !word.is_empty()) {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            let number =
                value.bytes().all(|b| b.is_ascii_digit()) && !value.is_empty() && value.len() <= 10;
            let fits = if key == "size" {
                sized = true;
                size(value, self.memory).is_some_and(|bytes| self.holds(bytes))
            } else {
                flags.contains(&word) || (numbers.contains(&key) && number)
            };
            if !fits {
                return Err(word.to_owned());
            }
        }
        if !sized && !self.holds_half_of_memory() {
            if !words.is_empty() {
                words.push(',');
            }
            words.push_str(&format!("size={}", self.bytes));
        }
        Ok(words)
    }

    /// `--mount type=tmpfs,...`
    pub(super) fn judge_mount(&self, asked: TmpfsOptions) -> Result<TmpfsOptions, Refusal> {
        let TmpfsOptions {
            mut size_bytes,
            mode,
            options,
        } = asked;
        if size_bytes < 0 || (size_bytes > 0 && !self.holds(size_bytes)) {
            return Err(Refusal::value("HostConfig.Tmpfs", size_bytes));
        }
        if mode > 0o7777 {
            return Err(Refusal::value("HostConfig.Tmpfs", format!("{mode:o}")));
        }
        for option in &options {
            if !matches!(option.as_slice(), [word] if matches!(word.as_str(), "exec" | "noexec")) {
                return Err(Refusal::value("HostConfig.Tmpfs", option.join("=")));
            }
        }
        if size_bytes == 0 && !self.holds_half_of_memory() {
            size_bytes = self.bytes;
        }
        Ok(TmpfsOptions {
            size_bytes,
            mode,
            options,
        })
    }

    fn holds(&self, bytes: i64) -> bool {
        bytes > 0 && (self.bytes == 0 || bytes <= self.bytes)
    }

    /// Half of the memory is what a tmpfs without a size can hold.
    fn holds_half_of_memory(&self) -> bool {
        self.bytes == 0 || (self.memory > 0 && self.memory / 2 <= self.bytes)
    }
}

/// `65536`, `64k`, `64m`, `1g` or `50%` in bytes, as tmpfs itself reads it;
/// more than half of the memory is refused in that form.
fn size(value: &str, memory: i64) -> Option<i64> {
    let lower = value.to_ascii_lowercase();
    let (digits, unit) = match lower.as_bytes().last()? {
        b'%' => (&lower[..lower.len() - 1], b'%'),
        unit @ (b'k' | b'm' | b'g') => (&lower[..lower.len() - 1], *unit),
        _ => (lower.as_str(), b' '),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let count: i64 = plain.then(|| digits.parse().ok())??;
    match unit {
        b'%' if memory > 0 && (1..=50).contains(&count) => (memory / 100).checked_mul(count),
        b'%' => None,
        b'k' => count.checked_mul(1 << 10),
        b'm' => count.checked_mul(1 << 20),
        b'g' => count.checked_mul(1 << 30),
        _ => Some(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: i64 = 1 << 30;

    fn judged(ceiling: i64, memory: i64, options: &str) -> Option<String> {
        let ceiling = Ceiling {
            bytes: ceiling,
            memory,
        };
        let mut options = options.to_owned();
        ceiling.judge_options(&mut options).ok()?;
        Some(options)
    }

    #[test]
    fn a_size_is_added_only_where_half_of_the_memory_is_too_much() {
        let same = |options: &str| Some(options.to_owned());
        assert_eq!(judged(8 * GIB, 16 * GIB, "exec"), same("exec"));
        assert_eq!(judged(0, 0, ""), same(""));
        assert_eq!(judged(GIB, 16 * GIB, ""), same("size=1073741824"));
        assert_eq!(judged(GIB, 0, "rw"), same("rw,size=1073741824"));
        assert_eq!(judged(GIB, 16 * GIB, "size=1m"), same("size=1m"));
    }

    #[test]
    fn no_spelling_of_a_size_passes_the_ceiling() {
        for (size, fits) in [
            ("1g", true),
            ("1025m", false),
            ("1048577k", false),
            ("1073741824", true),
            ("1073741825", false),
            ("6%", true),
            ("7%", false),
            ("51%", false),
            ("0", false),
            ("", false),
            ("+1", false),
            ("9223372036854775807g", false),
        ] {
            let options = format!("size={size}");
            assert_eq!(judged(GIB, 16 * GIB, &options).is_some(), fits, "{options}");
        }
        // Each of two sizes is judged: the kernel takes the last.
        assert_eq!(judged(GIB, 16 * GIB, "size=1m,size=9g"), None);
    }

    #[test]
    fn a_mount_has_the_same_ceiling() {
        let ceiling = Ceiling {
            bytes: GIB,
            memory: 16 * GIB,
        };
        let sized = |size_bytes| {
            let asked = TmpfsOptions {
                size_bytes,
                ..TmpfsOptions::default()
            };
            ceiling.judge_mount(asked).map(|sent| sent.size_bytes).ok()
        };
        assert_eq!(sized(0), Some(GIB));
        assert_eq!(sized(GIB), Some(GIB));
        assert_eq!(sized(GIB + 1), None);
        assert_eq!(sized(-1), None);
    }
}
