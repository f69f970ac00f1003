//! `dock admin top`: who uses what, by the kernel's own numbers.

use std::path::PathBuf;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::endings::processes;
use crate::harness::{Person, bed, eventually, root, root_docker, unique, with_configuration};

/// What leaves the other screen, which a view that ended has left.
const LEFT: &str = "\u{1b}[?1049l";

fn idle(person: &Person, name: &str) {
    let words = [
        "run",
        "-d",
        "--network",
        "none",
        "--name",
        name,
        "busybox",
        "sleep",
        "1000",
    ];
    person.dock(words).output().success();
}

/// A container that holds so many MiB of memory.
fn hog(person: &Person, name: &str, mebibytes: u32) {
    let script = format!("dd if=/dev/zero of=/dev/shm/x bs=1M count={mebibytes} && sleep 1000");
    let words = [
        "run",
        "-d",
        "--network",
        "none",
        "--shm-size",
        "200m",
        "--name",
        name,
        "busybox",
    ];
    person
        .dock(words.into_iter().chain(["sh", "-c", &script]))
        .output()
        .success();
    eventually("the memory is held", || {
        let used = counted(person, "memory", "memory.usage_in_bytes", "memory.current");
        (used >= u64::from(mebibytes) << 20).then_some(())
    });
}

/// A number that root reads in the cgroup of a person's space, of either version.
fn counted(person: &Person, controller: &str, one: &str, two: &str) -> u64 {
    let space = format!("{}/u{}", bed("DOCK_BED_NAME"), person.uid);
    let cgroups = PathBuf::from("/sys/fs/cgroup");
    let places = [
        cgroups.join(controller).join(&space).join(one),
        cgroups.join(&space).join(two),
    ];
    let text = places
        .iter()
        .find_map(|place| std::fs::read_to_string(place).ok());
    let text = text.unwrap_or_default();
    let number = text.split_whitespace().find_map(|word| word.parse().ok());
    number.unwrap_or_default()
}

fn json(admin: &Person, words: &[&str]) -> Value {
    let words = [&["admin", "top", "--json"], words].concat();
    let text = admin.dock(words).output().success();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn space<'a>(report: &'a Value, person: &Person) -> &'a Value {
    let name = format!("u{}", person.uid);
    let spaces = report["spaces"].as_array().unwrap();
    let found = spaces.iter().find(|space| space["space"] == name.as_str());
    found.unwrap_or_else(|| panic!("no {name} in {report}"))
}

#[test]
fn sums_are_what_the_cgroups_say_and_the_largest_comes_first() {
    let (admin, alice, bob) = (
        Person::admin("admin"),
        Person::fresh("alice"),
        Person::fresh("bob"),
    );
    idle(&bob, "small");
    hog(&alice, "hog", 96);
    idle(&alice, "small");
    let cpu = |person| counted(person, "cpuacct", "cpuacct.usage", "cpu.stat");
    let before = cpu(&alice);
    let report = json(&admin, &["--sort", "mem", "--containers"]);
    let after = cpu(&alice);
    for person in [&alice, &bob] {
        let space = space(&report, person);
        assert_eq!(space["login"], person.login.as_str());
        let pids = counted(person, "pids", "pids.current", "pids.current");
        assert_eq!(space["pids"].as_u64(), Some(pids));
        // Nothing reads files in them, so there is no cache to leave out.
        let memory = counted(person, "memory", "memory.usage_in_bytes", "memory.current");
        let shown = space["memory"].as_u64().unwrap();
        assert!(shown.abs_diff(memory) < 4 << 20, "{shown} {memory}");
        // And the sum of the containers', but for what the kernel keeps of ended ones.
        let containers = space["containers"].as_array().unwrap();
        let sum = |key: &str| {
            containers
                .iter()
                .map(|row| row[key].as_u64().unwrap())
                .sum::<u64>()
        };
        assert_eq!(sum("pids"), pids);
        assert!(sum("memory").abs_diff(shown) < 4 << 20, "{space}");
    }
    let alices = space(&report, &alice);
    assert_eq!(alices["running"], 2);
    let cpu = alices["cpu_nanoseconds"].as_u64().unwrap();
    // Version 2 counts in microseconds, and not only this file's first line.
    let scale = if before * 500 < cpu { 1000 } else { 1 };
    assert!(
        (before * scale..=(after + 1) * scale).contains(&cpu),
        "{before} {cpu} {after}"
    );
    // The larger stand first: spaces, and containers in them.
    let names: Vec<&str> = alices["containers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["hog", "small"]);
    let table = admin
        .dock(["admin", "top", "--once", "--sort", "mem"])
        .output()
        .success();
    let at = |name: &str| {
        table
            .lines()
            .position(|line| line.starts_with(name))
            .unwrap()
    };
    assert!(at(&alice.login) < at(&bob.login), "{table}");
    assert_eq!(
        at("host, outside dock"),
        table.lines().count() - 1,
        "{table}"
    );
    // Not on a terminal, it is one pass without being asked.
    let table = admin
        .dock(["admin", "top", "--containers", "--sort", "mem"])
        .output()
        .success();
    assert!(
        table.contains(&format!("\n{}/hog ", alice.login)),
        "{table}"
    );
    // A live view repeats itself, so a gate tells once.
    let audit = std::fs::read_to_string(bed("DOCK_BED_AUDIT")).unwrap();
    let uid = format!("\"uid\":{},", admin.uid);
    let lines = audit.lines().filter(|line| line.contains(&uid));
    assert_eq!(lines.filter(|line| line.contains("admin.usage")).count(), 3);
    alice.clear();
    bob.clear();
}

#[test]
fn a_cpu_that_spins_is_seen() {
    let (admin, alice) = (Person::admin("admin"), Person::fresh("alice"));
    let words = ["run", "-d", "--network", "none", "--cpus", "0.5", "busybox"];
    let spin = ["sh", "-c", "while :; do :; done"];
    alice.dock(words.iter().chain(&spin)).output().success();
    let report = json(&admin, &["--sort", "cpu"]);
    let percent = space(&report, &alice)["cpu_percent"].as_f64().unwrap();
    // The machine has other things to do.
    assert!((2.0..80.0).contains(&percent), "{percent}");
    let window = report["window_seconds"].as_f64().unwrap();
    assert!((0.5..30.0).contains(&window), "{window}");
    alice.clear();
}

#[test]
fn a_container_that_ends_mid_read_does_no_harm() {
    let (admin, alice) = (Person::admin("admin"), Person::fresh("alice"));
    idle(&alice, "stays");
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| {
            for _ in 0..8 {
                let words = ["run", "--rm", "--network", "none", "busybox", "true"];
                alice.dock(words).output().success();
            }
        });
        let mut rounds = 0;
        while !runner.is_finished() || rounds == 0 {
            let report = json(&admin, &["--interval", "0.1", "--containers"]);
            let alices = space(&report, &alice);
            assert!(alices["running"].as_u64().unwrap() >= 1, "{alices}");
            let rows = alices["containers"].as_array().unwrap();
            assert!(rows.iter().any(|row| row["name"] == "stays"), "{alices}");
            rounds += 1;
        }
    });
    alice.clear();
}

#[test]
fn only_admins_see_it() {
    let alice = Person::fresh("alice");
    let words = ["admin", "top", "--once", "--interval", "0.1"];
    alice
        .dock(words)
        .output()
        .fails(125, "is not in group \"dock-admin\"");
    alice.join("dock-admin");
    alice.dock(words).output().success();
}

#[test]
fn words_that_mean_nothing_are_refused() {
    let admin = Person::admin("admin");
    for words in [["--sort", "size"], ["--interval", "0"], ["--interval", "x"]] {
        let said = admin.dock(["admin", "top"].iter().chain(&words)).output();
        assert_eq!(said.code, 2, "{}", said.err());
    }
}

#[test]
fn the_disk_is_what_was_measured_last() {
    let (admin, alice) = (Person::admin("admin"), Person::fresh("alice"));
    idle(&alice, "writer");
    let dd = [
        "exec",
        "writer",
        "dd",
        "if=/dev/zero",
        "of=/x",
        "bs=1M",
        "count=3",
    ];
    alice.dock(dd).output().success();
    let disk = |report: &Value| space(report, &alice)["disk"].as_i64().unwrap_or(-1);
    // Sorted by disk it is measured first.
    let report = json(&admin, &["--sort", "disk", "--interval", "0.1"]);
    assert!(disk(&report) >= 3 << 20, "{report}");
    let known = json(&admin, &["--interval", "0.1"]);
    assert!(disk(&known) >= 3 << 20, "{known}");
    // For nobody's eyes but root's.
    let mode = root("stat", ["-c", "%a %U", "/var/lib/dock/disk"])
        .output()
        .success();
    assert_eq!(mode.trim(), "600 root");
    alice.clear();
}

#[test]
fn it_works_when_the_engine_does_not() {
    let admin = Person::admin("admin");
    let folder = PathBuf::from("/tmp").join(unique("top"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("dock.toml"),
        "[engine]\nsocket = \"/run/nobody.sock\"\n",
    )
    .unwrap();
    let output = with_configuration(&admin, &folder)
        .args([
            "/usr/local/bin/dock",
            "admin",
            "top",
            "--containers",
            "--interval",
            "0.1",
        ])
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (out, err) = (output.stdout, output.stderr);
    let out = String::from_utf8_lossy(&out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&err));
    assert!(out.contains("host, outside dock"), "{out}");
}

#[test]
fn the_live_view_sorts_opens_a_space_resizes_and_quits() {
    let (admin, alice) = (Person::admin("admin"), Person::fresh("alice"));
    idle(&alice, "web");
    let view = admin.dock(["admin", "top"]).on_terminal();
    view.expect("HISTORY");
    view.send("m");
    view.expect("MEM\u{25bc}");
    // Other tests' people may fill the page.
    view.send(&format!("/{}\r", alice.login));
    // Cells that stand already are not written again: words alone.
    view.expect(&format!("/{}", alice.login));
    view.send(" ");
    view.expect("web");
    view.send("h");
    view.expect("cursor");
    view.send("x");
    view.resize(60, 200);
    view.expect("NET IN/S");
    view.send("q");
    let (code, shown) = view.wait();
    assert_eq!(code, 0, "{shown}");
    let (_, after) = shown.rsplit_once(LEFT).unwrap();
    // The cursor is back, and nothing else was said.
    assert!(
        after.contains("\u{1b}[?25h") && !after.contains("dock"),
        "{after:?}"
    );
    eventually("its gate ends with it", || {
        processes(&admin).is_empty().then_some(())
    });
    alice.clear();
}

#[test]
fn a_view_that_is_ended_gives_the_terminal_back() {
    let admin = Person::admin("admin");
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        let view = admin.dock(["admin", "top"]).on_terminal();
        view.expect("HISTORY");
        view.signal(signal);
        let (ended, shown) = view.wait();
        assert_eq!(ended, code, "{shown}");
        assert!(shown.contains(LEFT), "{shown:?}");
    }
    let view = admin.dock(["admin", "top"]).on_terminal();
    view.expect("HISTORY");
    view.send("\u{3}");
    assert_eq!(view.wait().0, 0);
    let mut view = admin.dock(["admin", "top"]).on_terminal();
    view.expect("HISTORY");
    view.hang_up();
    eventually("nothing is left of a view whose window closed", || {
        processes(&admin).is_empty().then_some(())
    });
}

#[test]
fn a_view_whose_gate_ends_says_so_on_a_terminal_that_is_its_owners_again() {
    let admin = Person::admin("admin");
    let view = admin
        .dock(["admin", "top", "--interval", "0.2"])
        .on_terminal();
    view.expect("HISTORY");
    let gates = processes(&admin)
        .into_iter()
        .filter(|(name, _)| name == "dock-gate");
    for (_, pid) in gates {
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    }
    let (code, shown) = view.wait();
    let (_, after) = shown.rsplit_once(LEFT).unwrap();
    assert!(after.contains("dock: "), "{after:?}");
    assert_eq!(code, 125, "{after:?}");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_one_plain_pass() {
    let admin = Person::admin("admin");
    let view = admin
        .dock(["admin", "top"])
        .env("TERM", "dumb")
        .on_terminal();
    let (code, shown) = view.wait();
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("host, outside dock") && !shown.contains('\u{1b}'),
        "{shown:?}"
    );
}

/// A driver's library that tells of one GPU and one process.
const DRIVER: &str = r#"
#include <stdlib.h>
typedef unsigned int u; typedef unsigned long long ull;
struct process { u pid; ull memory; u gpu, compute; };
struct memory { u version; ull total, reserved, free, used; };
struct rates { u gpu, memory; };
struct sample { u pid; ull time; u sm, mem, enc, dec; };
static u pid(void) { const char *text = getenv("GPU_PID"); return text ? atoi(text) : 0; }
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(u *count) { *count = 1; return 0; }
int nvmlDeviceGetHandleByIndex_v2(u index, void **device) { *device = (void *)1; return index; }
int nvmlDeviceGetMemoryInfo_v2(void *device, struct memory *memory) {
    memory->total = 8ull << 30; memory->used = 3ull << 30; memory->free = 5ull << 30; return 0;
}
int nvmlDeviceGetUtilizationRates(void *device, struct rates *rates) { rates->gpu = 90; rates->memory = 1; return 0; }
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, u *count, struct process *list) {
    if (*count < 1) { *count = 1; return 7; }
    *count = 1; list[0] = (struct process){ pid(), 2ull << 30, -1, -1 }; return 0;
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, u *count, struct process *list) { *count = 0; return 0; }
int nvmlDeviceGetProcessUtilization(void *device, struct sample *list, u *count, ull since) {
    if (!list) { *count = 1; return 7; }
    *count = 1; list[0] = (struct sample){ pid(), since + 1, 70, 10, 0, 0 }; return 0;
}
"#;

#[test]
fn gpus_are_shared_out_by_the_processes_of_containers() {
    let (admin, alice) = (Person::admin("admin"), Person::fresh("alice"));
    idle(&alice, "train");
    let folder = PathBuf::from("/tmp").join(unique("driver"));
    std::fs::create_dir(&folder).unwrap();
    let (source, library) = (folder.join("driver.c"), folder.join("libnvidia-ml.so.1"));
    std::fs::write(&source, DRIVER).unwrap();
    let words = [
        "-shared",
        "-fPIC",
        "-o",
        library.to_str().unwrap(),
        source.to_str().unwrap(),
    ];
    root("cc", words).output().success();
    let real = alice.real("train");
    let pid = root_docker(["inspect", "--format", "{{.State.Pid}}", &real])
        .output()
        .success();
    let top = |words: &[&str]| {
        let words = [&["admin", "top", "--interval", "0.1"], words].concat();
        let step = admin.dock(words).env("LD_LIBRARY_PATH", &folder);
        step.env("GPU_PID", pid.trim()).output().success()
    };
    let report: Value = serde_json::from_str(&top(&["--json", "--containers"])).unwrap();
    let alices = space(&report, &alice);
    for row in [alices, &alices["containers"][0]] {
        assert_eq!(row["gpu_percent"], 70.0, "{row}");
        assert_eq!(row["gpu_memory"], 2u64 << 30, "{row}");
    }
    assert_eq!(report["outside"]["gpu_percent"], 20.0);
    assert_eq!(report["outside"]["gpu_memory"], 1u64 << 30);
    // The column is there with the GPU, and not without.
    let table = top(&["--sort", "gpu"]);
    assert!(table.contains("GPU MEM"), "{table}");
    assert!(
        table.lines().nth(1).unwrap().starts_with(&alice.login),
        "{table}"
    );
    let without = admin
        .dock(["admin", "top", "--interval", "0.1"])
        .output()
        .success();
    assert!(!without.contains("GPU"), "{without}");
    std::fs::remove_dir_all(&folder).unwrap();
    alice.clear();
}
