//! The Engine API itself, through `dock serve` and straight to the engine.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bed::{Bed, Side, USER};
use crate::stats::{quantile, sorted};

/// A request on a kept connection; the whole answer, and whether it is a success.
pub(crate) fn exchange(
    stream: &mut UnixStream,
    method: &str,
    path: &str,
    body: &str,
    buffer: &mut Vec<u8>,
) -> bool {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    buffer.clear();
    let mut piece = [0; 65536];
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the connection closed");
        buffer.extend_from_slice(&piece[..read]);
        let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let done = match head.split("content-length: ").nth(1) {
            Some(rest) => {
                let length: usize = rest.split("\r\n").next().unwrap().trim().parse().unwrap();
                buffer.len() >= end + 4 + length
            }
            None => head.starts_with("http/1.1 204") || buffer.ends_with(b"0\r\n\r\n"),
        };
        if done {
            return head.starts_with("http/1.1 2");
        }
    }
}

pub(crate) fn api(bed: &Bed, requests: usize, path: &str) {
    let folder = PathBuf::from(format!("/home/{USER}/bench"));
    let gate = folder.join("api.sock");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::chown(&folder, Some(bed.uid), Some(bed.gid)).unwrap();
    let mut serve = bed
        .command(Side::Dock, &["serve", "--socket", gate.to_str().unwrap()])
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !gate.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    // The gate serves alice alone, so alice's uid has to connect: a thread's
    // own filesystem and effective ids would do, a child process is simpler.
    let me = std::env::current_exe().unwrap();
    let measure = |socket: &Path, uid: u32, gid: u32| -> Vec<f64> {
        let output = Command::new(&me)
            .args([
                "--measure",
                socket.to_str().unwrap(),
                path,
                &requests.to_string(),
            ])
            .uid(uid)
            .gid(gid)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|l| l.parse().unwrap())
            .collect()
    };
    let _warm = measure(&gate, bed.uid, bed.gid);
    let direct = sorted(measure(&bed.socket, 0, 0).into_iter());
    let through = sorted(measure(&gate, bed.uid, bed.gid).into_iter());
    let sum = |values: &[f64]| values.iter().sum::<f64>() / 1e6;
    println!(
        "GET {path:30} {:9.1} {:9.1} us   p50, added {:.1} us; requests/s x{:.2}",
        quantile(&direct, 0.5),
        quantile(&through, 0.5),
        quantile(&through, 0.5) - quantile(&direct, 0.5),
        sum(&direct) / sum(&through),
    );
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(i32::try_from(serve.id()).unwrap()),
        nix::sys::signal::Signal::SIGTERM,
    )
    .unwrap();
    let _ = serve.wait();
    let _ = std::fs::remove_dir_all(&folder);
}

/// The child that measures one connection: a line of microseconds per request.
pub(crate) fn measure(words: &[String]) {
    let [socket, path, count] = words else {
        panic!("--measure SOCKET PATH COUNT")
    };
    let mut stream = UnixStream::connect(socket).unwrap();
    let mut buffer = Vec::new();
    for _ in 0..count.parse().unwrap() {
        let start = Instant::now();
        assert!(
            exchange(&mut stream, "GET", path, "", &mut buffer),
            "{path}"
        );
        println!("{}", start.elapsed().as_secs_f64() * 1e6);
    }
}
