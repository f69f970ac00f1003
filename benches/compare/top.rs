//! `dock admin top --once` beside `docker stats --no-stream`.
//!
//! Both look twice with a pause between. docker's pause is the engine's and
//! cannot be told apart; dock's is an option, and is taken off.

use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::api::exchange;
use crate::bed::{Bed, DOCK, Side, USER};
use crate::stats::{quantile, sorted};

/// Spaces that nobody of the bed has.
const FIRST_UID: u32 = 59_000;
const SPACES: usize = 10;

/// Between dock's two readings.
const WINDOW: Duration = Duration::from_millis(100);

/// Running containers of ten spaces, gone when dropped.
struct Crowd<'a> {
    bed: &'a Bed,
    count: usize,
}

fn space(at: usize) -> String {
    format!("u{}", FIRST_UID + u32::try_from(at % SPACES).unwrap())
}

fn parent() -> String {
    std::env::var("DOCK_BED_NAME").expect("run benches/run")
}

impl<'a> Crowd<'a> {
    fn start(bed: &'a Bed, count: usize) -> Crowd<'a> {
        let crowd = Crowd { bed, count };
        let (mut stream, mut buffer) = (crowd.connect(), Vec::new());
        for at in 0..count {
            let space = space(at);
            let parent = parent();
            let path = format!("/containers/create?name={space}-top{at}");
            let body = format!(
                "{{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"36000\"],\
                 \"Labels\":{{\"dock.space\":\"{space}\"}},\
                 \"HostConfig\":{{\"NetworkMode\":\"none\",\"CgroupParent\":\"/{parent}/{space}\"}}}}"
            );
            let start = format!("/containers/{space}-top{at}/start");
            for (path, body) in [(&path, body.as_str()), (&start, "")] {
                let is_done = exchange(&mut stream, "POST", path, body, &mut buffer);
                assert!(is_done, "{path}: {}", String::from_utf8_lossy(&buffer));
            }
        }
        crowd
    }

    fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.bed.socket).unwrap()
    }
}

impl Drop for Crowd<'_> {
    fn drop(&mut self) {
        let (mut stream, mut buffer) = (self.connect(), Vec::new());
        for at in 0..self.count {
            let path = format!("/containers/{}-top{at}?force=1", space(at));
            exchange(&mut stream, "DELETE", &path, "", &mut buffer);
        }
    }
}

/// `dock admin top` as somebody who may.
fn admin(bed: &Bed, words: &[&str]) -> Command {
    let group = nix::unistd::Group::from_name("dock-admin").unwrap();
    let group = group.expect("the bed has group dock-admin");
    let mut command = Command::new(DOCK);
    command.args(["admin", "top"]).args(words);
    command.uid(bed.uid).gid(group.gid.as_raw());
    command
        .env("HOME", format!("/home/{USER}"))
        .current_dir("/");
    command.env_remove("XDG_RUNTIME_DIR").stdin(Stdio::null());
    command
}

/// At `count` containers; and what is shown is what the cgroups say.
pub(crate) fn top(bed: &Bed, pairs: usize, count: usize) {
    let mut join = Command::new("gpasswd");
    join.args(["--add", USER, "dock-admin"])
        .stdout(Stdio::null());
    assert!(join.status().unwrap().success());
    let began = Instant::now();
    let _crowd = Crowd::start(bed, count);
    println!(
        "({count} containers in {SPACES} spaces run; started in {:.1} s)",
        began.elapsed().as_secs_f64()
    );
    check(bed, count);
    let window = WINDOW.as_secs_f64().to_string();
    let (mut docker, mut dock, mut each) = (Vec::new(), Vec::new(), Vec::new());
    // The first pair warms caches and is not counted.
    for pair in 0..=pairs {
        let (stats, _) = bed.time(Side::Docker, &["stats", "--no-stream"]);
        let mut once = admin(bed, &["--once", "--interval", &window]);
        let start = Instant::now();
        let status = once.stdout(Stdio::null()).status().unwrap();
        let took = start.elapsed().saturating_sub(WINDOW);
        assert!(status.success());
        let mut rows = admin(bed, &["--once", "--containers", "--interval", &window]);
        let start = Instant::now();
        let status = rows.stdout(Stdio::null()).status().unwrap();
        let with_rows = start.elapsed().saturating_sub(WINDOW);
        assert!(status.success());
        if pair > 0 {
            docker.push(stats.as_secs_f64() * 1e3);
            dock.push(took.as_secs_f64() * 1e3);
            each.push(with_rows.as_secs_f64() * 1e3);
        }
    }
    faster("stats, top --once", &docker, &dock);
    faster("stats, top --once --containers", &docker, &each);
}

/// How many times faster dock is: a ratio of a hundredth says little.
fn faster(what: &str, docker: &[f64], dock: &[f64]) {
    let times = sorted(docker.iter().zip(dock).map(|(docker, dock)| docker / dock));
    let median = |values: &[f64]| quantile(&sorted(values.iter().copied()), 0.5);
    println!(
        "{what:34} {:9.3} {:9.3} ms   {:.0} times faster [{:.0} {:.0}]",
        median(docker),
        median(dock),
        quantile(&times, 0.5),
        quantile(&times, 0.25),
        quantile(&times, 0.75),
    );
}

fn check(bed: &Bed, count: usize) {
    let output = admin(bed, &["--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for at in 0..SPACES.min(count) {
        let name = space(at);
        let spaces = report["spaces"].as_array().unwrap();
        let found = spaces.iter().find(|space| space["space"] == name.as_str());
        let found = found.unwrap_or_else(|| panic!("no {name}"));
        let folder = format!("{}/{name}", parent());
        let number = |file: &str| -> Option<u64> {
            let text = std::fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?;
            text.trim().parse().ok()
        };
        let pids = number(&format!("pids/{folder}/pids.current"))
            .or_else(|| number(&format!("{folder}/pids.current")));
        assert_eq!(found["pids"].as_u64(), pids, "{found}");
        let cpu = number(&format!("cpuacct/{folder}/cpuacct.usage"));
        // Idle containers use none between the two readings.
        if let (Some(cpu), Some(shown)) = (cpu, found["cpu_nanoseconds"].as_u64()) {
            assert!(cpu.abs_diff(shown) < 50_000_000, "{found} {cpu}");
        }
        let running = (count + SPACES - 1 - at) / SPACES;
        assert_eq!(found["running"].as_u64(), u64::try_from(running).ok());
    }
    println!("(pids, CPU time and containers of each space are what its cgroups say)");
}
