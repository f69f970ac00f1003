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

mod api;
mod bed;
mod foreign;
mod stats;
mod streams;
mod top;

use std::path::PathBuf;

use crate::api::api;
use crate::bed::{Bed, Cpu, Side, USER};
use crate::foreign::Foreign;
use crate::stats::{compare, compare_then, compare_words};

const NOISE: [Side; 2] = [Side::Docker, Side::Docker];
const BOTH: [Side; 2] = [Side::Docker, Side::Dock];

/// What is compared, from the command line.
struct Options {
    pairs: usize,
    containers: Vec<usize>,
    networks: Vec<usize>,
    running: Vec<usize>,
    requests: usize,
    megabytes: usize,
    parts: String,
}

impl Options {
    fn parse() -> Options {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let text = |name: &str, default: &str| -> String {
            words
                .iter()
                .position(|word| word == name)
                .and_then(|at| words.get(at + 1).cloned())
                .unwrap_or_else(|| default.to_owned())
        };
        let number = |name: &str, default: &str| text(name, default).parse().expect(name);
        let numbers = |name: &str, default: &str| {
            let text = text(name, default);
            text.split(',')
                .map(|word| word.parse().expect(name))
                .collect()
        };
        Options {
            pairs: number("--pairs", "30"),
            containers: numbers("--containers", "10,100,300,1000"),
            networks: numbers("--networks", "10,100,300"),
            running: numbers("--running", "300"),
            requests: number("--requests", "2000"),
            megabytes: number("--megabytes", "500"),
            parts: text("--parts", "verbs,api,streams,containers,networks,top"),
        }
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.split(',').any(|asked| asked == part)
    }
}

fn the_bed() -> Bed {
    let socket = PathBuf::from(std::env::var("DOCK_BED_SOCKET").expect("run benches/run"));
    let user = nix::unistd::User::from_name(USER)
        .unwrap()
        .expect("the bed has alice");
    let group = nix::unistd::Group::from_name("dock")
        .unwrap()
        .expect("the bed has group dock");
    // The one that dock takes, or the two would run different programs.
    let path = std::env::var_os("PATH").expect("PATH");
    let docker = std::env::split_paths(&path)
        .map(|folder| folder.join("docker"))
        .find(|file| file.exists())
        .expect("a docker CLI");
    println!("{}", docker.display());
    Bed {
        socket,
        docker,
        uid: user.uid.as_raw(),
        gid: group.gid.as_raw(),
        cpu: Cpu::new(),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "--measure") {
        return api::measure(&words[1..]);
    }
    let options = Options::parse();
    let bed = the_bed();
    println!("{:34} {:>9} {:>9}", "", "docker", "dock");
    compare(
        &bed,
        options.pairs,
        "version (docker against itself)",
        NOISE,
        &["version"],
    );
    if options.wants("verbs") {
        // The space has no container yet: its network is made and removed each time.
        let words = ["run", "--rm", "busybox", "true"];
        compare(
            &bed,
            options.pairs,
            "run --rm, first of a space",
            BOTH,
            &words,
        );
    }
    for side in BOTH {
        bed.run(
            side,
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
    }
    if options.wants("verbs") {
        verbs(&bed, options.pairs);
    }
    if options.wants("api") {
        api(&bed, options.requests, "/_ping");
        api(
            &bed,
            options.requests,
            "/v1.41/containers/bench-target/json",
        );
    }
    if options.wants("streams") {
        streams::throughput(&bed, options.pairs.div_ceil(3), options.megabytes);
        streams::memory(&bed, options.megabytes * 10);
        streams::events(&bed, 200);
    }
    if options.wants("containers") {
        containers(&bed, &options);
    }
    if options.wants("networks") {
        networks(&bed, &options);
    }
    if options.wants("top") {
        for count in &options.running {
            // docker needs seconds for each.
            top::top(&bed, options.pairs.div_ceil(6), *count);
        }
    }
    for side in BOTH {
        bed.run(side, &["rm", "-f", "bench-target"]);
    }
}

fn verbs(bed: &Bed, pairs: usize) {
    compare(bed, pairs, "version", BOTH, &["version"]);
    compare(bed, pairs, "ps, few containers", BOTH, &["ps"]);
    compare(bed, pairs, "inspect", BOTH, &["inspect", "bench-target"]);
    compare(bed, pairs, "images", BOTH, &["images"]);
    compare(bed, pairs, "exec", BOTH, &["exec", "bench-target", "true"]);
    let restart = ["restart", "-t", "0", "bench-target"];
    compare(bed, pairs, "restart -t 0", BOTH, &restart);
    let plain = ["run", "--rm", "busybox", "true"];
    compare(
        bed,
        pairs,
        "run --rm (docker against itself)",
        NOISE,
        &plain,
    );
    compare(bed, pairs, "run --rm", BOTH, &plain);
    // What a network of one's own costs is the engine's; docker0 has no DNS.
    bed.run(Side::Docker, &["network", "create", "bench-network"]);
    let on_network = [&["run", "--rm", "--network", "bench-network"], &plain[2..]].concat();
    let what = "run --rm, docker on a user network";
    compare_words(bed, pairs, what, BOTH, [&on_network, &plain]);
    bed.run(Side::Docker, &["network", "rm", "bench-network"]);
}

/// With more and more containers of others.
fn containers(bed: &Bed, options: &Options) {
    let mut foreign = Foreign::containers(bed);
    for count in &options.containers {
        let took = foreign.grow(*count);
        println!(
            "({count} containers of others; the last ones made in {:.1} s)",
            took.as_secs_f64()
        );
        compare(
            bed,
            options.pairs,
            &format!("ps -a, {count} of others"),
            BOTH,
            &["ps", "-a"],
        );
        let words = ["exec", "bench-target", "true"];
        compare(
            bed,
            options.pairs,
            &format!("exec, {count} of others"),
            BOTH,
            &words,
        );
        api(bed, options.requests / 10, "/v1.41/containers/json?all=1");
    }
}

/// With more and more networks of others.
fn networks(bed: &Bed, options: &Options) {
    let mut foreign = Foreign::networks(bed);
    for count in &options.networks {
        let took = foreign.grow(*count);
        println!(
            "({count} networks of others; the last ones made in {:.1} s)",
            took.as_secs_f64()
        );
        let words: &[&str] = &["network", "create", "bench-network"];
        let remove = |side| bed.run(side, &["network", "rm", "bench-network"]);
        let what = format!("network create, {count} of others");
        compare_then(bed, options.pairs, &what, BOTH, [words, words], &remove);
        let words = ["network", "ls"];
        compare(
            bed,
            options.pairs,
            &format!("network ls, {count} of others"),
            BOTH,
            &words,
        );
    }
}
