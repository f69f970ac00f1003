//! Which archives are kept, and who can read them.

use age::secrecy::ExposeSecret as _;

use super::given::{admin, archived, bytes, objects_of, written};
use crate::harness::Person;

/// A file that has the name of an archive, made out of `file`.
fn dated(carol: &Person, file: &str, time: &str) -> String {
    let (stem, _) = file.rsplit_once('_').unwrap();
    let copy = format!("{stem}_{time}.tar.zst");
    std::fs::copy(file, &copy).unwrap();
    std::os::unix::fs::chown(&copy, Some(carol.uid), Some(carol.gid)).unwrap();
    copy
}

#[test]
fn what_no_rule_keeps_is_removed() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    alice.dock(["volume", "create", "data"]).output().success();
    let newest = archived(&carol, &[&alice.login]);
    let (folder, _) = newest.rsplit_once('/').unwrap();
    let times = [
        "20260101T000000Z",
        "20260101T120000Z",
        "20260102T000000Z",
        "20260103T000000Z",
    ];
    let copies: Vec<String> = times
        .iter()
        .map(|time| dated(&carol, &newest, time))
        .collect();
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let ls = |words: &[&str]| {
        let all = [&["archives", "ls", "--from", folder], words].concat();
        admin(&carol, &all).success()
    };
    assert_eq!(ls(&["-q"]).lines().count(), 5);
    assert_eq!(ls(&["-q"]).lines().next(), Some(name(&newest).as_str()));
    let prune = |words: &[&str]| {
        let all = [&["archives", "prune", "--from", folder], words].concat();
        admin(&carol, &all)
    };
    prune(&[]).success();
    assert_eq!(ls(&["-q"]).lines().count(), 5, "no rule keeps everything");
    let protected = name(&copies[0]);
    admin(
        &carol,
        &["archives", "protect", "--from", folder, &protected],
    )
    .success();
    assert!(ls(&["--format", "{{.Name}} {{.Protected}}"]).contains(&format!("{protected} yes")));
    let doomed = prune(&["--keep-last", "1", "--keep-daily", "1", "--dry-run"]).success();
    assert_eq!(doomed.lines().count(), 2, "{doomed}");
    assert_eq!(ls(&["-q"]).lines().count(), 5);
    prune(&["--keep-last", "1", "--keep-daily", "1"]).fails(2, "no terminal to ask at");
    assert_eq!(ls(&["-q"]).lines().count(), 5, "nobody said yes");
    prune(&["--keep-last", "1", "--keep-daily", "1", "--yes"]).success();
    let left = ls(&["-q"]);
    let left: Vec<&str> = left.lines().collect();
    assert_eq!(left, [name(&newest), name(&copies[3]), protected.clone()]);
    admin(
        &carol,
        &["archives", "protect", "--off", "--from", folder, &protected],
    )
    .success();
    prune(&["--keep-last", "1", "--yes"]).success();
    assert_eq!(ls(&["-q"]), name(&newest));
    alice.clear();
}

#[test]
fn archives_of_others_are_counted_apart() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    for person in [&alice, &bob] {
        person.dock(["volume", "create", "data"]).output().success();
    }
    let mine = archived(&carol, &[&alice.login]);
    archived(&carol, &[&bob.login]);
    let (folder, _) = mine.rsplit_once('/').unwrap();
    // What cannot be read is nobody's to remove.
    let broken = format!("{folder}/x_20200101T000000Z.tar.zst");
    std::fs::write(&broken, b"x").unwrap();
    let words = [
        "archives",
        "prune",
        "--from",
        folder,
        "--keep-last",
        "1",
        "--yes",
    ];
    let pruned = admin(&carol, &words);
    assert_eq!(pruned.success(), "");
    assert!(pruned.err().contains("it is left alone"), "{pruned:?}");
    alice.clear();
    bob.clear();
}

#[test]
fn an_encrypted_archive_is_for_its_recipient_alone() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    alice.dock(["volume", "create", "data"]).output().success();
    let keys = |name: &str| {
        let identity = age::x25519::Identity::generate();
        let text = format!(
            "# made by a test\n{}\n",
            identity.to_string().expose_secret()
        );
        let path = written(&carol, name, text.as_bytes());
        std::os::unix::fs::chown(&path, Some(carol.uid), Some(carol.gid)).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).unwrap();
        (path, identity.to_public().to_string())
    };
    let ((mine, recipient), (others, _)) = (keys("mine"), keys("others"));
    let file = archived(&carol, &["--encrypt", &recipient, "--verify", &alice.login]);
    assert!(file.ends_with(".tar.zst.age"));
    let whole = bytes(&file);
    assert!(whole.starts_with(b"age-encryption.org/v1\n"));
    for verb in [
        &["archives", "show"][..],
        &["archives", "verify"],
        &["restore", "--as", &bob.login],
    ] {
        admin(&carol, &[verb, &[&file]].concat()).fails(1, "it is encrypted");
        admin(&carol, &[verb, &["--identity", &others, &file]].concat())
            .fails(1, "it is encrypted");
    }
    for at in [200, whole.len() / 2, whole.len() - 10] {
        let mut wrong = whole.clone();
        wrong[at] ^= 1;
        let path = written(&carol, "wrong_20260101T000000Z.tar.zst.age", &wrong);
        let words = ["archives", "verify", "--identity", &mine, &path];
        let verified = admin(&carol, &words);
        assert_eq!(verified.code, 1, "{verified:?}");
    }
    assert_eq!(objects_of(&bob), "");
    admin(&carol, &["archives", "verify", "--identity", &mine, &file]).success();
    admin(
        &carol,
        &["restore", "--as", &bob.login, "--identity", &mine, &file],
    )
    .success();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&mine, readable).unwrap();
    admin(&carol, &["archives", "show", "--identity", &mine, &file])
        .fails(125, "lets others read it");
    alice.clear();
    bob.clear();
}
