//! tar, as far as an archive needs it: where members begin and what they are
//! called, and the heads of members of its own.
//!
//! Streams come from a gate or out of a file and are never unpacked here. The
//! scanner takes pieces of any size and holds no more than one head.

use super::damage::Damage;

/// What everything in a tar is a multiple of.
pub const BLOCK: usize = 512;

/// The largest extended head: a name and attributes, of which a file system may
/// have many of 64 KiB each.
const MAX_EXTENDED: u64 = 20 << 20;

/// The longest name of a member or a link.
const MAX_NAME: usize = 1 << 20;

/// Where the members of a stream begin.
#[derive(Debug, Default)]
pub struct Scan {
    state: State,
    /// Of the next member, from extended heads before it.
    path: Option<Vec<u8>>,
    size: Option<u64>,
    /// Members so far.
    entries: u64,
}

#[derive(Debug)]
enum State {
    Head(Vec<u8>),
    Extended {
        kind: u8,
        text: Vec<u8>,
        size: u64,
    },
    /// Bytes to pass over.
    Content(u64),
}

impl Default for State {
    fn default() -> State {
        State::Head(Vec::with_capacity(BLOCK))
    }
}

impl Scan {
    /// Takes the next bytes; `meet` is given the name of each member.
    ///
    /// # Errors
    /// When they are no tar, or `meet` says no. `part` is what it is told of.
    pub fn take(
        &mut self,
        part: &str,
        mut bytes: &[u8],
        mut meet: impl FnMut(&[u8]) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        let wrong = |what: &str| Damage::new(part, what);
        while !bytes.is_empty() {
            match &mut self.state {
                State::Content(left) => {
                    let here = usize::try_from(*left)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len());
                    bytes = &bytes[here..];
                    *left -= here as u64;
                    if *left == 0 {
                        self.state = State::default();
                    }
                }
                State::Head(head) => {
                    let here = (BLOCK - head.len()).min(bytes.len());
                    head.extend_from_slice(&bytes[..here]);
                    bytes = &bytes[here..];
                    if head.len() < BLOCK {
                        continue;
                    }
                    let head = Head::read(head).map_err(wrong)?;
                    if let Some(name) = self.head(head).map_err(wrong)? {
                        self.entries += 1;
                        meet(&name)?;
                    }
                }
                State::Extended { kind, text, size } => {
                    let padded = size.next_multiple_of(BLOCK as u64);
                    let missing = padded - text.len() as u64;
                    let here = usize::try_from(missing)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len());
                    text.extend_from_slice(&bytes[..here]);
                    bytes = &bytes[here..];
                    if (text.len() as u64) < padded {
                        continue;
                    }
                    text.truncate(usize::try_from(*size).unwrap_or(usize::MAX));
                    let (kind, text) = (*kind, std::mem::take(text));
                    self.extended(kind, &text).map_err(wrong)?;
                    self.state = State::default();
                }
            }
        }
        Ok(())
    }

    /// How many members there were, if the stream ended between two.
    ///
    /// # Errors
    /// When it did not.
    pub fn end(&self, part: &str) -> Result<u64, Damage> {
        let is_between = matches!(&self.state, State::Head(head) if head.is_empty());
        match is_between && self.path.is_none() && self.size.is_none() {
            true => Ok(self.entries),
            false => Err(Damage::new(part, "ends in the middle of a file")),
        }
    }

    /// The member's name, when the head is a member's own.
    fn head(&mut self, head: Head) -> Result<Option<Vec<u8>>, &'static str> {
        if let b'x' | b'L' | b'K' = head.kind {
            if head.size > MAX_EXTENDED || head.size == 0 {
                return Err("has a member with too long a head");
            }
            self.state = State::Extended {
                kind: head.kind,
                text: Vec::new(),
                size: head.size,
            };
            return Ok(None);
        }
        let name = self.path.take().unwrap_or(head.name);
        if name.is_empty() || name.len() > MAX_NAME || name.contains(&0) {
            return Err("has a member without a usable name");
        }
        let size = self.size.take().unwrap_or(head.size);
        let content = match head.kind {
            b'0' | 0 | b'7' => size,
            // Links, devices, folders and pipes are heads alone.
            b'1'..=b'6' if size == 0 => 0,
            _ => return Err("has a member of a kind that no archive holds"),
        };
        let padded = content
            .checked_next_multiple_of(BLOCK as u64)
            .ok_or("has a member that is larger than a file can be")?;
        self.state = match padded {
            0 => State::default(),
            padded => State::Content(padded),
        };
        Ok(Some(name))
    }

    /// An extended head's records: `LENGTH KEY=VALUE\n`.
    fn extended(&mut self, kind: u8, text: &[u8]) -> Result<(), &'static str> {
        if kind == b'L' {
            let name = text.strip_suffix(&[0]).unwrap_or(text);
            self.path = Some(name.to_vec());
            return Ok(());
        }
        if kind == b'K' {
            return Ok(());
        }
        let mut rest = text;
        let mut is_sparse = false;
        while !rest.is_empty() {
            let (key, value, after) = record(rest).ok_or("has a member with a broken head")?;
            match key {
                b"path" if !is_sparse => self.path = Some(value.to_vec()),
                // The name in the plain head of a file with holes is a stand-in.
                b"GNU.sparse.name" => {
                    is_sparse = true;
                    self.path = Some(value.to_vec());
                }
                b"size" => {
                    let size = std::str::from_utf8(value)
                        .ok()
                        .and_then(|text| text.parse().ok());
                    self.size = Some(size.ok_or("has a member with a size that is none")?);
                }
                _ => {}
            }
            rest = after;
        }
        Ok(())
    }
}

/// The first record of `text`: key, value, the rest.
fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().take(8).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&text[..space]).ok()?.parse().ok()?;
    let body = text.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    Some((&body[..equals], &body[equals + 1..], &text[length..]))
}

/// What a plain head says.
struct Head {
    name: Vec<u8>,
    kind: u8,
    size: u64,
}

impl Head {
    fn read(block: &[u8]) -> Result<Head, &'static str> {
        let (sum, size) = (number(&block[148..156]), number(&block[124..136]));
        let real: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| match at {
                148..156 => u64::from(b' '),
                _ => u64::from(*byte),
            })
            .sum();
        if sum != Some(real) {
            return Err("is no tar where a file should begin");
        }
        let (name, prefix) = (until_zero(&block[..100]), until_zero(&block[345..500]));
        let is_posix = &block[257..263] == b"ustar\0";
        let name = match is_posix && !prefix.is_empty() {
            true => [prefix, b"/", name].concat(),
            false => name.to_vec(),
        };
        Ok(Head {
            name,
            kind: block[156],
            size: size.ok_or("has a member with a size that is none")?,
        })
    }
}

/// Octal digits, or GNU's binary form of large numbers.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        let (high, low) = field.split_last_chunk()?;
        let fits = high.len() > 1 && high[1..].iter().all(|byte| *byte == 0);
        return fits.then(|| u64::from_be_bytes(*low));
    }
    let text = std::str::from_utf8(until_zero(field))
        .ok()?
        .trim_matches(' ');
    if !text.bytes().all(|byte| matches!(byte, b'0'..=b'7')) {
        return None;
    }
    u64::from_str_radix(text, 8).ok()
}

fn until_zero(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0);
    &field[..end.unwrap_or(field.len())]
}

/// A whole member that is a document: its head, the text, the padding.
pub fn document(name: &str, text: &[u8], moment: i64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BLOCK * 4 + text.len());
    if name.len() > 100 {
        let records = pax("path", name);
        bytes.extend_from_slice(&head("dock-archive/pax", b'x', records.len(), moment));
        append(&mut bytes, records.as_bytes());
    }
    bytes.extend_from_slice(&head(name, b'0', text.len(), moment));
    append(&mut bytes, text);
    bytes
}

fn append(bytes: &mut Vec<u8>, content: &[u8]) {
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
}

/// One record of an extended head; its length counts itself.
fn pax(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

/// A plain head of a file of root's that only its owner reads.
fn head(name: &str, kind: u8, size: usize, moment: i64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let short = &name.as_bytes()[..name.len().min(100)];
    block[..short.len()].copy_from_slice(short);
    let fields: [(usize, String); 7] = [
        (100, "0000600\0".into()),
        (108, "0000000\0".into()),
        (116, "0000000\0".into()),
        (124, format!("{size:011o}\0")),
        (136, format!("{:011o}\0", moment.clamp(0, 0o77_777_777_777))),
        (148, "        ".into()),
        (257, "ustar\x0000".into()),
    ];
    for (at, text) in fields {
        block[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    block[156] = kind;
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The text of a part that is one document.
///
/// # Errors
/// When its bytes are not exactly one member of that name.
pub fn text<'a>(name: &str, tar: &'a [u8]) -> Result<&'a [u8], Damage> {
    let wrong = || Damage::new(name, "is not the one document that it should be");
    let mut scan = Scan::default();
    scan.take(name, tar, |member| match member == name.as_bytes() {
        true => Ok(()),
        false => Err(wrong()),
    })?;
    if scan.end(name)? != 1 {
        return Err(wrong());
    }
    let start = match tar.get(156) {
        // One extended head: its block and its records.
        Some(b'x') => {
            let size = tar.get(124..136).and_then(number).ok_or_else(wrong)?;
            let size = usize::try_from(size).map_err(|_| wrong())?;
            BLOCK + size.next_multiple_of(BLOCK)
        }
        _ => 0,
    };
    let head = tar.get(start..start + BLOCK).ok_or_else(wrong)?;
    let size = number(&head[124..136]).ok_or_else(wrong)?;
    let size = usize::try_from(size).map_err(|_| wrong())?;
    let rest = &tar[start + BLOCK..];
    match rest.len() == size.next_multiple_of(BLOCK) {
        true => Ok(&rest[..size]),
        false => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(tar: &[u8], step: usize) -> Result<Vec<String>, Damage> {
        let mut names = Vec::new();
        let mut scan = Scan::default();
        for piece in tar.chunks(step) {
            scan.take("p", piece, |name| {
                names.push(String::from_utf8_lossy(name).into_owned());
                Ok(())
            })?;
        }
        scan.end("p")?;
        Ok(names)
    }

    #[test]
    fn members_are_found_however_the_bytes_come() {
        let long = format!("volumes/{}/volume.json", "x".repeat(190));
        let tar = [
            document("a/b.json", b"{}", 5),
            document(&long, &[7; 1000], 5),
            document("c", b"", 5),
        ]
        .concat();
        for step in [1, 7, 511, 512, 513, 100_000] {
            assert_eq!(names(&tar, step).unwrap(), ["a/b.json", &long, "c"]);
        }
    }

    #[test]
    fn a_stream_that_ends_too_early_or_is_none_is_found() {
        let tar = document("a", &[1; 600], 0);
        for end in 1..tar.len() {
            assert!(names(&tar[..end], 4096).is_err(), "{end}");
        }
        let mut wrong = tar.clone();
        wrong[0] = b'b';
        assert!(names(&wrong, 4096).is_err());
        assert!(names(&[0; 1024], 512).is_err());
    }

    proptest! {
        #[test]
        fn a_document_is_read_back(name in "[a-z/]{1,250}", content: Vec<u8>) {
            let tar = document(&name, &content, 1);
            prop_assert_eq!(text(&name, &tar), Ok(content.as_slice()));
            prop_assert!(text("other!", &tar).is_err());
        }

        #[test]
        fn no_bytes_make_it_stumble(mut bytes in proptest::collection::vec(any::<u8>(), 0..3000), fix: bool) {
            if fix && bytes.len() >= BLOCK {
                bytes[148..156].fill(b' ');
                let sum: u32 = bytes[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
                bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            }
            let whole = names(&bytes, 4096);
            prop_assert_eq!(names(&bytes, 13), whole);
            let _ = text("x", &bytes);
        }
    }
}
