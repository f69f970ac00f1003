//! An engine that makes nothing: it answers the ping, writes down every request and
//! refuses it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Labels, labels_of};

/// One request, its labels apart from the rest.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    method: String,
    /// Without the version.
    path: String,
    query: BTreeMap<String, String>,
    body: Value,
    pub(super) labels: Labels,
}

impl Request {
    /// Whether it makes an object that can have labels.
    pub(super) fn makes(&self) -> bool {
        let makers = [
            "/containers/create",
            "/build",
            "/volumes/create",
            "/networks/create",
        ];
        self.method == "POST" && makers.contains(&self.path.as_str())
    }
}

/// A socket in a folder of its own, and what was asked there.
pub(super) struct Engine {
    folder: PathBuf,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Engine {
    pub(super) fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dock-argv-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("config")).unwrap();
        std::fs::create_dir(folder.join("context")).unwrap();
        std::fs::write(folder.join("context/Dockerfile"), "FROM scratch\n").unwrap();
        let listener = UnixListener::bind(folder.join("socket")).unwrap();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let shared = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream.unwrap(), &shared));
            }
        });
        Self { folder, requests }
    }

    /// The current directory for docker: something to build.
    pub(super) fn context(&self) -> PathBuf {
        self.folder.join("context")
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn address(&self) -> String {
        format!("unix://{}", self.folder.join("socket").display())
    }

    /// What was asked since the last time, pings aside.
    pub(super) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn serve(mut stream: &UnixStream, requests: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = receive(&mut reader) {
        let (status, body) = match request.path.as_str() {
            "/_ping" => ("200 OK", "OK"),
            "/info" | "/version" => ("200 OK", "{}"),
            _ => ("500 Internal Server Error", r#"{"message":"written down"}"#),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nApi-Version: 1.41\r\nOstype: linux\r\nDocker-Experimental: true\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let body = if request.method == "HEAD" { "" } else { body };
        if request.path != "/_ping" {
            requests.lock().unwrap().push(request);
        }
        // Docker may be gone already; what it asked is written down.
        if stream.write_all((head + body).as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request; none when docker has hung up.
fn receive(reader: &mut impl BufRead) -> Option<Request> {
    let first = line(reader)?;
    let [method, target, _] = first.split(' ').collect::<Vec<_>>()[..] else {
        panic!("not a request: {first:?}");
    };
    let mut length = 0;
    let mut chunked = false;
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", _)) => chunked = true,
            Some(_) => {}
            None => break,
        }
    }
    let body = if chunked {
        chunks(reader)?
    } else {
        bytes(reader, length)?
    };
    Some(request(method, target, &body))
}

fn request(method: &str, target: &str, body: &[u8]) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let unversioned = path.strip_prefix("/v1.41").unwrap_or(path);
    let mut query: BTreeMap<String, String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), decoded(value)))
        .collect();
    // A build's body is its context; its labels are in the query.
    let mut body = serde_json::from_slice(body).unwrap_or(Value::Null);
    let labels = match query.remove("labels") {
        Some(labels) => labels_of(&serde_json::from_str(&labels).unwrap()),
        None => {
            let fields = body.as_object_mut();
            let labels = fields.and_then(|fields| fields.remove("Labels"));
            labels_of(&labels.unwrap_or_default())
        }
    };
    Request {
        method: method.to_owned(),
        path: unversioned.to_owned(),
        query,
        body,
        labels,
    }
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.strip_suffix("\r\n")?;
    Some(line.to_owned())
}

fn bytes(reader: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn chunks(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let length = usize::from_str_radix(&line(reader)?, 16).unwrap();
        all.extend(bytes(reader, length)?);
        line(reader)?;
        if length == 0 {
            return Some(all);
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap()
}
