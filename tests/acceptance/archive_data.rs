//! The files of volumes and of containers, by an admin's gate and back: the same
//! bytes, owners, times, links, holes and attributes, and nothing from elsewhere.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::harness::{
    Answer, Connection, Gate, Person, as_user, bed, eventually, root_docker, unique,
};
use serde_json::Value;

const PREFIX: &str = "volumes/data/data/";

/// Sets an extended attribute, its value in hexadecimal: busybox has no program
/// for it.
const SET_XATTR: &str = r#"
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
int main(int count, char **words) {
    unsigned char value[4096];
    size_t length = strlen(words[3]) / 2;
    for (size_t at = 0; at < length; at++)
        sscanf(words[3] + 2 * at, "%2hhx", value + at);
    if (setxattr(words[1], words[2], value, length, 0) == 0)
        return 0;
    perror(words[2]);
    return 1;
}
"#;

/// That program, without libraries.
fn set_xattr() -> &'static [u8] {
    static PROGRAM: OnceLock<Vec<u8>> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let stem = format!("/tmp/{}", unique("xattr"));
        let (source, program) = (format!("{stem}.c"), format!("{stem}.bin"));
        std::fs::write(&source, SET_XATTR).unwrap();
        let words = ["-static", "-O1", "-o", &program, &source];
        assert!(Command::new("cc").args(words).status().unwrap().success());
        let bytes = std::fs::read(&program).unwrap();
        let _ = std::fs::remove_file(source);
        let _ = std::fs::remove_file(program);
        bytes
    })
}

/// An access list: owner rw, uid 1234 r, group r, mask rw, others r.
const ACL: &str = "02000000\
    01000600ffffffff02000400d204000004000400ffffffff10000600ffffffff20000400ffffffff";

/// `cap_net_raw` and its like, as setcap writes it.
const CAPABILITY: &str = "0100000200200000000000000000000000000000";

/// Fills the volume "data" and changes files in the container "web", which ends.
fn fill(person: &Person) {
    let script = format!(
        r#"set -e
        cat >/bin/setxattr; chmod 755 /bin/setxattr
        cd /data
        mkdir -p folder/empty "folder/a name"; chmod 1777 folder/empty
        echo text >plain; chown 1234:4321 plain; touch -d '2001-02-03 04:05:06' plain
        cp /bin/busybox busybox.setuid; chmod 4755 busybox.setuid
        ln plain folder/hard; ln -s ../../nowhere dangling; ln -s /etc escape
        mkfifo fifo
        dd if=/dev/zero of=holes bs=1 count=1 seek=50000000 2>/dev/null
        echo x >"$(printf 'raw\377')"
        setxattr plain user.note 0a003d25
        setxattr plain system.posix_acl_access {ACL}
        setxattr folder system.posix_acl_default {ACL}
        setxattr busybox.setuid security.capability {CAPABILITY}
        touch -d '2002-02-03 04:05:06' folder .
        echo changed >>/etc/passwd
        rm /bin/vi /etc/group
        rm -r /home; mkdir /home; echo new >/home/new
        echo mine >/root/file; setxattr /root/file user.mine 01
        mkdir -p /srv/deep; chown 7:8 /srv/deep"#
    );
    let words = [
        "run",
        "-i",
        "--name",
        "web",
        "-v",
        "data:/data",
        "busybox",
        "sh",
        "-c",
        &script,
    ];
    person.dock(words).stdin(set_xattr()).output().success();
}

/// The container's full id.
fn id(person: &Person, name: &str) -> String {
    let words = ["inspect", "--format", "{{.Id}}", name];
    person.dock(words).output().success().trim().to_owned()
}

fn volume_path(person: &Person, name: &str) -> String {
    format!("/dock/volumes/{}/tar?prefix={PREFIX}", person.real(name))
}

fn layer_path(id: &str) -> String {
    format!("/dock/containers/{id}/changes?prefix={PREFIX}")
}

fn get(gate: &Gate, path: &str) -> Answer {
    let mut connection = gate.connect();
    let head = format!("GET {path} HTTP/1.1\r\nHost: docker\r\nTE: trailers\r\n\r\n");
    connection.send(head.as_bytes());
    connection.answer()
}

fn begin_put(gate: &Gate, path: &str, length: usize) -> Connection {
    let mut connection = gate.connect();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-tar\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    connection.send(head.as_bytes());
    connection
}

fn put(gate: &Gate, path: &str, body: &[u8]) -> Answer {
    let mut connection = begin_put(gate, path, body.len());
    connection.send(body);
    connection.answer()
}

/// What the trailer says of a stream.
fn facts(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let [trailer] = answer.trailers.as_slice() else {
        panic!("no trailer: {:?}", answer.trailers);
    };
    let text = trailer.strip_prefix("dock-transfer: ").unwrap();
    let facts: Value = serde_json::from_str(text).unwrap();
    assert_eq!(facts.get("error"), None, "{facts}");
    assert_eq!(facts["bytes"], answer.body.len());
    facts
}

/// The folder of a volume, as root sees it.
fn folder(person: &Person, name: &str) -> String {
    let words = [
        "volume",
        "inspect",
        "--format",
        "{{.Mountpoint}}",
        &person.real(name),
    ];
    root_docker(words).output().success().trim().to_owned()
}

fn is_empty(folder: &str) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

/// The lines of the audit that `person` left about `verb`.
fn told(person: &Person, verb: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(bed("DOCK_BED_AUDIT")).unwrap();
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["uid"] == person.uid && line["verb"] == verb)
        .collect()
}

#[test]
fn what_a_person_has_comes_back_as_it_was() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    fill(&alice);
    let gate = Gate::admin(&carol);
    let volume = get(&gate, &volume_path(&alice, "data"));
    let layer = get(&gate, &layer_path(&id(&alice, "web")));
    for answer in [&volume, &layer] {
        let facts = facts(answer);
        assert_eq!(facts["changed"], 0);
        let left_out = facts["left_out"].as_object().unwrap();
        assert!(left_out.values().all(|count| *count == 0), "{facts}");
    }
    // Fifty megabytes of hole are no bytes.
    assert!(volume.body.len() < 8 << 20);

    alice.dock(["volume", "create", "back"]).output().success();
    let sized = format!("{}&size={}", volume_path(&alice, "back"), volume.body.len());
    let done = put(&gate, &sized, &volume.body);
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(done.json()["entries"], facts(&volume)["entries"]);
    let again = get(&gate, &volume_path(&alice, "back"));
    assert!(again.body == volume.body, "the volume is another one");

    let words = [
        "create",
        "--name",
        "again",
        "-v",
        "back:/data",
        "busybox",
        "sleep",
        "1000",
    ];
    alice.dock(words).output().success();
    let again = id(&alice, "again");
    let done = put(&gate, &layer_path(&again), &layer.body);
    assert_eq!(done.status, 200, "{done:?}");
    let twin = get(&gate, &layer_path(&again));
    assert!(twin.body == layer.body, "the layer is another one");

    alice.dock(["start", "again"]).output().success();
    let script = "cat /data/plain /root/file /home/new; tail -n 1 /etc/passwd; ls -a /home; \
                  ls /bin/vi /etc/group; stat -c %u:%g /data/plain /srv/deep; \
                  stat -c %a:%h:%s /data/busybox.setuid /data/folder/hard /data/holes; ls -l /data/dangling";
    let output = alice.dock(["exec", "again", "sh", "-c", script]).output();
    let web = alice.dock(["start", "web"]).output();
    assert_eq!(web.code, 0, "{web:?}");
    let text = output.out();
    for part in [
        "text\nmine\nnew\nchanged\n.\n..\nnew\n",
        "1234:4321\n7:8\n",
        "-> ../../nowhere",
    ] {
        assert!(text.contains(part), "{part}: {output:?}");
    }
    assert!(output.err().contains("/bin/vi") && output.err().contains("/etc/group"));
    assert_eq!(
        alice
            .dock(["exec", "again", "/data/busybox.setuid", "true"])
            .output()
            .code,
        0
    );

    for verb in [
        "volume.read",
        "volume.write",
        "container.read",
        "container.write",
    ] {
        let lines = told(&carol, verb);
        assert!(!lines.is_empty(), "{verb}");
        for line in lines {
            assert_eq!(line["space"], format!("u{}", alice.uid));
            assert_eq!(line["verdict"], "permit");
        }
    }
    alice.clear();
}

#[test]
fn files_are_put_only_where_there_are_none() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let words = [
        "run",
        "-v",
        "data:/data",
        "busybox",
        "sh",
        "-c",
        "echo mine >/data/file",
    ];
    alice.dock(words).output().success();
    let gate = Gate::admin(&carol);
    let stream = get(&gate, &volume_path(&alice, "data")).body;

    let refused = put(&gate, &volume_path(&alice, "data"), &stream);
    assert_eq!(refused.status, 409);
    assert!(
        refused.message().contains("there are files already"),
        "{refused:?}"
    );
    let file = format!("{}/file", folder(&alice, "data"));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine\n");

    alice.dock(["volume", "create", "empty"]).output().success();
    let words = [
        "run", "-d", "--name", "user", "-v", "empty:/e", "busybox", "sleep", "1000",
    ];
    alice.dock(words).output().success();
    let refused = put(&gate, &volume_path(&alice, "empty"), &stream);
    assert_eq!(refused.status, 409);
    assert!(
        refused.message().contains("is in use by the container"),
        "{refused:?}"
    );
    let user = id(&alice, "user");
    let layer = get(&gate, &layer_path(&user)).body;
    let refused = put(&gate, &layer_path(&user), &layer);
    assert_eq!(refused.status, 409);
    assert!(
        refused.message().contains("in the state \"running\""),
        "{refused:?}"
    );
    assert_eq!(
        facts(&get(&gate, &volume_path(&alice, "empty")))["entries"],
        1
    );

    // The twins: nobody is up, and one that was never started.
    alice.dock(["kill", "user"]).output().success();
    alice.dock(["wait", "user"]).output();
    assert_eq!(
        put(&gate, &volume_path(&alice, "empty"), &stream).status,
        200
    );
    alice
        .dock([
            "create",
            "--name",
            "new",
            "-w",
            "/made/by/engine",
            "busybox",
        ])
        .output()
        .success();
    assert_eq!(
        put(&gate, &layer_path(&id(&alice, "new")), &layer).status,
        200
    );
    alice.clear();
}

#[test]
fn what_is_not_alices_folder_is_refused_by_name() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let (gate, root) = (Gate::admin(&carol), Gate::admin(&as_user("root")));
    let tmpfs = [
        "volume",
        "create",
        "--opt",
        "type=tmpfs",
        "--opt",
        "device=tmpfs",
        "memory",
    ];
    alice.dock(tmpfs).output().success();
    let refused = get(&gate, &volume_path(&alice, "memory"));
    assert_eq!(refused.status, 409);
    assert!(
        refused.message().contains("the volume has options"),
        "{refused:?}"
    );

    let name = unique("roots");
    root_docker(["volume", "create", &name]).output().success();
    let path = format!("/dock/volumes/{name}/tar?prefix=v/");
    for refused in [get(&gate, &path), put(&gate, &path, b"")] {
        assert_eq!(refused.status, 403);
        assert!(
            refused.message().contains("[rule admin.files]"),
            "{refused:?}"
        );
    }
    let stream = get(&root, &path);
    assert_eq!(facts(&stream)["entries"], 1);
    assert_eq!(put(&root, &path, &stream.body).status, 200);
    root_docker(["volume", "rm", &name]).output().success();

    alice.dock(["volume", "create", "data"]).output().success();
    let whole = volume_path(&alice, "data");
    let bare = whole.split_once('?').unwrap().0;
    for bad in [
        "",
        "?prefix=",
        "?prefix=/etc/",
        "?prefix=a/../",
        "?prefix=a",
    ] {
        assert_eq!(get(&gate, &format!("{bare}{bad}")).status, 400, "{bad}");
    }
    assert_eq!(get(&gate, &format!("{whole}&other=1")).status, 400);
    // Without trailers nobody learns how it ended.
    assert_eq!(gate.request("GET", &whole, None).status, 400);
    assert_eq!(get(&gate, &whole).status, 200);
    let gone = get(&gate, &volume_path(&alice, "missing"));
    assert_eq!(gone.status, 404);
    alice.clear();
}

/// A tar of one file of that name, made by hand.
fn with_file(stream: &[u8], name: &str) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    for (at, text) in [(100, "0000644\0"), (108, "0000000\0"), (116, "0000000\0")] {
        header[at..at + 8].copy_from_slice(text.as_bytes());
    }
    header[124..136].copy_from_slice(b"00000000000\0");
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    [stream, &header].concat()
}

#[test]
fn a_stream_that_is_wrong_or_cut_leaves_nothing() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let script = "mkdir /data/a; head -c 3000000 /dev/urandom >/data/a/large";
    let words = ["run", "-v", "data:/data", "busybox", "sh", "-c", script];
    alice.dock(words).output().success();
    alice.dock(["volume", "create", "back"]).output().success();
    let gate = Gate::admin(&carol);
    let stream = get(&gate, &volume_path(&alice, "data")).body;
    let (path, back) = (volume_path(&alice, "back"), folder(&alice, "back"));
    let outside = format!("/tmp/{}", unique("outside"));
    for name in [
        format!("{PREFIX}../../{}", unique("outside")),
        outside.clone(),
        format!("{PREFIX}a/large/x"),
        format!("{PREFIX}b/x"),
    ] {
        let refused = put(&gate, &path, &with_file(&stream, &name));
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.message().contains(&name), "{refused:?}");
        assert!(is_empty(&back) && !Path::new(&outside).exists());
    }
    let cut = &stream[..stream.len() / 2];
    let sized = format!("{path}&size={}", stream.len());
    assert_eq!(put(&gate, &sized, cut).status, 400);
    let mut connection = begin_put(&gate, &path, stream.len());
    connection.send(cut);
    drop(connection);
    eventually("what half a stream made is gone", || {
        is_empty(&back).then_some(())
    });
    // The thread may still be at it: the next transfer finds the folder empty or full.
    let twin = with_file(&stream, &format!("{PREFIX}b"));
    eventually("the twin is taken", || {
        (put(&gate, &path, &twin).status == 200).then_some(())
    });
    alice.clear();
}

#[test]
fn a_container_that_swaps_folders_for_links_leaks_nothing() {
    let (mallory, carol) = (Person::fresh("mallory"), Person::admin("carol"));
    let secret = std::fs::read_to_string("/etc/shadow").unwrap();
    let secret = secret.lines().next().unwrap().as_bytes().to_vec();
    let script = r#"
        for place in /data /root; do
            mkdir -p $place/real; echo mine >$place/real/shadow; ln -s /etc $place/link
            for n in $(seq 200); do echo $n >$place/pad$n; done
        done
        turn() {
            cd $1
            while :; do
                mv real way; mv way real; mv link way; mv way link
                mkfifo way; rm way; echo x >pad1; rm pad2; echo y >pad2
            done
        }
        turn /data 2>/dev/null & turn /root 2>/dev/null & touch /ready; wait"#;
    let words = [
        "run",
        "-d",
        "--name",
        "web",
        "-v",
        "data:/data",
        "busybox",
        "sh",
        "-c",
        script,
    ];
    mallory.dock(words).output().success();
    eventually("it is at it", || {
        let found = mallory.dock(["exec", "web", "ls", "/ready"]).output();
        (found.code == 0).then_some(())
    });
    let gate = Gate::admin(&carol);
    let (volume, layer) = (
        volume_path(&mallory, "data"),
        layer_path(&id(&mallory, "web")),
    );
    let mut moved = 0;
    for _ in 0..40 {
        for path in [&volume, &layer] {
            let answer = get(&gate, path);
            let facts = facts(&answer);
            assert!(facts["entries"].as_u64().unwrap() > 190, "{facts}");
            moved += facts["left_out"]["vanished"].as_u64().unwrap();
            let leaks = answer
                .body
                .windows(secret.len())
                .any(|window| window == secret);
            assert!(!leaks, "{path}");
        }
    }
    assert!(moved > 0, "nothing was swapped while it was read");
    mallory.clear();
}

#[test]
fn what_a_gate_paused_goes_on_when_it_ends() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let words = ["run", "-d", "--name", "web", "busybox", "sleep", "1000"];
    let web = alice.dock(words).output().success().trim().to_owned();
    let state = || {
        let words = ["inspect", "--format", "{{.State.Status}}", &web];
        root_docker(words).output().success().trim().to_owned()
    };
    let path = |verb: &str| format!("/dock/containers/{web}/{verb}");
    let gate = Gate::admin(&carol);
    assert_eq!(gate.request("POST", &path("pause"), None).status, 204);
    assert_eq!(state(), "paused");
    assert_eq!(gate.request("POST", &path("pause"), None).status, 409);
    assert_eq!(gate.request("POST", &path("unpause"), None).status, 204);
    assert_eq!(state(), "running");
    assert_eq!(gate.request("POST", &path("pause"), None).status, 204);
    drop(gate);
    assert_eq!(state(), "running");

    // What its owner paused is the owner's, and goes on by the owner's rules.
    alice.dock(["pause", "web"]).output().success();
    let gate = Gate::admin(&carol);
    assert_eq!(gate.request("POST", &path("pause"), None).status, 409);
    drop(gate);
    assert_eq!(state(), "paused");
    let gate = Gate::admin(&carol);
    assert_eq!(gate.request("POST", &path("unpause"), None).status, 204);
    assert_eq!(state(), "running");
    alice.clear();
}

#[test]
fn what_nobody_owns_is_paused_by_every_admin_and_let_go_by_root() {
    let carol = Person::admin("carol");
    let name = unique("roots");
    let words = ["run", "-d", "--name", &name, "busybox", "sleep", "1000"];
    let web = root_docker(words).output().success().trim().to_owned();
    let path = |verb: &str| format!("/dock/containers/{web}/{verb}");
    let (gate, root) = (Gate::admin(&carol), Gate::admin(&as_user("root")));
    root_docker(["pause", &name]).output().success();
    let refused = gate.request("POST", &path("unpause"), None);
    assert_eq!(refused.status, 403);
    assert!(
        refused.message().contains("[rule admin.unowned]"),
        "{refused:?}"
    );
    assert_eq!(root.request("POST", &path("unpause"), None).status, 204);
    assert_eq!(gate.request("POST", &path("pause"), None).status, 204);
    assert_eq!(gate.request("POST", &path("unpause"), None).status, 204);
    root_docker(["rm", "-f", &name]).output().success();
}
