//! The docker CLIs here, talking to a socket that writes down what they ask for.
//!
//! Each line runs twice, as typed and with the labels in; the only difference may be
//! the labels. A line that gets none must be one that docker has no reading for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dock::argv::{Obstacle, label, parse, scan};
use nix::pty::openpty;
use serde_json::Value;

mod engine;

use engine::{Engine, Request};

/// Read by docker and by us, and labelled. `""` is an empty word.
const LABELLED: &[&str] = &[
    "run busybox",
    "run -d busybox sh -c true",
    "run -it busybox",
    "run -it --name=-x -- busybox --label x",
    "run -e --label busybox",
    "run --label=a busybox --label b",
    "run -lfoo=bar img",
    "run -l foo=bar -l author=bob img -l x",
    "run --label author=bob img",
    "run --rm=false -itp80:80 img",
    "run --rm false img",
    "run -itp=80:80 img",
    "run --gpus all img",
    "run --detach-keys x img",
    "run -d=false -i=true img",
    "run -de=A=b img",
    "run -dhweb -w/tmp img -h",
    "run -h web img",
    "run --hostname= img",
    "run -e A --entrypoint -- img --",
    "run --entrypoint= img --entrypoint=",
    "run --net mine --net-alias a --dns-opt x img",
    "run --memory 64m -m=32m -c 2 img",
    "run -v/a:/b --mount type=tmpfs,dst=/x img",
    "run --no-healthcheck --init --privileged=0 img",
    "run --disable-content-trust img",
    "run --ulimit nofile=5 --sysctl net.a=b --platform linux/amd64 img",
    "run --pull never img",
    "run -P img -P",
    "run -- img -- --",
    "run -u 1 --cap-add ALL --security-opt a=b img --frobnicate",
    "-D run img",
    "-l error -- run img",
    "--tls=false -lerror run img",
    "-v run img",
    "create img",
    "create --name web -it img sh",
    "container create -- img -it",
    "container run -d img",
    "build .",
    "build . -t x",
    "build -t x -- .",
    "build --rm . --no-cache",
    "build -qtx --build-arg --label .",
    "build --label a . --label=b",
    "build -m 64m -c 2 .",
    "image build --squash=false --target x .",
    "builder build . --pull",
    "volume create",
    "volume create --driver local",
    "volume create myvol --driver local",
    "volume create -dlocal -o a=b -- myvol",
    "volume create --label a=b myvol --name=",
    "network create net",
    "network create -d bridge net --internal",
    "network create net --subnet 10.9.0.0/24 --label a --",
    "network create --ipv6=false -o a=b -- -net",
];

/// No reading, no place: docker refuses these, or shows its help.
const UNTOUCHED: &[&str] = &[
    "run --frobnicate img",
    "run -itz img",
    "run -i= img",
    "run -D img",
    "run ---rm img",
    "run --=x img",
    "run --name",
    "run -ite",
    "run",
    "run -it",
    "run --",
    "run --help img",
    "container run -d",
    "create --sig-proxy img",
    "build --frobnicate .",
    "build . -t",
    "build",
    "build . --help",
    "volume create -t x",
    "volume create x --driver",
    "volume create x -h",
    "network create",
    "network create a --frobnicate",
    "--frobnicate run img",
    "-l",
];

/// One docker and the socket that it is given.
struct Bench {
    docker: PathBuf,
    engine: Engine,
    terminal: nix::pty::OpenptyResult,
}

/// What came of one line.
#[derive(Debug, PartialEq)]
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    requests: Vec<Request>,
}

impl Bench {
    fn new(docker: &Path) -> Self {
        Self {
            docker: docker.to_owned(),
            engine: Engine::start(),
            terminal: openpty(None, None).unwrap(),
        }
    }

    fn send(&self, words: &[OsString]) -> Outcome {
        // Docker wants a terminal for -t; it never gets to read from it.
        let terminal = self.terminal.slave.try_clone().unwrap();
        let output = Command::new(&self.docker)
            .args(words)
            .current_dir(self.engine.context())
            .env_clear()
            .env("DOCKER_HOST", self.engine.address())
            .env("DOCKER_CONFIG", self.engine.folder().join("config"))
            .env("DOCKER_BUILDKIT", "0")
            .env("HOME", self.engine.folder())
            .stdin(Stdio::from(terminal))
            .output()
            .unwrap();
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            requests: self.engine.take(),
        }
    }

    /// The labels are all that may differ between `words` with and without them.
    fn compare(&self, words: &[OsString], at: usize) -> Outcome {
        let labels = [("author", "alice".to_owned()), ("org", "a b=c".to_owned())];
        let plain = self.send(words);
        let mut labelled = self.send(&label::insert(words, at, &labels));
        assert_eq!(plain.requests.len(), labelled.requests.len(), "{words:?}");
        for (plain, labelled) in plain.requests.iter().zip(&mut labelled.requests) {
            let mut expected = plain.labels.clone();
            if plain.makes() {
                for (key, value) in &labels {
                    expected.insert((*key).to_owned(), value.clone());
                }
            }
            assert_eq!(labelled.labels, expected, "{words:?}");
            labelled.labels.clone_from(&plain.labels);
        }
        assert_eq!(plain, labelled, "{words:?}");
        plain
    }
}

fn words(line: &str) -> Vec<OsString> {
    let word = |word: &str| OsString::from(if word == "\"\"" { "" } else { word });
    line.split_whitespace().map(word).collect()
}

#[test]
fn labels_arrive_and_nothing_else_changes() {
    for docker in crate::dockers_or_skip() {
        let bench = Bench::new(&docker);
        for line in LABELLED {
            let read = parse(&words(line));
            let at = read
                .insert_at
                .unwrap_or_else(|| panic!("no place in: {line}"));
            let outcome = bench.compare(&read.words, at);
            let made = outcome.requests.iter().filter(|request| request.makes());
            assert_eq!(made.count(), 1, "{}: {line}: {outcome:?}", docker.display());
        }
    }
}

#[test]
fn what_is_not_read_here_is_not_read_by_docker() {
    for docker in crate::dockers_or_skip() {
        let bench = Bench::new(&docker);
        for line in UNTOUCHED {
            let read = parse(&words(line));
            assert_eq!(read.insert_at, None, "{line}");
            let outcome = bench.send(&read.words);
            assert!(!outcome.requests.iter().any(Request::makes), "{line}");
            let said = format!("{}{}", outcome.stdout, outcome.stderr);
            let expected = match read.obstacle {
                Some(Obstacle::Unreadable(scan::Obstacle::UnknownFlag)) => "unknown ",
                Some(Obstacle::Unreadable(scan::Obstacle::BadSyntax)) => "bad flag syntax",
                Some(Obstacle::Unreadable(scan::Obstacle::MissingValue)) => {
                    "flag needs an argument"
                }
                Some(Obstacle::NoOperand) => "requires ",
                Some(Obstacle::Help) => "Usage:",
                None => panic!("no reason given: {line}"),
            };
            assert!(
                said.contains(expected),
                "{}: {line}: {said}",
                docker.display()
            );
        }
    }
}

/// Lines of words that are easily confused, where a wrong reading shows at once.
#[test]
fn random_lines_are_read_as_docker_reads_them() {
    use proptest::strategy::{Strategy, ValueTree};
    let pieces = [
        "-e",
        "-eA",
        "-e=A",
        "-l",
        "-la",
        "--label",
        "--label=b",
        "-h",
        "-w",
        "-itd",
        "-de",
        "-itl=",
        "--rm",
        "--rm=0",
        "--entrypoint",
        "--entrypoint=",
        "--",
        "-",
        "img",
        "A",
        "--init",
        "--name",
        "--net",
        "-P",
        "-p",
        "80",
        "run",
        "\"\"",
    ];
    let line = proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 1..8);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for docker in crate::dockers_or_skip() {
        let bench = Bench::new(&docker);
        let mut compared = 0;
        for _ in 0..120 {
            let line = line.new_tree(&mut runner).unwrap().current();
            let read = parse(&words(&format!("run {}", line.join(" "))));
            let Some(at) = read.insert_at else {
                let outcome = bench.send(&read.words);
                assert!(!outcome.requests.iter().any(Request::makes), "{line:?}");
                continue;
            };
            bench.compare(&read.words, at);
            compared += 1;
        }
        assert!(
            compared > 30,
            "only {compared} lines had a place for labels"
        );
    }
}

/// Labels by name.
type Labels = BTreeMap<String, String>;

fn labels_of(value: &Value) -> Labels {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}
