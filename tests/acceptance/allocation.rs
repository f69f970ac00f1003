//! The allocation file: whose a uid was, a file that was lost, and one that
//! cannot be trusted.
//!
//! The last two in a mount namespace of the test's own: others go on with the bed's.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use crate::harness::{Person, root_docker, unique, with_folder};

const PLACE: &str = "/var/lib/dock";

fn empty() -> PathBuf {
    let folder = PathBuf::from(format!("/run/bed/{}", unique("lib")));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    folder
}

/// `dock WORDS` of a person for whom `folder` is the place of the file.
fn dock(person: &Person, folder: &Path, words: &[&str]) -> (i32, String) {
    let output = with_folder(person, folder, PLACE)
        .arg("/usr/local/bin/dock")
        .args(words)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

/// index, space and login of every line.
fn rows(folder: &Path) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(folder.join("spaces")).unwrap();
    let row = |line: &str| {
        let words: Vec<&str> = line.split('\t').collect();
        assert_eq!(words.len(), 4, "{line}");
        (words[0].into(), words[1].into(), words[2].into())
    };
    text.lines().map(row).collect()
}

fn row_of(folder: &Path, person: &Person) -> (String, String, String) {
    let space = format!("u{}", person.uid);
    let found = rows(folder).into_iter().rfind(|row| row.1 == space);
    found.unwrap_or_else(|| panic!("{space} has no row"))
}

fn subnet(person: &Person, name: &str) -> String {
    let format = "{{(index .IPAM.Config 0).Subnet}}";
    root_docker(["network", "inspect", "-f", format, &person.real(name)])
        .output()
        .success()
        .trim()
        .to_owned()
}

#[test]
fn a_uid_that_somebody_else_has_now_does_not_inherit_the_space() {
    let alice = Person::fresh("alice");
    let run = ["run", "-d", "--name", "web", "busybox", "sleep", "1000"];
    alice.dock(run).output().success();
    let (index, space, login) = row_of(Path::new(PLACE), &alice);
    assert_eq!(login, alice.login);
    let before = alice.login.clone();

    let zoe = alice.succeed("zoe");
    let reason = format!(
        "uid {} was \"{before}\" when this space was made and is \"{}\" now",
        zoe.uid, zoe.login
    );
    for words in [
        vec!["ps"],
        vec!["exec", "web", "true"],
        vec!["rm", "-f", "web"],
    ] {
        let output = zoe.dock(&words).output();
        let text = output.out() + &output.err();
        assert_ne!(output.code, 0, "{text}");
        assert!(
            text.contains(&format!("dock: {reason}")) && text.contains("administrator"),
            "{text}"
        );
    }
    // What dock-gate(8) tells an administrator who knows that it is the same person.
    let mut file = OpenOptions::new()
        .append(true)
        .open(Path::new(PLACE).join("spaces"))
        .unwrap();
    let line = format!("{index}\t{space}\t{}\t0\n", zoe.login);
    file.write_all(line.as_bytes()).unwrap();
    let listed = zoe
        .dock(["ps", "--format", "{{.Names}}"])
        .output()
        .success();
    assert_eq!(listed.trim(), "web");
    zoe.clear();
}

#[test]
fn a_lost_file_is_rebuilt_before_an_index_is_given() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    alice.dock(["network", "create", "lab"]).output().success();
    let (index, _, _) = row_of(Path::new(PLACE), &alice);
    let hers = subnet(&alice, "lab");

    let lost = empty();
    let (code, text) = dock(&bob, &lost, &["network", "create", "lab"]);
    assert_eq!(code, 0, "{text}");
    let (again, _, login) = row_of(&lost, &alice);
    assert_eq!((&again, &login), (&index, &alice.login));
    assert_ne!(row_of(&lost, &bob).0, index);
    // The third octets of one block share all but three bits.
    let block = |subnet: &str| {
        let octets: Vec<u8> = subnet
            .split(['.', '/'])
            .take(3)
            .map(|octet| octet.parse().unwrap())
            .collect();
        (octets[1], octets[2] >> 3)
    };
    assert_ne!(block(&subnet(&bob, "lab")), block(&hers));

    // She goes on in her own block.
    let (code, text) = dock(&alice, &lost, &["network", "create", "more"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(block(&subnet(&alice, "more")), block(&hers));
    alice.clear();
    bob.clear();
}

#[test]
fn a_file_that_cannot_be_trusted_serves_nobody() {
    let alice = Person::fresh("alice");
    let folder = empty();
    let file = folder.join("spaces");
    let good = "0\tu59001\tsomebody\t1\n1\tu59002\tother\t1\n";
    type Change = fn(&Path);
    let cases: [(&str, Change); 7] = [
        ("line 2 cannot be read", |file| append(file, "what\n", 1)),
        (
            "line 3 gives index 0 to u59003, which is u59001's",
            |file| {
                append(file, "0\tu59003\tthird\t1\n", 2);
            },
        ),
        ("line 3 gives u59001 index 5 and it has 0", |file| {
            append(file, "5\tu59001\tsomebody\t1\n", 2);
        }),
        ("others than root write it", |file| {
            fs::set_permissions(file, Permissions::from_mode(0o620)).unwrap();
        }),
        ("others than root write it", |file| {
            fs::set_permissions(file, Permissions::from_mode(0o602)).unwrap();
        }),
        ("it does not belong to root", |file| {
            chown(file, Some(1), None).unwrap();
        }),
        ("it is a symbolic link", |file| {
            let real = file.with_extension("real");
            fs::rename(file, &real).unwrap();
            symlink(&real, file).unwrap();
        }),
    ];
    for (reason, change) in cases {
        let _ = fs::remove_file(&file);
        fs::write(&file, good).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        let (code, text) = dock(&alice, &folder, &["ps"]);
        assert_eq!(code, 0, "the twin is served: {text}");
        change(&file);
        let (code, text) = dock(&alice, &folder, &["ps"]);
        assert_ne!(code, 0, "{reason}");
        assert!(
            text.contains(reason) && text.contains("administrator"),
            "{reason}: {text}"
        );
    }
}

/// Keeps the first `keep` lines and adds one.
fn append(file: &Path, line: &str, keep: usize) {
    let text = fs::read_to_string(file).unwrap();
    let kept: Vec<&str> = text.split_inclusive('\n').take(keep).collect();
    fs::write(file, kept.concat() + line).unwrap();
}
