//! Broken engines: a thread that listens in the place of the engine and answers
//! what no engine should. The gate says so in docker's form, holds nothing, and
//! the next good answer works.

use std::io::{Read as _, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::configuration::{append, copied};
use crate::harness::{Gate, Person, eventually, unique};

/// What the engine does with every request that is not its ping, whose head it
/// is given.
type Deed = Arc<dyn Fn(&str, &mut UnixStream) + Send + Sync>;

/// An engine that does as it is told, and a gate that takes it for the host's.
struct Stage {
    person: Person,
    gate: Gate,
    deed: Arc<Mutex<Deed>>,
    socket: PathBuf,
}

impl Stage {
    fn new(stem: &str) -> Stage {
        let socket = PathBuf::from(format!("/run/bed/{}", unique("broken")));
        let listener = UnixListener::bind(&socket).unwrap();
        let deed: Arc<Mutex<Deed>> = Arc::new(Mutex::new(Arc::new(says(GOOD))));
        let shared = Arc::clone(&deed);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        let folder = copied();
        let file = folder.join("conf.d/99-broken.toml");
        let text = format!("[engine]\nsocket = \"{}\"\n", socket.display());
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        append(&file, &text);
        let person = Person::fresh(stem);
        let gate = Gate::open_with_configuration(&person, &folder);
        Stage {
            person,
            gate,
            deed,
            socket,
        }
    }

    fn does(&self, deed: impl Fn(&str, &mut UnixStream) + Send + Sync + 'static) {
        *self.deed.lock().unwrap() = Arc::new(deed);
    }

    /// The next good answer works.
    #[track_caller]
    fn is_well(&self) {
        self.does(says(GOOD));
        let answer = self.gate.request("GET", "/v1.41/containers/json", None);
        assert_eq!((answer.status, answer.text().trim()), (200, "[]"));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

const GOOD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]";

const PING: &str = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nOstype: linux\r\n\
                    Server: Docker/20.10.24 (linux)\r\nContent-Length: 2\r\n\r\nOK";

fn serve(mut stream: UnixStream, deed: &Mutex<Deed>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            let Ok(1) = stream.read(&mut byte) else {
                return;
            };
            head.push(byte[0]);
        }
        if head.starts_with(b"GET /_ping ") {
            let _ = stream.write_all(PING.as_bytes());
        } else {
            let deed = Arc::clone(&deed.lock().unwrap());
            deed(&String::from_utf8_lossy(&head), &mut stream);
        }
    }
}

fn says(text: impl Into<Vec<u8>>) -> impl Fn(&str, &mut UnixStream) + Send + Sync {
    let text = text.into();
    move |_, stream| {
        let _ = stream.write_all(&text);
    }
}

fn says_and_dies(text: &str) -> impl Fn(&str, &mut UnixStream) + Send + Sync + use<> {
    let text = text.to_owned();
    move |_, stream| {
        let _ = stream.write_all(text.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
}

/// An answer that begins as JSON and never ends.
fn floods(head: &'static str) -> impl Fn(&str, &mut UnixStream) + Send + Sync {
    move |_, stream| {
        let piece = vec![b' '; 0x10000];
        let mut chunk = b"10000\r\n".to_vec();
        chunk.extend(&piece);
        chunk.extend(b"\r\n");
        let piece = if head.contains("chunked") {
            chunk
        } else {
            piece
        };
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(&piece).is_ok() {}
    }
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

#[test]
fn nonsense_is_an_error_in_dockers_form_and_the_next_good_answer_works() {
    let stage = Stage::new("alice");
    stage.is_well();
    for nonsense in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(),
        "HTTP/9.9 200 OK\r\n\r\n".into(),
        format!("{JSON}Content-Length: 1\r\nContent-Length: 2\r\n\r\n[]"),
        with_length("{}"),
        with_length("[\"\u{0}"),
        with_length(&"[".repeat(100_000)),
        "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n[]".into(),
        "HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1/\r\nContent-Length: 2\r\n\r\n[]"
            .into(),
        format!("{JSON}X: {}\r\n\r\n", "x".repeat(1 << 20)),
    ] {
        let begin: String = nonsense.chars().take(60).collect();
        stage.does(says_and_dies(&nonsense));
        let answer = stage.gate.request("GET", "/v1.41/containers/json", None);
        assert_eq!(answer.status, 502, "{begin}: {answer:?}");
        assert!(
            answer.message().contains("gave no usable answer"),
            "{begin}: {answer:?}"
        );
        stage.is_well();
    }
}

#[test]
fn rows_that_nobody_understands_are_shown_to_nobody() {
    let stage = Stage::new("alice");
    for rows in [
        "[1]",
        "[null]",
        "[[]]",
        "[{}]",
        r#"[{"Id":{"a":null}}]"#,
        r#"[{"Labels":[1]}]"#,
    ] {
        stage.does(says(with_length(rows)));
        let answer = stage.gate.request("GET", "/v1.41/containers/json", None);
        let is_empty = answer.status == 200 && answer.text().trim() == "[]";
        assert!(is_empty || answer.status == 502, "{rows}: {answer:?}");
        stage.is_well();
    }
}

#[test]
fn an_engine_that_dies_inside_an_answer_is_told_of() {
    let stage = Stage::new("alice");
    for end in [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        stage.does(says_and_dies(end));
        let answer = stage.gate.request("GET", "/v1.41/containers/json", None);
        assert_eq!(answer.status, 502, "{end}: {answer:?}");
        stage.is_well();
    }
}

/// An engine that knows the container `web` of the stage's person, and for every
/// request beside its inspection does this.
fn holds_web(stage: &Stage, deed: impl Fn(&str, &mut UnixStream) + Send + Sync + 'static) {
    let space = format!("u{}", stage.person.uid);
    let name = stage.person.real("web");
    let web = serde_json::json!({
        "Id": "a".repeat(64),
        "Name": format!("/{name}"),
        "Config": { "Tty": false, "Labels": { "dock.space": space } },
    })
    .to_string();
    let inspected = with_length(&web);
    let asked = format!("/containers/{name}/json ");
    stage.does(move |head, stream| {
        if head.contains(&asked) {
            let _ = stream.write_all(inspected.as_bytes());
        } else {
            deed(head, stream);
        }
    });
}

fn with_length(body: &str) -> String {
    format!("{JSON}Content-Length: {}\r\n\r\n{body}", body.len())
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\
                       Transfer-Encoding: chunked\r\n\r\n";

/// One frame of standard output: `hello\n`.
const FRAME: &str = "\u{1}\0\0\0\0\0\0\u{6}hello\n";

#[test]
fn an_engine_that_dies_inside_a_stream_cuts_the_stream() {
    let stage = Stage::new("alice");
    let (whole, half) = (
        format!("{CHUNKED}{:x}\r\n{FRAME}\r\n", FRAME.len()),
        r#"{"Type":"container","Act"#,
    );
    let pulled = "{\"status\":\"Pulling from library/busybox\"}\n";
    let logs = "GET /v1.41/containers/web/logs?stdout=1&follow=1";
    for (target, text, shown) in [
        (logs, whole.clone(), FRAME),
        (logs, format!("{CHUNKED}ffff\r\n{FRAME}"), FRAME),
        (
            "GET /v1.41/events",
            format!("{CHUNKED}{:x}\r\n{half}\r\n", half.len()),
            "",
        ),
        (
            "POST /v1.41/images/create?fromImage=busybox&tag=latest",
            format!("{CHUNKED}{:x}\r\n{pulled}\r\n", pulled.len()),
            "Pulling",
        ),
    ] {
        let (dies, is_well) = (says_and_dies(&text), says(GOOD));
        let volumes = says(with_length(r#"{"Volumes":[]}"#));
        holds_web(&stage, move |head, stream| {
            if head.contains("/events?")
                || head.contains("/logs?")
                || head.contains("/images/create?")
            {
                dies(head, stream);
            } else if head.contains("/volumes?") {
                volumes(head, stream);
            } else {
                is_well(head, stream);
            }
        });
        let mut connection = stage.gate.connect();
        connection
            .send(format!("{target} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n").as_bytes());
        let seen = String::from_utf8(connection.rest()).unwrap();
        assert!(seen.starts_with("HTTP/1.1 200 "), "{target}: {seen}");
        assert!(seen.contains(shown), "{target}: {seen}");
        // A stream that was cut does not look like one that has ended.
        assert!(!seen.ends_with("0\r\n\r\n"), "{target}: {seen}");
        stage.is_well();
    }
    // The twin: one that ends is ended.
    holds_web(&stage, says(format!("{whole}0\r\n\r\n")));
    let answer = stage.gate.request("GET", &logs[4..], None);
    assert_eq!((answer.status, answer.text().as_str()), (200, FRAME));
    stage.is_well();
}

const ATTACH: &[u8] =
    b"POST /v1.41/containers/web/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\
                        Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

#[test]
fn an_engine_that_dies_inside_a_raw_stream_ends_it() {
    let stage = Stage::new("alice");
    let switched = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    for text in ["", "hel", FRAME] {
        holds_web(&stage, says_and_dies(&format!("{switched}{text}")));
        let mut connection = stage.gate.connect();
        connection.send(ATTACH);
        let seen = String::from_utf8(connection.rest()).unwrap();
        assert!(seen.starts_with("HTTP/1.1 101 "), "{seen}");
        assert!(seen.ends_with(&format!("\r\n\r\n{text}")), "{seen}");
        stage.is_well();
    }
}

#[test]
fn an_engine_that_does_not_switch_is_told_of_and_gets_nothing_more() {
    let stage = Stage::new("alice");
    let got = Arc::new(Mutex::new(Vec::new()));
    for (text, expected) in [
        (with_length("{}"), 502),
        (format!("{CHUNKED}{:x}\r\n{FRAME}\r\n0\r\n\r\n", FRAME.len()), 502),
        (
            "HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"message\":\"busy\"}".to_owned(),
            409,
        ),
    ] {
        let shared = Arc::clone(&got);
        holds_web(&stage, move |head, stream| {
            let _ = stream.write_all(text.as_bytes());
            if !head.contains("/attach?") {
                return;
            }
            let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
            let mut more = [0; 64];
            if let Ok(count) = stream.read(&mut more) {
                shared.lock().unwrap().extend_from_slice(&more[..count]);
            }
        });
        let mut connection = stage.gate.connect();
        connection.send(ATTACH);
        let _ = connection.try_send(b"typed ahead\n");
        let answer = connection.answer();
        assert_eq!(answer.status, expected, "{answer:?}");
        stage.is_well();
    }
    assert!(got.lock().unwrap().is_empty(), "{got:?}");
}

#[test]
fn an_engine_that_is_away_is_told_of_and_served_when_it_is_back() {
    let stage = Stage::new("alice");
    stage.is_well();
    let away = stage.socket.with_extension("away");
    for _ in 0..2 {
        std::fs::rename(&stage.socket, &away).unwrap();
        // An idle connection is the engine's as long as it lives.
        stage.does(says_and_dies(""));
        eventually("it is told of", || {
            let answer = stage.gate.request("GET", "/v1.41/containers/json", None);
            assert!(matches!(answer.status, 502 | 503), "{answer:?}");
            (answer.status == 503 && answer.message().contains("does not answer at")).then_some(())
        });
        std::fs::rename(&away, &stage.socket).unwrap();
        stage.is_well();
    }
}

#[test]
fn gigabytes_from_the_engine_are_not_held() {
    let stage = Stage::new("alice");
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        stage.does(floods(head));
        let answer = stage.gate.request("GET", "/v1.41/containers/json", None);
        assert_eq!(answer.status, 502, "{answer:?}");
        assert!(answer.message().contains("larger than"), "{answer:?}");
        stage.is_well();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", gate_of(&stage))).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let peak: u64 = line
        .and_then(|line| line.split_whitespace().nth(1))
        .unwrap()
        .parse()
        .unwrap();
    assert!(peak < 200 * 1024, "{peak} KiB");
    // What is just small enough to be held is held within the gate's memory.
    let row = format!("[{{\"Id\":\"{}\"}}]", "x".repeat(60 << 20));
    stage.does(says(with_length(&row)));
    let answer = stage.gate.request("GET", "/v1.41/containers/json", None);
    assert!(matches!(answer.status, 200 | 502), "{}", answer.head);
    stage.is_well();
}

#[test]
fn a_gate_has_an_end_of_its_memory() {
    let stage = Stage::new("alice");
    stage.is_well();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", gate_of(&stage))).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max data size"))
        .unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words[3..5], ["1073741824", "1073741824"], "{line}");
}

#[test]
fn an_engine_that_never_answers_holds_no_gate_whose_client_is_gone() {
    let stage = Stage::new("alice");
    stage.is_well();
    stage.does(|_, _| std::thread::sleep(Duration::from_secs(100)));
    let mut hung = stage.gate.connect();
    hung.send(b"GET /v1.41/containers/json HTTP/1.1\r\nHost: docker\r\n\r\n");
    std::thread::sleep(Duration::from_millis(500));
    // Another connection is served meanwhile.
    assert_eq!(stage.gate.request("GET", "/_ping", None).status, 200);
    drop(hung);
    // Dropping the stage checks that the gate ends.
}

#[test]
fn more_look_ups_than_anybody_types_are_refused_before_the_engine_is_asked() {
    let stage = Stage::new("alice");
    let target = |route: &str, key: &str, count: usize| {
        let values = vec!["\"x\""; count].join(",").replace('"', "%22");
        format!("/v1.41/{route}?filters=%7B%22{key}%22:%5B{values}%5D%7D")
    };
    for (route, key) in [
        ("containers/json", "ancestor"),
        ("containers/json", "before"),
        ("containers/json", "network"),
        ("containers/json", "since"),
        ("images/json", "before"),
        ("images/json", "since"),
        ("networks", "name"),
    ] {
        let refused = stage.gate.request("GET", &target(route, key, 33), None);
        assert_eq!(refused.status, 400, "{route} {key}: {refused:?}");
        assert!(refused.message().contains("more than 32"), "{refused:?}");
    }
    // The twin: as many as are allowed are looked up.
    let taken = stage
        .gate
        .request("GET", &target("networks", "name", 32), None);
    assert_ne!(taken.status, 400, "{taken:?}");
}

#[test]
fn large_answers_that_nobody_reads_end_their_own_gate_and_not_the_host() {
    let stage = Stage::new("mallory");
    stage.is_well();
    let (gate, large) = (gate_of(&stage), "x".repeat(50 << 20));
    let text = format!("{{\"MinAPIVersion\":\"1.12\",\"Version\":\"{large}\"}}");
    stage.does(says(with_length(&text)));
    let mut unread = Vec::new();
    let mut most = 0;
    for _ in 0..40 {
        let mut connection = stage.gate.connect();
        let _ = connection.try_send(b"GET /v1.41/version HTTP/1.1\r\nHost: docker\r\n\r\n");
        unread.push(connection);
    }
    eventually("the gate ends", || {
        let status = std::fs::read_to_string(format!("/proc/{gate}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let now = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        most = most.max(now.unwrap_or_default());
        now.is_none().then_some(())
    });
    assert!(most < 1100 << 10, "{most} KiB");
}

/// The gate behind sudo.
fn gate_of(stage: &Stage) -> i32 {
    let parent = stage.gate.pid.as_raw();
    eventually("the gate runs", || {
        std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
            .find(|pid| {
                let read = |name: &str| {
                    std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default()
                };
                let is_child = read("status")
                    .lines()
                    .any(|line| line == format!("PPid:\t{parent}"));
                read("comm").trim() == "dock-gate" && (*pid == parent || is_child)
            })
    })
}
