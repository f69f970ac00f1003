//! The people of the bed: who they are, and programs run with exactly their rights.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{Gid, Uid, User, getgrouplist, setgid, setgroups, setsid, setuid};

use super::step::Step;
use super::{DEADLINE, bed, root_docker, unique};

/// Somebody who has an account, as NSS knew them when the test asked.
#[derive(Clone, Debug)]
pub struct Person {
    pub login: String,
    pub uid: u32,
    pub gid: u32,
    pub home: PathBuf,
}

/// One of the cast: `alice`, `bob`, `mallory` (in group dock) or `carol` (not in it).
pub fn as_user(login: &str) -> Person {
    bed("DOCK_BED");
    let user = User::from_name(login)
        .unwrap()
        .unwrap_or_else(|| panic!("the bed has no user \"{login}\""));
    Person {
        login: user.name,
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
        home: user.dir,
    }
}

impl Person {
    /// A member of group dock whom no other test knows; their space starts empty.
    pub fn fresh(stem: &str) -> Person {
        let person = Person::stranger(stem);
        person.join("dock");
        person
    }

    /// The same, but in no group.
    pub fn stranger(stem: &str) -> Person {
        bed("DOCK_BED");
        let login = unique(stem);
        accounts(&["useradd", "--create-home", "--shell", "/bin/bash", &login]);
        as_user(&login)
    }

    /// A member of the admin group, who has no space.
    pub fn admin(stem: &str) -> Person {
        let person = Person::stranger(stem);
        person.join("dock-admin");
        person
    }

    /// The account is gone and its uid is somebody else's, who is in group dock.
    pub fn succeed(self, stem: &str) -> Person {
        let (login, uid) = (unique(stem), self.uid.to_string());
        accounts(&["userdel", "--remove", &self.login]);
        let words = ["useradd", "--create-home", "--shell", "/bin/bash", "--uid"];
        accounts(&[&words[..], &[&uid, &login]].concat());
        let person = as_user(&login);
        person.join("dock");
        person
    }

    pub fn join(&self, group: &str) {
        accounts(&["gpasswd", "--add", &self.login, group]);
    }

    pub fn leave(&self, group: &str) {
        accounts(&["gpasswd", "--delete", &self.login, group]);
    }

    /// `dock WORDS...` as installed.
    pub fn dock<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Step {
        self.command("/usr/local/bin/dock", words)
    }

    /// Any program, in a session of its own without a terminal, in the person's home.
    pub fn command<W: AsRef<OsStr>>(
        &self,
        program: &str,
        words: impl IntoIterator<Item = W>,
    ) -> Step {
        let mut command = Command::new(program);
        command
            .args(words)
            .env_clear()
            .env("HOME", &self.home)
            .env("LOGNAME", &self.login)
            .env("USER", &self.login)
            .env("SHELL", "/bin/bash")
            .env("TERM", "xterm")
            .env("LANG", "C.UTF-8")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .current_dir(&self.home);
        self.become_before(&mut command);
        Step::new(command, DEADLINE)
    }

    /// The groups by NSS now, as a login would give them.
    pub fn groups(&self) -> Vec<Gid> {
        let login = CString::new(self.login.as_str()).unwrap();
        getgrouplist(&login, Gid::from_raw(self.gid)).unwrap()
    }

    /// The real name that dock gives `name` in this person's space.
    pub fn real(&self, name: &str) -> String {
        format!("u{}-{name}", self.uid)
    }

    #[expect(unsafe_code, reason = "std cannot set supplementary groups yet")]
    fn become_before(&self, command: &mut Command) {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        // Asked here: nothing between fork and exec may allocate or take a lock.
        let groups = self.groups();
        // SAFETY: between fork and exec only these four system calls are made, on
        // values that exist already.
        unsafe {
            command.pre_exec(move || {
                setsid()?;
                setgroups(&groups)?;
                setgid(gid)?;
                setuid(uid)?;
                Ok(())
            });
        }
    }

    /// Ends and removes all that the person has on the engine, as root.
    pub fn clear(&self) {
        let space = format!("label=dock.space=u{}", self.uid);
        for (list, remove) in [
            (vec!["ps", "-aq"], vec!["rm", "-fv"]),
            (vec!["network", "ls", "-q"], vec!["network", "rm"]),
            (vec!["volume", "ls", "-q"], vec!["volume", "rm", "-f"]),
        ] {
            let listed = root_docker(list.iter().chain(&["--filter", &space]))
                .output()
                .success();
            let found: Vec<&str> = listed.split_whitespace().collect();
            if !found.is_empty() {
                // A gate that ends may take its network away at the same time.
                root_docker(remove.iter().chain(&found)).output();
            }
        }
    }
}

/// useradd and gpasswd give up when another holds their lock, so one at a time.
fn accounts(words: &[&str]) {
    let lock = File::create("/run/bed/accounts.lock").unwrap();
    let _held = Flock::lock(lock, FlockArg::LockExclusive)
        .map_err(|(_, error)| error)
        .unwrap();
    let output = Command::new(words[0]).args(&words[1..]).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}
