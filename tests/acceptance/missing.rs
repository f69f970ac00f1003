//! What dock needs of the host and does not find, each with words of its own.
//!
//! Each test changes the host in a mount namespace of its own: nobody else sees it.

use std::time::{Duration, Instant};

use crate::harness::{GATE, Output, Person, bed, root, unique};

/// `dock ps` as the person, on a host that `change` (bash, as root) has changed.
fn dock_after(person: &Person, change: &str) -> Output {
    let script = format!(
        "set -e\n{change}\nexec setpriv --reuid {} --regid {} --init-groups -- dock ps",
        person.uid, person.gid
    );
    root(
        "unshare",
        ["--mount", "--propagation", "private", "bash", "-c", &script],
    )
    .env("HOME", &person.home)
    .current_dir(&person.home)
    .output()
}

/// The permitting twin: it was really docker, and it was served.
#[track_caller]
fn lists(said: &Output) {
    let shown = said.success();
    assert!(shown.starts_with("CONTAINER ID "), "{said:?}");
}

/// A folder in the place of the host's, without one of its files.
fn without(folder: &str, file: &str) -> String {
    let layer = format!("/run/bed/{}", unique("layer"));
    format!(
        "mkdir {layer} && mount -t tmpfs tmpfs {layer} && mkdir {layer}/upper {layer}/work
        mount -t overlay overlay -o lowerdir={folder},upperdir={layer}/upper,workdir={layer}/work {folder}
        rm {folder}/{file}"
    )
}

/// The gate's place taken by a script.
fn gate(script: &str) -> String {
    let file = format!("/run/bed/{}", unique("gate"));
    format!(
        "cat >{file} <<'GATE'\n#!/bin/sh\n{script}\nGATE\nchmod 755 {file}\nmount --bind {file} {GATE}"
    )
}

/// The configured docker CLI taken by what `make` (bash) leaves at `$docker`.
fn docker(make: &str) -> String {
    let folder = format!("/run/bed/{}", unique("cli"));
    format!(
        "mkdir {folder} && chmod 755 {folder} && docker={folder}/docker
        mount -t tmpfs -o mode=755 tmpfs /etc/dock
        printf '[engine]\\ndocker = \"%s\"\\n' $docker >/etc/dock/dock.toml
        {make}"
    )
}

#[test]
fn a_host_that_only_looks_changed_serves() {
    let alice = Person::fresh("alice");
    lists(&dock_after(&alice, "true"));
    lists(&dock_after(&alice, &without("/usr/bin", "socat || true")));
}

#[test]
fn sudo_is_missing() {
    let alice = Person::fresh("alice");
    let said = dock_after(&alice, &without("/usr/bin", "sudo"));
    said.fails(125, "dock: sudo is not installed\n\nhint: ");
}

#[test]
fn sudo_without_its_bit_is_named_by_docker() {
    let alice = Person::fresh("alice");
    let change = without("/usr/bin", "socat || true") + "\nchmod u-s /usr/bin/sudo";
    let said = dock_after(&alice, &change);
    said.fails(1, "dock: the gate did not start: sudo: ");
}

#[test]
fn the_gate_is_missing() {
    let alice = Person::fresh("alice");
    let said = dock_after(&alice, &without("/usr/local/libexec", "dock-gate"));
    said.fails(125, &format!("dock: the gate is not installed at '{GATE}'"));
}

#[test]
fn the_last_words_of_a_gate_are_dockers_answer() {
    let alice = Person::fresh("alice");
    let words = "echo 'sudo: unable to resolve host x: Name or service not known' >&2
        echo 'dock-gate: the kernel is too old' >&2";
    let said = dock_after(&alice, &gate(&format!("{words}\nexit 1")));
    said.fails(1, "dock: the gate did not start: the kernel is too old");
    // Somebody else may hold the pipe: the exit code is enough.
    let since = Instant::now();
    let said = dock_after(&alice, &gate(&format!("{words}\nsleep 20 &\nexit 1")));
    said.fails(1, "dock: the gate did not start: the kernel is too old");
    assert!(since.elapsed() < Duration::from_secs(15));
    let said = dock_after(&alice, &gate("kill -9 $$"));
    said.fails(1, "dock: the gate was ended by signal 9");
    let said = dock_after(&alice, &gate("exit 1"));
    said.fails(1, "dock: the gate ended and left no word");
}

#[test]
fn the_docker_cli_is_missing() {
    let alice = Person::fresh("alice");
    let said = dock_after(&alice, &docker("true"));
    said.fails(127, "dock: no docker CLI at '/run/bed/cli");
    let link = format!("ln -s {} $docker", bed("DOCK_BED_DOCKER"));
    lists(&dock_after(&alice, &docker(&link)));
}

#[test]
fn the_docker_cli_cannot_be_executed() {
    let alice = Person::fresh("alice");
    let said = dock_after(&alice, &docker("echo >$docker"));
    said.fails(126, "docker': Permission denied\n");
    let said = dock_after(&alice, &docker("mkdir $docker"));
    said.fails(126, "docker': Permission denied\n");
}

#[test]
fn what_stands_in_for_docker_is_named() {
    let alice = Person::fresh("alice");
    let script =
        |text: &str| format!("printf '#!/bin/sh\\n{text}\\n' >$docker && chmod 755 $docker");
    for (make, what) in [
        (
            "ln -s /usr/local/bin/dock $docker".to_owned(),
            "dock itself",
        ),
        (script("exec /usr/bin/podman \"$@\""), "podman's stand-in"),
        (
            "cp /bin/true ${docker%/*}/podman && ln -s podman $docker".to_owned(),
            "podman's stand-in",
        ),
        (
            "mkdir -p /snap/bin && mount -t tmpfs tmpfs /snap && mkdir /snap/bin
            cp /bin/true /snap/bin/docker && ln -s /snap/bin/docker $docker"
                .to_owned(),
            "snap's docker",
        ),
    ] {
        let said = dock_after(&alice, &docker(&make));
        said.fails(126, what);
        assert!(
            said.err().contains("docker's own CLI\n\nhint: "),
            "{said:?}"
        );
    }
    // As a script that runs dock is found out, so is one that waits for it.
    for runs in ["exec /usr/local/bin/dock", "/usr/local/bin/dock"] {
        let said = dock_after(&alice, &docker(&script(&format!("{runs} \"$@\""))));
        said.fails(126, "docker' runs dock again, without end\n\nhint: ");
    }
    // A script that ends at docker is docker.
    let through = script(&format!("exec {} \"$@\"", bed("DOCK_BED_DOCKER")));
    lists(&dock_after(&alice, &docker(&through)));
}

#[test]
fn a_whole_host_in_a_user_namespace_serves() {
    let alice = Person::fresh("alice");
    // Its root is the owner of sudo, as in a container that is a whole system.
    let script = format!(
        "exec 4>&1 5>&2
        coproc inner {{
            exec unshare --user bash -c \"
                echo; read
                exec setpriv --reuid {uid} --regid {gid} --init-groups -- dock ps >&4 2>&5\"
        }}
        read -u ${{inner[0]}}
        echo 0 0 65536 >/proc/$inner_PID/uid_map
        echo 0 0 65536 >/proc/$inner_PID/gid_map
        echo >&${{inner[1]}}
        wait $inner_PID",
        uid = alice.uid,
        gid = alice.gid
    );
    let inside = root("bash", ["-c", &script]).env("HOME", &alice.home);
    lists(&inside.output());
}
