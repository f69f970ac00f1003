//! HTTP/1.1 by hand: what is sent is exactly what the test wrote.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use super::step::lossy;
use super::{DEADLINE, bed};

pub struct Connection {
    stream: UnixStream,
    /// Read from the stream, not yet part of an answer.
    pending: Vec<u8>,
}

/// One answer, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body, with chunks put together.
    pub body: Vec<u8>,
    /// Header lines behind the last chunk.
    pub trailers: Vec<String>,
}

impl Answer {
    pub fn text(&self) -> String {
        lossy(&self.body)
    }

    /// The first header of that name.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    }

    /// # Panics
    /// When the body is not JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The engine's `{"message": ...}`.
    pub fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_else(|| panic!("no message: {self:?}"))
            .to_owned()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.head, self.text())
    }
}

impl Connection {
    pub(super) fn new(stream: UnixStream) -> Connection {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Connection {
            stream,
            pending: Vec::new(),
        }
    }

    /// To the engine itself, as root.
    pub fn to_engine() -> Connection {
        Connection::new(UnixStream::connect(bed("DOCK_BED_SOCKET")).unwrap())
    }

    /// A well-formed request and its answer.
    pub fn request(&mut self, method: &str, target: &str, body: Option<&str>) -> Answer {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: docker\r\n");
        if let Some(body) = body {
            request.push_str("Content-Type: application/json\r\n");
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body.unwrap_or_default());
        self.send(request.as_bytes());
        self.answer_to(method)
    }

    /// Raw bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    /// Raw bytes to a gate that may have closed already.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// As many of these bytes as the other side takes at once.
    pub fn send_what_is_taken(&mut self, bytes: &[u8]) {
        let patience = std::time::Duration::from_millis(100);
        self.stream.set_write_timeout(Some(patience)).unwrap();
        // A full socket is an end, too.
        let _ = self.stream.write_all(bytes);
        self.stream.set_write_timeout(Some(DEADLINE)).unwrap();
    }

    /// Says that nothing more will be sent.
    pub fn close_write(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The next answer to a request that is not HEAD.
    pub fn answer(&mut self) -> Answer {
        self.answer_to("GET")
    }

    /// The next answer, or nothing when the other side closed first.
    ///
    /// # Panics
    /// When it closes inside an answer, or says nothing for too long.
    pub fn maybe_answer(&mut self, method: &str) -> Option<Answer> {
        let end = loop {
            if let Some(end) = find(&self.pending, b"\r\n\r\n") {
                break end + 4;
            }
            if self.read_more() == 0 {
                assert!(
                    self.pending.is_empty(),
                    "closed inside a head: {}",
                    lossy(&self.pending)
                );
                return None;
            }
        };
        let head = lossy(&self.take(end));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("not an answer: {head}"));
        let mut answer = Answer {
            status,
            head,
            body: Vec::new(),
            trailers: Vec::new(),
        };
        if method != "HEAD" && !matches!(status, 100..=199 | 204 | 304) {
            self.body(&mut answer);
        }
        Some(answer)
    }

    /// All bytes until the other side closes.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.read_more() > 0 {}
        std::mem::take(&mut self.pending)
    }

    /// Exactly so many bytes, for a stream after an upgrade.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.pending.len() < count {
            assert!(
                self.read_more() > 0,
                "closed after {} of {count} bytes",
                self.pending.len()
            );
        }
        self.take(count)
    }

    fn answer_to(&mut self, method: &str) -> Answer {
        self.maybe_answer(method).expect("closed without an answer")
    }

    fn body(&mut self, answer: &mut Answer) {
        if let Some(length) = answer.header("content-length") {
            answer.body = self.bytes(length.parse().unwrap());
            return;
        }
        if answer.header("transfer-encoding") != Some("chunked") {
            answer.body = self.rest();
            return;
        }
        loop {
            let size = self.line();
            let size = usize::from_str_radix(&size, 16).expect("a chunk's size");
            if size == 0 {
                break;
            }
            answer.body.append(&mut self.bytes(size));
            assert_eq!(self.line(), "", "a chunk ends with a line end");
        }
        answer.trailers =
            std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty())).collect();
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(end) = find(&self.pending, b"\r\n") {
                let line = self.take(end + 2);
                return lossy(&line[..end]);
            }
            assert!(self.read_more() > 0, "closed inside a line");
        }
    }

    fn read_more(&mut self) -> usize {
        let mut buffer = [0; 16 << 10];
        let read = match self.stream.read(&mut buffer) {
            Ok(read) => read,
            // Closed by the other side with bytes of ours unread.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("no answer: {error}; so far: {}", lossy(&self.pending)),
        };
        self.pending.extend_from_slice(&buffer[..read]);
        read
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        self.pending.drain(..count).collect()
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}
