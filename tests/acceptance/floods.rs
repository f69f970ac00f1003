//! A gigabyte through a terminal's worth of memory.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use crate::harness::{Gate, Person, eventually};

const PIECE: usize = 1 << 20;
const PIECES: usize = 1024;

/// Bytes that repeat nowhere near: a counter in every eight.
fn piece(at: usize) -> Vec<u8> {
    (0..PIECE / 8)
        .flat_map(|word| {
            ((at * PIECE / 8 + word) as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .to_le_bytes()
        })
        .collect()
}

/// The largest resident size of the person's gates so far, in KiB.
fn gate_memory(person: &Person) -> Option<u64> {
    let uid = format!("SUDO_UID={}", person.uid);
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .find_map(|entry| {
            let read =
                |name: &str| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
            let theirs = read("comm").trim() == "dock-gate"
                && read("environ").split('\0').any(|it| it == uid);
            let status = read("status");
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            theirs.then(|| line.split_whitespace().nth(1)?.parse().ok())?
        })
}

#[test]
fn a_gigabyte_comes_back_byte_for_byte_through_flat_memory() {
    let alice = Person::fresh("alice");
    let mut command = alice
        .dock(["run", "--rm", "-i", "busybox", "cat"])
        .into_command();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let writer =
        std::thread::spawn(move || (0..PIECES).for_each(|at| stdin.write_all(&piece(at)).unwrap()));
    let mut buffer = vec![0; PIECE];
    let mut early = None;
    for at in 0..PIECES {
        stdout.read_exact(&mut buffer).unwrap();
        assert!(buffer == piece(at), "piece {at} differs");
        if at == 100 {
            early = gate_memory(&alice);
        }
        if at == PIECES - 1 {
            let (early, late) = (early.expect("a gate"), gate_memory(&alice).expect("a gate"));
            assert!(late <= early + 1024, "{early} KiB, then {late} KiB");
        }
    }
    writer.join().unwrap();
    assert_eq!(stdout.read(&mut buffer).unwrap(), 0);
    assert!(child.wait().unwrap().success());
    alice.clear();
}

#[test]
fn a_client_that_does_not_read_costs_no_memory() {
    let alice = Person::fresh("alice");
    let mut command = alice
        .dock(["run", "--rm", "--name", "yes", "busybox", "yes"])
        .into_command();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the gate runs", || gate_memory(&alice));
    // By then every buffer on the way is full.
    std::thread::sleep(Duration::from_secs(2));
    let early = gate_memory(&alice).expect("a gate");
    std::thread::sleep(Duration::from_secs(5));
    let late = gate_memory(&alice).expect("a gate");
    assert!(late <= early + 512, "{early} KiB, then {late} KiB");
    // The engine waits for a reader before it lets a container go.
    drop(child.stdout.take());
    alice.dock(["rm", "-f", "yes"]).output();
    child.wait().unwrap();
    alice.clear();
}

#[test]
fn the_end_of_input_is_passed_on_and_output_still_comes() {
    let alice = Person::fresh("alice");
    let counted = alice.dock([
        "run",
        "--rm",
        "-i",
        "busybox",
        "sh",
        "-c",
        "wc -c; sleep 1; echo after",
    ]);
    let counted = counted.stdin(vec![b'x'; 3_000_000]).output().success();
    assert_eq!(counted, "3000000\nafter");
    // A container that stops reading still has its say.
    let script = "yes | dock run --rm -i busybox head -1";
    assert_eq!(
        alice.command("bash", ["-c", script]).output().success(),
        "y"
    );
    alice.clear();
}

#[test]
fn bodies_that_never_end_do_not_fill_roots_memory() {
    let mallory = Person::fresh("mallory");
    let gate = Gate::open(&mallory);
    let size = 4 << 20;
    let head = format!(
        "POST /v1.41/containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    );
    // All but the last bytes, as far as the gate takes them.
    let almost = vec![b' '; size - 30];
    let mut stuck = Vec::new();
    for _ in 0..60 {
        let mut connection = gate.connect();
        connection.send(head.as_bytes());
        connection.send_what_is_taken(&almost);
        stuck.push(connection);
    }
    // What has no body is answered all the while.
    let answer = gate.request("GET", "/v1.41/containers/json", None);
    assert_eq!(answer.status, 200, "{answer:?}");
    let memory = gate_memory(&mallory).unwrap();
    assert!(memory < 80 << 10, "{memory} KiB");
    // And what has one, once there is room again.
    drop(stuck);
    let body = r#"{"Image":"busybox"}"#;
    let answer = gate.request("POST", "/v1.41/containers/create", Some(body));
    assert_eq!(answer.status, 201, "{answer:?}");
    mallory.clear();
}
