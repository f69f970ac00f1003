//! zstd frames: packed by several threads, unpacked with a strict eye.
//!
//! Every frame is whole in itself and of at most [`FRAME`] bytes of content, so
//! that threads need not wait for each other and memory stays the same however
//! large a part is.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use zstd::bulk::Compressor;
use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};
use zstd::zstd_safe::{DParameter, compress_bound};

use super::damage::Damage;
use super::digest::Digest;

/// Content of one frame.
const FRAME: usize = 4 << 20;

/// What `zstd` does when nobody tells it.
const LEVEL: i32 = 3;

/// `ZSTD_MAGICNUMBER`
const MAGIC: [u8; 4] = 0xFD2F_B528u32.to_le_bytes();

/// A frame that wants more memory than this (as a power of two) is refused.
const MAX_WINDOW: u32 = 27;

/// Content on its way through a thread, and the room for what it becomes.
struct Job {
    content: Vec<u8>,
    packed: Vec<u8>,
    reply: SyncSender<io::Result<Packed>>,
}

struct Packed {
    content: Vec<u8>,
    packed: Vec<u8>,
}

/// Packs what it is given into frames and writes them in order.
pub struct Packer<W> {
    out: W,
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    waiting: VecDeque<Receiver<io::Result<Packed>>>,
    content: Vec<u8>,
    /// Buffers that are free again: giving them back to the kernel costs more.
    spare: Vec<Packed>,
    most: usize,
    written: u64,
    sum: Digest,
}

impl<W: Write> Packer<W> {
    /// # Errors
    /// When a thread cannot be started.
    pub fn new(out: W, threads: usize) -> io::Result<Packer<W>> {
        let (jobs, taken) = sync_channel::<Job>(threads);
        let taken = Arc::new(Mutex::new(taken));
        let start = |_| {
            let taken = Arc::clone(&taken);
            std::thread::Builder::new()
                .name("pack".into())
                .spawn(move || pack_all(&taken))
        };
        Ok(Packer {
            out,
            threads: (0..threads).map(start).collect::<io::Result<_>>()?,
            jobs: Some(jobs),
            waiting: VecDeque::new(),
            content: Vec::with_capacity(FRAME),
            spare: Vec::new(),
            most: threads + 2,
            written: 0,
            sum: Digest::default(),
        })
    }

    /// # Errors
    /// What writing says.
    pub fn add(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let here = (FRAME - self.content.len()).min(bytes.len());
            self.content.extend_from_slice(&bytes[..here]);
            bytes = &bytes[here..];
            if self.content.len() == FRAME {
                self.send()?;
            }
        }
        Ok(())
    }

    /// Ends a part: how many bytes it has in the file, and their sum.
    ///
    /// # Errors
    /// What writing says.
    pub fn end(&mut self) -> io::Result<(u64, [u8; 32])> {
        if !self.content.is_empty() {
            self.send()?;
        }
        while !self.waiting.is_empty() {
            self.settle()?;
        }
        let written = std::mem::take(&mut self.written);
        Ok((written, std::mem::take(&mut self.sum).finish()))
    }

    /// What was written to, after the last part ended.
    pub fn into_inner(mut self) -> W {
        self.jobs = None;
        for thread in self.threads {
            // It can only have ended: nothing in it panics.
            let _ = thread.join();
        }
        self.out
    }

    fn send(&mut self) -> io::Result<()> {
        if self.waiting.len() >= self.most {
            self.settle()?;
        }
        let spare = self.spare.pop().unwrap_or_else(|| Packed {
            content: Vec::with_capacity(FRAME),
            packed: Vec::with_capacity(compress_bound(FRAME)),
        });
        let (reply, receiver) = sync_channel(1);
        let job = Job {
            content: std::mem::replace(&mut self.content, spare.content),
            packed: spare.packed,
            reply,
        };
        let gone = || io::Error::other("a thread that packs has ended");
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job).map_err(|_| gone())?;
        self.waiting.push_back(receiver);
        Ok(())
    }

    /// Writes the frame that is due.
    fn settle(&mut self) -> io::Result<()> {
        let Some(next) = self.waiting.pop_front() else {
            return Ok(());
        };
        let done = next
            .recv()
            .map_err(|_| io::Error::other("a thread that packs has ended"))??;
        self.sum.add(&done.packed);
        self.written += done.packed.len() as u64;
        self.out.write_all(&done.packed)?;
        self.spare.push(done);
        Ok(())
    }
}

fn pack_all(jobs: &Mutex<Receiver<Job>>) {
    let mut compressor = compressor();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job {
            mut content,
            mut packed,
            reply,
        }) = job
        else {
            return;
        };
        packed.clear();
        let result = match &mut compressor {
            Ok(compressor) => compressor.compress_to_buffer(&content, &mut packed),
            Err(error) => Err(io::Error::other(error.to_string())),
        };
        content.clear();
        // Whoever asked may have given up.
        let _ = reply.send(result.map(|_| Packed { content, packed }));
    }
}

fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    Ok(compressor)
}

/// One frame of a text that is held whole.
///
/// # Errors
/// When there is no memory for it.
pub fn pack(content: &[u8]) -> io::Result<Vec<u8>> {
    compressor()?.compress(content)
}

/// What stops the unpacking of a part.
#[derive(Debug)]
pub enum Stop<E> {
    /// The file is not what it says.
    Damage(Damage),
    /// It cannot be read.
    Read(io::Error),
    /// The one who takes the content says no.
    Taker(E),
}

/// What the unpacking of one part came to.
pub struct Unpacked {
    pub sha256: String,
    pub packed_sha256: String,
}

/// Unpacks the frames of a part: `length` bytes of `input`, which are to become
/// exactly `size` bytes. More than `size` is never unpacked.
///
/// # Errors
/// When they do not, or `take` says no.
pub fn unpack<E>(
    part: &str,
    input: &mut impl Read,
    length: u64,
    size: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Unpacked, Stop<E>> {
    let damage = |what: &str| Stop::Damage(Damage::new(part, what));
    let broken = |_| damage("cannot be unpacked");
    let mut decoder = Decoder::new().map_err(Stop::Read)?;
    decoder
        .set_parameter(DParameter::WindowLogMax(MAX_WINDOW))
        .map_err(Stop::Read)?;
    let (mut sum, mut packed_sum) = (Digest::default(), Digest::default());
    let (mut left, mut unpacked) = (length, 0u64);
    let mut piece = vec![0; 128 << 10];
    let mut content = vec![0; 128 << 10];
    // Where the frame begins: its first bytes are looked at before zstd sees them.
    let (mut is_start, mut held) = (true, 0);
    while left > 0 || held > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX);
        let wanted = wanted.min(piece.len() - held);
        input
            .read_exact(&mut piece[held..held + wanted])
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => damage("is cut"),
                _ => Stop::Read(error),
            })?;
        packed_sum.add(&piece[held..held + wanted]);
        left -= wanted as u64;
        let filled = held + wanted;
        let mut at = 0;
        held = 0;
        loop {
            if is_start {
                let rest = &piece[at..filled];
                if rest.is_empty() {
                    break;
                }
                if rest.len() < MAGIC.len() && left > 0 {
                    held = rest.len();
                    piece.copy_within(at..filled, 0);
                    break;
                }
                if !rest.starts_with(&MAGIC) {
                    return Err(damage("holds what is no frame of zstd"));
                }
                decoder.reinit().map_err(Stop::Read)?;
            }
            let mut from = InBuffer::around(&piece[at..filled]);
            let mut to = OutBuffer::around(content.as_mut_slice());
            let hint = decoder.run(&mut from, &mut to).map_err(broken)?;
            at += from.pos();
            let made = to.pos();
            unpacked += made as u64;
            if unpacked > size {
                return Err(damage("is larger than it says"));
            }
            sum.add(&content[..made]);
            take(&content[..made]).map_err(Stop::Taker)?;
            is_start = hint == 0;
            // A full buffer may mean that there is more of it.
            if !is_start && at == filled && made < content.len() {
                break;
            }
        }
    }
    if !is_start {
        return Err(damage("ends in the middle of a frame"));
    }
    if unpacked != size {
        return Err(damage("is smaller than it says"));
    }
    Ok(Unpacked {
        sha256: sum.hex(),
        packed_sha256: packed_sum.hex(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], size: u64) -> Result<Vec<u8>, Stop<()>> {
        let mut content = Vec::new();
        let mut input = bytes;
        unpack("p", &mut input, bytes.len() as u64, size, |piece| {
            content.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(content)
    }

    #[test]
    fn parts_are_packed_in_order_and_unpacked_to_what_they_were() {
        let content: Vec<u8> = (0..3 * FRAME as u32 + 77)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8 & 15)
            .collect();
        let mut packer = Packer::new(Vec::new(), 3).unwrap();
        for piece in content.chunks(100_003) {
            packer.add(piece).unwrap();
        }
        let (length, sum) = packer.end().unwrap();
        packer.add(b"another").unwrap();
        let (other, _) = packer.end().unwrap();
        assert_eq!(packer.end().unwrap().0, 0);
        let file = packer.into_inner();
        assert_eq!(file.len() as u64, length + other);
        let (first, second) = file.split_at(length as usize);
        assert_eq!(sum, Digest::of(first));
        assert!(read(first, content.len() as u64).unwrap() == content);
        assert_eq!(read(second, 7).unwrap(), b"another");
    }

    #[test]
    fn what_is_not_as_large_as_it_says_is_found() {
        let frame = pack(&[0; 100_000]).unwrap();
        assert!(frame.len() < 100);
        for size in [0, 99_999, 100_001] {
            assert!(matches!(read(&frame, size), Err(Stop::Damage(_))), "{size}");
        }
        assert!(read(&frame, 100_000).is_ok());
    }

    #[test]
    fn what_is_no_frame_is_found() {
        let frame = pack(b"content").unwrap();
        let skippable = [&0x184D_2A50u32.to_le_bytes()[..], &[0; 4]].concat();
        for wrong in [
            [&frame[..], b"x"].concat(),
            [&frame[..], &skippable].concat(),
            [&skippable[..], &frame].concat(),
            frame[..frame.len() - 1].to_vec(),
        ] {
            assert!(matches!(read(&wrong, 7), Err(Stop::Damage(_))));
        }
        assert_eq!(
            read(&[frame.clone(), frame].concat(), 14).unwrap(),
            b"contentcontent"
        );
    }
}
