//! The rule of install.sh, tried with sudo as installed: exactly two commands.

use crate::harness::{GATE, Person};

/// sudo's words for a command that no rule allows without a password.
const REFUSED: &str = "a password is required";

/// The rules that `sudo -l` shows.
fn allowed(person: &Person) -> Vec<String> {
    let listed = person.command("sudo", ["-n", "-l"]).output().out();
    let rules = listed.split("may run the following").nth(1);
    rules
        .unwrap_or_default()
        .lines()
        .skip(1)
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn a_member_may_start_the_gate_without_words_and_nothing_else() {
    let member = Person::fresh("member");
    assert_eq!(allowed(&member), [format!("(root) NOPASSWD: {GATE} \"\"")]);
    // It starts, and says that this is not how it is used.
    let started = member.command("sudo", ["-n", GATE]).output();
    started.fails(64, "dock-gate: ");
    let copied = member.command("cp", [GATE, "dock-gate"]).output();
    copied.success();
    for words in [
        &["-n", GATE, "--admin"][..],
        &["-n", GATE, ""],
        &["-n", GATE, "x"],
        &["-n", "-u", "bob", GATE],
        &["-n", "-g", "docker", GATE],
        &["-n", "./dock-gate"],
        &["-n", "/usr/local/bin/dock"],
        &["-n", "id"],
        &["-n", "-i"],
        &["-n", "-s"],
    ] {
        member.command("sudo", words).output().fails(1, REFUSED);
    }
}

#[test]
fn a_member_hands_the_gate_no_environment_and_no_folder() {
    let member = Person::fresh("member");
    for words in [
        &["-n", "LD_PRELOAD=/tmp/x.so", GATE][..],
        &["-n", "-E", GATE],
        &["-n", "-D", "/tmp", GATE],
        &["-n", "-R", "/tmp", GATE],
        &["-n", "-C", "9", GATE],
    ] {
        let output = member.command("sudo", words).output();
        assert_eq!(output.code, 1, "{output:?}");
        assert!(
            !output.err().contains("dock-gate: "),
            "the gate started: {output:?}"
        );
    }
}

#[test]
fn an_admin_may_start_the_admin_gate_and_nothing_else() {
    let admin = Person::stranger("admin");
    admin.join("dock-admin");
    assert_eq!(
        allowed(&admin),
        [format!("(root) NOPASSWD: {GATE} --admin")]
    );
    admin
        .command("sudo", ["-n", GATE, "--admin"])
        .output()
        .fails(64, "dock-gate: ");
    for words in [
        &["-n", GATE][..],
        &["-n", GATE, "--admin", "x"],
        &["-n", GATE, "--adminx"],
        &["-n", "id"],
    ] {
        admin.command("sudo", words).output().fails(1, REFUSED);
    }
}

#[test]
fn a_stranger_may_start_nothing_and_neither_may_who_left() {
    let person = Person::stranger("person");
    assert_eq!(allowed(&person), [""; 0]);
    person
        .command("sudo", ["-n", GATE])
        .output()
        .fails(1, REFUSED);
    person.join("dock");
    person
        .command("sudo", ["-n", GATE])
        .output()
        .fails(64, "dock-gate: ");
    person.leave("dock");
    person
        .command("sudo", ["-n", GATE])
        .output()
        .fails(1, REFUSED);
}

#[test]
fn what_was_installed_is_roots_and_nobody_elses_to_write() {
    let member = Person::fresh("member");
    for path in [
        GATE,
        "/usr/local/libexec",
        "/usr/local/bin/dock",
        "/etc/dock",
        "/etc/dock/dock.toml",
        "/etc/dock/conf.d",
        "/etc/sudoers.d/dock",
        "/var/lib/dock",
    ] {
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(path).unwrap());
        assert_eq!(owner, 0, "{path}");
        let writable = member.command("test", ["-w", path]).output();
        assert_eq!(writable.code, 1, "{path} can be written");
    }
    for path in ["/etc/sudoers.d/dock", "/var/lib/dock"] {
        let readable = member.command("test", ["-r", path]).output();
        assert_eq!(readable.code, 1, "{path} can be read");
    }
}
