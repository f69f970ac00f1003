//! Archives on other machines and in buckets: a real sshd and a service that
//! speaks S3, both on loopback, and everything that goes wrong with them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::given::objects_of;
use crate::configuration::{append, copied};
use crate::harness::{Person, bed, eventually, root, root_docker, unique, with_configuration};

/// A server that a test starts, stops and starts again.
struct Server {
    words: Vec<String>,
    port: u16,
    child: Option<Child>,
}

impl Server {
    fn new(words: Vec<String>, port: u16) -> Server {
        let mut server = Server {
            words,
            port,
            child: None,
        };
        server.start();
        server
    }

    fn start(&mut self) {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap());
        let port = self.port;
        eventually("the server listens", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
    }

    /// Ends it and everything that it has started.
    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            self.cut_of(child.id());
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Ends its sessions alone.
    fn cut(&self) {
        self.cut_of(self.child.as_ref().unwrap().id());
    }

    fn cut_of(&self, pid: u32) {
        for child in children(pid) {
            self.cut_of(child);
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(child.cast_signed()), Signal::SIGKILL);
        }
    }
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let children = fs::read_to_string(path).unwrap_or_default();
    let pids = children.split_whitespace();
    pids.map(|child| child.parse().unwrap()).collect()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Somebody with data, an admin, and a place that a configuration names.
struct Scene {
    alice: Person,
    bob: Person,
    carol: Person,
    /// Where the files of the place are, as root finds them.
    folder: PathBuf,
    configuration: PathBuf,
    server: Server,
}

/// Bytes that do not pack.
const SIZE: usize = 8 << 20;

impl Scene {
    fn of(make: impl FnOnce(&Person, &Path) -> (String, PathBuf, Server)) -> Scene {
        let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
        let carol = Person::admin("carol");
        alice.dock(["volume", "create", "data"]).output().success();
        let words = [
            "volume",
            "inspect",
            "-f",
            "{{.Mountpoint}}",
            &alice.real("data"),
        ];
        let volume = root_docker(words).output().success();
        let mut random = vec![0; SIZE];
        let mut state = 88_172_645_463_325_252u64;
        for byte in &mut random {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = (state >> 32) as u8;
        }
        fs::write(format!("{volume}/random"), random).unwrap();
        let scratch = PathBuf::from(format!("/srv/{}", unique("place")));
        fs::create_dir_all(&scratch).unwrap();
        fs::set_permissions(&scratch, fs::Permissions::from_mode(0o755)).unwrap();
        let (text, folder, server) = make(&carol, &scratch);
        let configuration = copied();
        append(&configuration.join("dock.toml"), &text);
        Scene {
            alice,
            bob,
            carol,
            folder,
            configuration,
            server,
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = with_configuration(&self.carol, &self.configuration);
        command.arg("/usr/local/bin/dock").arg("admin").args(words);
        command.stdin(Stdio::null());
        command
    }

    fn admin(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    #[track_caller]
    fn success(&self, words: &[&str]) -> String {
        let output = self.admin(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[track_caller]
    fn fails(&self, words: &[&str], code: i32, text: &str) {
        let output = self.admin(words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
        assert!(error.contains(text), "{words:?}: {error}");
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Bytes of what is being written.
    fn arrived(&self) -> u64 {
        // Its first file makes the folder.
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let sizes = entries.filter_map(|entry| entry.metadata().ok());
        sizes.map(|metadata| metadata.size()).sum()
    }

    /// Archives, and brings it back to somebody else.
    fn goes_and_comes(&self) {
        let name = self.success(&["archive", "--verify", "--protected", &self.alice.login]);
        assert_eq!(self.success(&["archives", "ls", "-q"]), name);
        let marked = self.success(&["archives", "ls", "--format", "{{.Name}} {{.Protected}}"]);
        assert_eq!(marked, format!("{name} yes"));
        let shown = self.success(&["archives", "show", &name]);
        assert!(shown.contains("volumes/data/data"), "{shown}");
        self.success(&["archives", "verify", &name]);
        self.success(&["restore", "--as", &self.bob.login, &name]);
        let words = [
            "run",
            "--rm",
            "-v",
            "data:/d:ro",
            "busybox",
            "sha256sum",
            "/d/random",
        ];
        let sums = [&self.alice, &self.bob].map(|who| who.dock(words).output().success());
        assert_eq!(sums[0], sums[1]);
        let damaged = self.folder.join(&name);
        let mut bytes = fs::read(&damaged).unwrap();
        bytes[SIZE / 2] ^= 1;
        fs::write(&damaged, bytes).unwrap();
        self.fails(
            &["archives", "verify", &name],
            1,
            "is damaged: volumes/data/data",
        );
        self.bob.clear();
        self.fails(
            &["restore", "--as", &self.bob.login, &name],
            1,
            "is damaged",
        );
        assert_eq!(objects_of(&self.bob), "");
        self.fails(
            &["restore", "none_20260101T000000Z.tar.zst"],
            1,
            "no such archive",
        );
        self.success(&["archives", "protect", "--off", &name]);
        self.success(&["archives", "prune", "--keep-last", "1", "--yes"]);
        fs::remove_file(damaged).unwrap();
    }

    /// Archives slowly; `act` is done when half of it has arrived.
    fn cut_half_way(&mut self, act: impl FnOnce(&mut Server)) -> Output {
        let words = ["archive", "--bandwidth", "4m", &self.alice.login];
        let mut command = self.command(&words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let running = command.spawn().unwrap();
        eventually("half of it has arrived", || {
            (self.arrived() >= SIZE as u64 / 2).then_some(())
        });
        act(&mut self.server);
        running.wait_with_output().unwrap()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.alice.clear();
        self.bob.clear();
    }
}

/// A folder of somebody's on "another machine".
fn sftp(carol: &Person, scratch: &Path) -> (String, PathBuf, Server) {
    let keeper = Person::stranger("keeper");
    // A locked account is let in by no key.
    root("/usr/sbin/usermod", ["-p", "*", &keeper.login])
        .output()
        .success();
    let at = |name: &str| scratch.join(name).display().to_string();
    for key in ["host", "key", "other"] {
        let words = ["-q", "-t", "ed25519", "-N", "", "-f", &at(key)];
        root("/usr/bin/ssh-keygen", words).output().success();
    }
    for key in ["key", "other"] {
        chown(at(key), Some(carol.uid), Some(carol.gid)).unwrap();
    }
    fs::copy(at("key.pub"), at("authorized")).unwrap();
    let port = free_port();
    let host = fs::read_to_string(at("host.pub")).unwrap();
    fs::write(at("known"), format!("[127.0.0.1]:{port} {host}")).unwrap();
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\n\
         PidFile none\nSubsystem sftp internal-sftp\n",
        at("host"),
        at("authorized")
    );
    fs::write(at("config"), config).unwrap();
    fs::create_dir_all("/run/sshd").unwrap();
    let words = ["/usr/sbin/sshd", "-D", "-f", &at("config")].map(str::to_owned);
    let server = Server::new(words.to_vec(), port);
    let folder = keeper.home.join("archives");
    let text = format!(
        "\n[archive]\ntarget = \"there\"\n[archive.targets.there]\nhost = \"{0}@127.0.0.1:{port}\"\n\
         folder = \"{1}\"\nkey = \"{2}\"\nknown_hosts = \"{3}\"\n\
         [archive.targets.wrong]\nhost = \"{0}@127.0.0.1:{port}\"\nfolder = \"x\"\nkey = \"{4}\"\nknown_hosts = \"{3}\"\n\
         [archive.targets.unknown]\nhost = \"{0}@127.0.0.1:{port}\"\nfolder = \"x\"\nkey = \"{2}\"\nknown_hosts = \"/dev/null\"\n\
         [archive.targets.full]\nhost = \"{0}@127.0.0.1:{port}\"\nfolder = \"{5}\"\nkey = \"{2}\"\nknown_hosts = \"{3}\"\n",
        keeper.login,
        folder.display(),
        at("key"),
        at("known"),
        at("other"),
        small(&keeper, scratch).display(),
    );
    (text, folder, server)
}

/// A file system that is soon full.
fn small(owner: &Person, scratch: &Path) -> PathBuf {
    let small = scratch.join("small");
    fs::create_dir(&small).unwrap();
    let options = format!("size=2m,uid={},mode=700", owner.uid);
    let words = [
        "-t",
        "tmpfs",
        "-o",
        &options,
        "small",
        small.to_str().unwrap(),
    ];
    root("/bin/mount", words).output().success();
    small
}

#[test]
fn archives_go_to_another_machine_and_come_back() {
    let scene = Scene::of(sftp);
    scene.goes_and_comes();
    for (target, word) in [
        ("wrong", "ssh says: "),
        ("unknown", "ssh says: Host key verification failed"),
        ("full", "a full disk, perhaps"),
    ] {
        scene.fails(&["archive", "--to", target, &scene.alice.login], 125, word);
    }
    let full = fs::read_dir(scene.server.words[3].replace("/config", "/small")).unwrap();
    assert_eq!(full.count(), 0, "nothing stays on a full disk");
    root(
        "/bin/umount",
        [scene.server.words[3].replace("/config", "/small")],
    )
    .output()
    .success();
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    let mut scene = Scene::of(sftp);
    let output = scene.cut_half_way(|server| server.cut());
    assert!(output.status.success(), "{output:?}");
    let name = scene.success(&["archives", "ls", "-q"]);
    scene.success(&["archives", "verify", &name]);
    assert_eq!(scene.files(), std::slice::from_ref(&name));
    fs::remove_file(scene.folder.join(name)).unwrap();
    // The machine is gone for a while.
    let output = scene.cut_half_way(|server| {
        server.stop();
        std::thread::sleep(Duration::from_secs(3));
        server.start();
    });
    assert!(output.status.success(), "{output:?}");
    let name = scene.success(&["archives", "ls", "-q"]);
    scene.success(&["archives", "verify", &name]);
    fs::remove_file(scene.folder.join(name)).unwrap();
    // It does not come back: nothing has the name, and the next run tidies up.
    let output = scene.cut_half_way(Server::stop);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{error}");
    assert!(
        error.contains("cannot write to \"there\": ssh says: "),
        "{error}"
    );
    assert!(scene.files().iter().all(|name| name.ends_with(".partial")));
    scene.server.start();
    let name = scene.success(&["archive", &scene.alice.login]);
    assert_eq!(scene.files(), [name]);
}

/// A bucket.
fn bucket(carol: &Person, scratch: &Path) -> (String, PathBuf, Server) {
    let folder = scratch.join("buckets/archives");
    fs::create_dir_all(&folder).unwrap();
    let buckets = scratch.join("buckets").display().to_string();
    let credentials = |name: &str, secret: &str, mode: u32| {
        let path = scratch.join(name);
        let mut file = fs::File::create(&path).unwrap();
        writeln!(
            file,
            "[default]\naws_access_key_id = bed\naws_secret_access_key = {secret}"
        )
        .unwrap();
        chown(&path, Some(carol.uid), Some(carol.gid)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    };
    let port = free_port();
    let words = [bed("DOCK_BED_BUCKET"), buckets, port.to_string()];
    let server = Server::new(words.to_vec(), port);
    let target = |name: &str, bucket: &str, credentials: &str| {
        format!(
            "[archive.targets.{name}]\nbucket = \"{bucket}\"\nendpoint = \"http://127.0.0.1:{port}\"\n\
             credentials = \"{credentials}\"\n"
        )
    };
    let right = credentials("right", "secret", 0o600);
    let text = [
        "\n[archive]\ntarget = \"there\"\n".to_owned(),
        target("there", "archives", &right),
        target("wrong", "archives", &credentials("wrong", "guess", 0o600)),
        target("open", "archives", &credentials("open", "secret", 0o640)),
    ]
    .concat();
    (text, folder, server)
}

#[test]
fn archives_go_to_a_bucket_and_come_back() {
    let mut scene = Scene::of(bucket);
    scene.goes_and_comes();
    for (target, word) in [
        ("wrong", "the service does not accept the credentials"),
        ("open", "has mode 0640: others can read it"),
    ] {
        scene.fails(&["archive", "--to", target, &scene.alice.login], 125, word);
    }
    scene.server.stop();
    let server = &mut scene.server;
    let restarted = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(2));
            server.start();
        });
        let mut command = with_configuration(&scene.carol, &scene.configuration);
        let words = [
            "/usr/local/bin/dock",
            "admin",
            "archive",
            &scene.alice.login,
        ];
        command.args(words).output().unwrap()
    });
    assert!(restarted.status.success(), "{restarted:?}");
    let name = scene.success(&["archives", "ls", "-q"]);
    scene.success(&["archives", "verify", &name]);
}
