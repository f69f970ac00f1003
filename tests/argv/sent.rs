//! What is typed, and what docker is sent.

use std::ffi::OsString;

use dock::argv::{Invocation, Obstacle, OtherEngine, label, parse, scan};

/// Typed, sent. `@` stands for the labels; a row without one passes unchanged.
const TABLE: &[(&str, &str)] = &[
    // run and create: before IMAGE, all else is the container's.
    ("run busybox", "run @ busybox"),
    (
        "run -d -p 80:80 nginx nginx -g x",
        "run -d -p 80:80 @ nginx nginx -g x",
    ),
    (
        "run -it --name=-x -- busybox --label x",
        "run -it --name=-x @ -- busybox --label x",
    ),
    ("run -e --label busybox", "run -e --label @ busybox"),
    (
        "run --label=a busybox --label b",
        "run --label=a @ busybox --label b",
    ),
    ("run -lfoo=bar img", "run -lfoo=bar @ img"),
    (
        "run --rm=false -itp80:80 img",
        "run --rm=false -itp80:80 @ img",
    ),
    ("run --rm false img", "run --rm @ false img"),
    ("run --gpus all img", "run --gpus all @ img"),
    ("run --detach-keys x img", "run --detach-keys x @ img"),
    ("run -h web img -h", "run -h web @ img -h"),
    (
        "run --net host --dns-opt x img",
        "run --net host --dns-opt x @ img",
    ),
    ("run - x", "run @ - x"),
    ("create --name web img", "create --name web @ img"),
    ("container run -d img", "container run -d @ img"),
    ("container create img sh", "container create @ img sh"),
    ("-D --config /x run img", "-D --config /x run @ img"),
    ("-l debug -- run img", "-l debug -- run @ img"),
    ("--tls=false run img", "--tls=false run @ img"),
    // The others: before the first operand, or at the end, never after a "--".
    ("build .", "build @ ."),
    ("build . -t x", "build @ . -t x"),
    ("build -t x -- .", "build -t x @ -- ."),
    ("build -t x --check -", "build -t x --check @ -"),
    ("image build -t x .", "image build -t x @ ."),
    ("builder build .", "builder build @ ."),
    ("builder --builder b1 b .", "builder --builder b1 b @ ."),
    (
        "buildx -D build --builder=b1 .",
        "buildx -D build --builder=b1 @ .",
    ),
    (
        "buildx --builder build build .",
        "buildx --builder build build @ .",
    ),
    ("volume create", "volume create @"),
    (
        "volume create --driver local",
        "volume create --driver local @",
    ),
    (
        "volume create myvol --driver local",
        "volume create @ myvol --driver local",
    ),
    ("volume create -- -x", "volume create @ -- -x"),
    (
        "network create -d bridge net",
        "network create -d bridge @ net",
    ),
    (
        "network create net --internal",
        "network create @ net --internal",
    ),
    // Nothing to label.
    ("", ""),
    ("ps -a", "ps -a"),
    ("exec -it web sh", "exec -it web sh"),
    ("compose run --label a web", "compose run --label a web"),
    ("buildx ls", "buildx ls"),
    ("container ls", "container ls"),
    ("volume", "volume"),
    ("top", "top"),
    ("RUN img", "RUN img"),
    // No reading, or no place.
    ("run --frobnicate img", "run --frobnicate img"),
    ("run -itz img", "run -itz img"),
    ("run ---rm img", "run ---rm img"),
    ("run --name", "run --name"),
    ("run -it", "run -it"),
    ("run --", "run --"),
    ("run --help img", "run --help img"),
    ("--help run img", "--help run img"),
    ("run -D img", "run -D img"),
    ("build -t x", "build -t x"),
    ("build . --frobnicate", "build . --frobnicate"),
    ("build . -h", "build . -h"),
    ("network create", "network create"),
    ("volume create x --help", "volume create x --help"),
    ("container -D run img", "container -D run img"),
    ("container -- run img", "container -- run img"),
    ("buildx -- build .", "buildx -- build ."),
    ("--frobnicate run img", "--frobnicate run img"),
];

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn read(line: &str) -> Invocation {
    parse(&words(line))
}

#[test]
fn labels_go_in_as_the_last_options() {
    let labels = [("author", "alice".to_owned()), ("org", "lab".to_owned())];
    for (typed, expected) in TABLE {
        let read = read(typed);
        let sent = match read.insert_at {
            Some(at) => label::insert(&read.words, at, &labels),
            None => read.words,
        };
        let expected = expected.replace('@', "--label author=alice --label org=lab");
        assert_eq!(sent, words(&expected), "typed: {typed}");
    }
}

#[test]
fn the_reason_for_no_labels_is_told() {
    let obstacle = |line| read(line).obstacle;
    let unreadable = |why| Some(Obstacle::Unreadable(why));
    assert_eq!(
        obstacle("run -x img"),
        unreadable(scan::Obstacle::UnknownFlag)
    );
    assert_eq!(
        obstacle("run --=x img"),
        unreadable(scan::Obstacle::BadSyntax)
    );
    assert_eq!(obstacle("run -e"), unreadable(scan::Obstacle::MissingValue));
    assert_eq!(
        obstacle("-x run img"),
        unreadable(scan::Obstacle::UnknownFlag)
    );
    assert_eq!(obstacle("run -d"), Some(Obstacle::NoOperand));
    assert_eq!(obstacle("build --help"), Some(Obstacle::Help));
    assert_eq!(obstacle("--help"), Some(Obstacle::Help));
    assert_eq!(obstacle("run img --help"), None);
    assert_eq!(obstacle("ps --frobnicate"), None);
}

#[test]
fn another_engine_is_seen_in_every_spelling() {
    for line in [
        "-H tcp://x ps",
        "-Htcp://x ps",
        "-H=tcp://x ps",
        "--host tcp://x ps",
        "--host=x ps",
        "-DH x ps",
        "-H run run img",
    ] {
        assert_eq!(read(line).other_engine, Some(OtherEngine::Host), "{line}");
    }
    for line in [
        "-c x ps",
        "-cx ps",
        "--context x ps",
        "--context=x ps",
        "-Dc=x ps",
    ] {
        assert_eq!(
            read(line).other_engine,
            Some(OtherEngine::Context),
            "{line}"
        );
    }
    for line in [
        "run -c 2 -h x img",
        "--config -H ps",
        "ps -H x",
        "-- -H x",
        "-l -c ps",
    ] {
        assert_eq!(read(line).other_engine, None, "{line}");
    }
}

#[test]
fn the_verb_is_found_behind_the_globals() {
    let verb = |line| read(line).verb_word().map(|word| word.to_owned());
    let found = |word: &str| Some(OsString::from(word));
    assert_eq!(verb("doctor --verbose"), found("doctor"));
    assert_eq!(verb("-D -l debug admin"), found("admin"));
    assert_eq!(verb("--config run ps"), found("ps"));
    assert_eq!(verb("--help explain"), found("explain"));
    assert_eq!(verb("-v"), None);
    assert_eq!(verb("--frobnicate run"), None);
    assert_eq!(
        read("-D explain run -d img").verb_arguments(),
        words("run -d img")
    );
}

#[test]
fn dry_run_is_docks_only_before_everything_else() {
    let read_first = read("--dry-run run img");
    assert!(read_first.dry_run);
    assert_eq!(read_first.words, words("run img"));
    assert_eq!(read_first.insert_at, Some(1));

    for line in [
        "run --dry-run img",
        "compose --dry-run up",
        "-D --dry-run run img",
    ] {
        let read = read(line);
        assert!(!read.dry_run, "{line}");
        assert_eq!(read.words, words(line));
    }
}

#[test]
fn the_path_is_as_typed() {
    let path = |line| {
        read(line)
            .verb
            .and_then(|verb| verb.labelled)
            .map(|row| row.path)
    };
    assert_eq!(path("container run img"), Some(&["container", "run"][..]));
    assert_eq!(path("buildx b ."), Some(&["buildx", "b"][..]));
    assert_eq!(path("run"), Some(&["run"][..]));
    assert_eq!(path("container ls"), None);
}
