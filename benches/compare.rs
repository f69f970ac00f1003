//! dock beside docker: the same steps, interleaved in pairs, in one run.
//!
//! Each line states the median of both, the quartiles of the pairwise ratio
//! and the CPU time that the commands took (the engine's own not counted, the
//! gate's counted). docker against itself stands first: what lies inside its
//! quartiles is noise.
#![allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing to say"
)]

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const DOCK: &str = "/usr/local/bin/dock";
const USER: &str = "alice";

/// What is compared, from the command line.
struct Options {
    pairs: usize,
    containers: usize,
    requests: usize,
}

impl Options {
    fn parse() -> Options {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let number = |name: &str, default: usize| {
            words
                .iter()
                .position(|word| word == name)
                .and_then(|at| words.get(at + 1)?.parse().ok())
                .unwrap_or(default)
        };
        Options {
            pairs: number("--pairs", 30),
            containers: number("--containers", 300),
            requests: number("--requests", 2000),
        }
    }
}

/// One side of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Docker,
    Dock,
}

struct Bed {
    socket: PathBuf,
    docker: PathBuf,
    uid: u32,
    gid: u32,
    cpu: Option<Cpu>,
}

impl Bed {
    fn command(&self, side: Side, words: &[&str]) -> Command {
        let mut command = match side {
            Side::Docker => {
                let mut command = Command::new(&self.docker);
                command.env("DOCKER_HOST", format!("unix://{}", self.socket.display()));
                command
            }
            Side::Dock => {
                let mut command = Command::new(DOCK);
                // std gives up root's supplementary groups; the group that counts is primary here.
                command.uid(self.uid).gid(self.gid);
                command
                    .env("HOME", format!("/home/{USER}"))
                    .env_remove("XDG_RUNTIME_DIR");
                command
            }
        };
        command
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        command.current_dir("/");
        command
    }

    /// Runs one command; wall time and the CPU time of it and its descendants.
    fn time(&self, side: Side, words: &[&str]) -> (Duration, Duration) {
        let mut command = self.command(side, words);
        let before = self.cpu.as_ref().map(Cpu::used);
        if let Some(cpu) = &self.cpu {
            cpu.enter();
        }
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        if let Some(cpu) = &self.cpu {
            cpu.leave();
        }
        let status = child.wait().unwrap();
        let wall = start.elapsed();
        assert!(status.success(), "{words:?}: {status}");
        // The gate ends a moment after docker.
        std::thread::sleep(Duration::from_millis(25));
        let cpu = match (&self.cpu, before) {
            (Some(cpu), Some(before)) => cpu.used().saturating_sub(before),
            _ => Duration::ZERO,
        };
        (wall, cpu)
    }
}

/// A cgroup that counts the CPU time of whatever starts in it.
struct Cpu {
    folder: PathBuf,
}

impl Cpu {
    fn new() -> Option<Cpu> {
        let folder =
            Path::new("/sys/fs/cgroup/cpuacct").join(format!("dockbench{}", std::process::id()));
        std::fs::create_dir(&folder).ok()?;
        Some(Cpu { folder })
    }

    fn used(&self) -> Duration {
        let text = std::fs::read_to_string(self.folder.join("cpuacct.usage")).unwrap();
        Duration::from_nanos(text.trim().parse().unwrap())
    }

    fn enter(&self) {
        std::fs::write(self.folder.join("tasks"), "0").unwrap();
    }

    fn leave(&self) {
        std::fs::write(self.folder.parent().unwrap().join("tasks"), "0").unwrap();
    }
}

impl Drop for Cpu {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.folder);
    }
}

fn quantile(sorted: &[f64], at: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * at).round() as usize]
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn line(what: &str, unit: &str, a: &[f64], b: &[f64], extra: &str) {
    let ratio = sorted(a.iter().zip(b).map(|(a, b)| b / a));
    println!(
        "{what:34} {:9.3} {:9.3} {unit:4} x{:.2} [{:.2} {:.2}]{extra}",
        quantile(&sorted(a.iter().copied()), 0.5),
        quantile(&sorted(b.iter().copied()), 0.5),
        quantile(&ratio, 0.5),
        quantile(&ratio, 0.25),
        quantile(&ratio, 0.75),
    );
}

fn compare(bed: &Bed, pairs: usize, what: &str, sides: [Side; 2], words: &[&str]) {
    compare_words(bed, pairs, what, sides, [words, words]);
}

fn compare_words(bed: &Bed, pairs: usize, what: &str, sides: [Side; 2], words: [&[&str]; 2]) {
    let mut wall = [Vec::new(), Vec::new()];
    let mut cpu = [Vec::new(), Vec::new()];
    for pair in 0..pairs + 2 {
        for at in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let (w, c) = bed.time(sides[at], words[at]);
            // The first pairs warm caches and are not counted.
            if pair >= 2 {
                wall[at].push(w.as_secs_f64() * 1e3);
                cpu[at].push(c.as_secs_f64() * 1e3);
            }
        }
    }
    let median = |values: &[f64]| quantile(&sorted(values.iter().copied()), 0.5);
    let extra = match bed.cpu {
        Some(_) => format!("  cpu {:.1} -> {:.1} ms", median(&cpu[0]), median(&cpu[1])),
        None => String::new(),
    };
    line(what, "ms", &wall[0], &wall[1], &extra);
}

/// Sends `GET path` on a kept connection and reads the whole answer.
fn request(stream: &mut UnixStream, path: &str, buffer: &mut Vec<u8>) {
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n").as_bytes())
        .unwrap();
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
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let done = match head.split("content-length: ").nth(1) {
            Some(rest) => {
                let length: usize = rest.split("\r\n").next().unwrap().trim().parse().unwrap();
                buffer.len() >= end + 4 + length
            }
            None => buffer.ends_with(b"0\r\n\r\n"),
        };
        if done {
            return;
        }
    }
}

fn api(bed: &Bed, requests: usize, path: &str) {
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
fn measure(words: &[String]) {
    let [socket, path, count] = words else {
        panic!("--measure SOCKET PATH COUNT")
    };
    let mut stream = UnixStream::connect(socket).unwrap();
    let mut buffer = Vec::new();
    for _ in 0..count.parse().unwrap() {
        let start = Instant::now();
        request(&mut stream, path, &mut buffer);
        println!("{}", start.elapsed().as_secs_f64() * 1e6);
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "--measure") {
        return measure(&words[1..]);
    }
    let socket = PathBuf::from(std::env::var("DOCK_BED_SOCKET").expect("run benches/run"));
    let options = Options::parse();
    let user = nix::unistd::User::from_name(USER)
        .unwrap()
        .expect("the bed has alice");
    let group = nix::unistd::Group::from_name("dock")
        .unwrap()
        .expect("the bed has group dock");
    let docker = ["/usr/bin/docker", "/usr/local/bin/docker"].map(PathBuf::from);
    let docker = docker
        .into_iter()
        .find(|path| path.exists())
        .expect("a docker CLI");
    let bed = Bed {
        socket,
        docker,
        uid: user.uid.as_raw(),
        gid: group.gid.as_raw(),
        cpu: Cpu::new(),
    };
    let mut made: Vec<String> = Vec::new();
    let run = |side, words: &[&str]| {
        assert!(
            bed.command(side, words).status().unwrap().success(),
            "{words:?}"
        )
    };
    run(
        Side::Docker,
        &[
            "run",
            "-d",
            "--name",
            "bench-target",
            "busybox",
            "sleep",
            "3600",
        ],
    );
    run(
        Side::Dock,
        &[
            "run",
            "-d",
            "--name",
            "bench-target",
            "busybox",
            "sleep",
            "3600",
        ],
    );

    println!("{:34} {:>9} {:>9}", "", "docker", "dock");
    let noise = [Side::Docker, Side::Docker];
    let both = [Side::Docker, Side::Dock];
    let pairs = options.pairs;
    compare(
        &bed,
        pairs,
        "version (docker against itself)",
        noise,
        &["version"],
    );
    compare(&bed, pairs, "version", both, &["version"]);
    compare(&bed, pairs, "ps, few containers", both, &["ps"]);
    compare(&bed, pairs, "inspect", both, &["inspect", "bench-target"]);
    compare(&bed, pairs, "exec", both, &["exec", "bench-target", "true"]);
    compare(
        &bed,
        pairs,
        "run --rm (docker against itself)",
        noise,
        &["run", "--rm", "busybox", "true"],
    );
    compare(
        &bed,
        pairs,
        "run --rm",
        both,
        &["run", "--rm", "busybox", "true"],
    );
    // What a network of one's own costs is the engine's; docker0 has no DNS.
    run(Side::Docker, &["network", "create", "bench-network"]);
    let on_network = [
        "run",
        "--rm",
        "--network",
        "bench-network",
        "busybox",
        "true",
    ];
    let plain = ["run", "--rm", "busybox", "true"];
    compare_words(
        &bed,
        pairs,
        "run --rm, docker on a user network",
        both,
        [&on_network, &plain],
    );
    run(Side::Docker, &["network", "rm", "bench-network"]);
    api(&bed, options.requests, "/_ping");
    api(
        &bed,
        options.requests,
        "/v1.41/containers/bench-target/json",
    );
    for at in 0..options.containers {
        let name = format!("bench-foreign-{at}");
        run(Side::Docker, &["create", "--name", &name, "busybox"]);
        made.push(name);
    }
    compare(
        &bed,
        pairs,
        &format!("ps -a, {} foreign containers", options.containers),
        both,
        &["ps", "-a"],
    );
    api(&bed, options.requests / 10, "/v1.41/containers/json?all=1");
    for names in made.chunks(100) {
        let words: Vec<&str> = ["rm"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        run(Side::Docker, &words);
    }
    run(Side::Docker, &["rm", "-f", "bench-target"]);
    run(Side::Dock, &["rm", "-f", "bench-target"]);
}
