//! What other people have on the engine, made straight through its API.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::api::exchange;
use crate::bed::Bed;

/// A space that nobody of the bed has.
const SPACE: &str = "u59999";

/// Objects of somebody else's, gone when dropped.
pub(crate) struct Foreign<'a> {
    bed: &'a Bed,
    kind: &'static str,
    made: usize,
}

impl<'a> Foreign<'a> {
    pub(crate) fn containers(bed: &'a Bed) -> Foreign<'a> {
        Foreign {
            bed,
            kind: "containers",
            made: 0,
        }
    }

    pub(crate) fn networks(bed: &'a Bed) -> Foreign<'a> {
        Foreign {
            bed,
            kind: "networks",
            made: 0,
        }
    }

    /// Makes more until there are `count`; how long that took.
    pub(crate) fn grow(&mut self, count: usize) -> Duration {
        let start = Instant::now();
        let (mut stream, mut buffer) = (self.connect(), Vec::new());
        while self.made < count {
            let at = self.made;
            let name = format!("{SPACE}-bench{at}");
            let labels =
                format!("\"Labels\":{{\"dock.space\":\"{SPACE}\",\"dock.version\":\"1\"}}");
            let (path, body) = if self.kind == "containers" {
                let path = format!("/containers/create?name={name}");
                (path, format!("{{\"Image\":\"busybox\",{labels}}}"))
            } else {
                // Neither the engine's pools nor the spaces'.
                let subnet = format!("10.{}.{}.{}/28", 1 + at / 4096, at / 16 % 256, at % 16 * 16);
                let ipam = format!("\"IPAM\":{{\"Config\":[{{\"Subnet\":\"{subnet}\"}}]}}");
                let body = format!("{{\"Name\":\"{name}\",\"Driver\":\"bridge\",{ipam},{labels}}}");
                ("/networks/create".to_owned(), body)
            };
            let is_made = exchange(&mut stream, "POST", &path, &body, &mut buffer);
            assert!(is_made, "{path}: {}", String::from_utf8_lossy(&buffer));
            self.made += 1;
        }
        start.elapsed()
    }

    fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.bed.socket).unwrap()
    }
}

impl Drop for Foreign<'_> {
    fn drop(&mut self) {
        let (mut stream, mut buffer) = (self.connect(), Vec::new());
        for at in 0..self.made {
            let path = format!("/{}/{SPACE}-bench{at}", self.kind);
            exchange(&mut stream, "DELETE", &path, "", &mut buffer);
        }
    }
}
