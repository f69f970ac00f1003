//! Where the engine keeps the files of a volume and of a container.

use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::failure::Failure;
use crate::policy::files::{Files, Permit};
use crate::tar::{Form, Ids, Range};

/// Ids that a user has below /etc/sub*, where that does not say.
const USUAL_COUNT: u32 = 65_536;

/// What the engine says of its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Root {
    docker_root_dir: String,
    security_options: Option<Vec<String>>,
}

impl Root {
    /// The first ids of its mapping. The engine with `userns-remap` keeps its
    /// things in a folder of that name: `/var/lib/docker/165536.165536`.
    ///
    /// # Errors
    /// When there is a mapping that cannot be told.
    fn bases(&self) -> Result<Option<(u32, u32)>, Failure> {
        let options = self.security_options.iter().flatten();
        let mut names = options.filter_map(|option| option.split(',').next());
        if !names.any(|name| name == "name=userns") {
            return Ok(None);
        }
        let folder = Path::new(&self.docker_root_dir).file_name();
        let bases = folder
            .and_then(|name| name.to_str()?.split_once('.'))
            .and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
        let unknown = || {
            let folder = &self.docker_root_dir;
            Failure::Host(format!(
                "the engine maps ids, and its folder \"{folder}\" does not say to which"
            ))
        };
        bases.map(Some).ok_or_else(unknown)
    }
}

/// A folder of the engine's.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) form: Form,
    root: PathBuf,
    below: PathBuf,
    bases: Option<(u32, u32)>,
}

impl Place {
    /// Where the permitted files are, by the engine's own word.
    ///
    /// # Errors
    /// When that is not where such files are.
    pub(super) fn of(permit: &Permit, root: &Root, folder: &str) -> Result<Place, Failure> {
        let path = Path::new(&root.docker_root_dir);
        let below = Path::new(folder)
            .strip_prefix(path)
            .unwrap_or(Path::new(""));
        let form = match permit.files() {
            Files::Layer { .. } => Form::Layer,
            Files::Volume { .. } => Form::Volume,
        };
        let parts: Option<Vec<&str>> = below
            .components()
            .map(|part| match part {
                Component::Normal(part) => part.to_str(),
                _ => None,
            })
            .collect();
        let fits = match (permit.files(), parts.as_deref()) {
            (Files::Layer { .. }, Some(["overlay2", _, "diff"])) => true,
            (Files::Volume { name, .. }, Some(["volumes", found, "_data"])) => found == name,
            _ => false,
        };
        if !path.is_absolute() || !fits {
            return Err(Failure::Host(format!(
                "the files are in \"{folder}\", and the engine's folder is \"{}\": dock does not \
                 know this order",
                path.display()
            )));
        }
        Ok(Place {
            form,
            root: path.to_owned(),
            below: below.to_owned(),
            bases: root.bases()?,
        })
    }

    /// Opens the folder without following a link.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) async fn open(&self) -> Result<OwnedFd, Failure> {
        let place = self.clone();
        let opened = spawn_blocking(move || place.opened()).await;
        let opened = opened.map_err(|error| Failure::Host(error.to_string()))?;
        opened.map_err(|errno| {
            let (root, below) = (self.root.display(), self.below.display());
            let desc = match errno {
                nix::Error::ENOENT => "it is not there",
                nix::Error::EACCES | nix::Error::EPERM => "it is closed to root",
                nix::Error::ELOOP => "there is a symbolic link on the way",
                errno => errno.desc(),
            };
            Failure::Host(format!(
                "the engine's folder \"{root}/{below}\" cannot be opened: {desc}"
            ))
        })
    }

    fn opened(&self) -> Result<OwnedFd, nix::Error> {
        let folder = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let root = open(&self.root, OFlag::O_PATH | folder, Mode::empty())?;
        // A disk of its own for all volumes is as good.
        let how = OpenHow::new()
            .flags(OFlag::O_RDONLY | folder)
            .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS);
        openat2(&root, &self.below, how)
    }

    /// Whose ids stand on its disk. Reads files: not for the runtime's thread.
    pub(super) fn ids(&self) -> Ids {
        let range = |base: u32, file: &str| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            Range {
                base,
                count: count(&text, base),
            }
        };
        match self.bases {
            Some((users, groups)) => {
                Ids::mapped(range(users, "/etc/subuid"), range(groups, "/etc/subgid"))
            }
            None => Ids::PLAIN,
        }
    }
}

/// How many ids there are from `base` on, by subuid(5).
fn count(text: &str, base: u32) -> u32 {
    let found = text.lines().filter_map(|line| {
        let mut words = line.trim().split(':').skip(1);
        let start: u32 = words.next()?.parse().ok()?;
        let count: u32 = words.next()?.parse().ok()?;
        (start == base).then_some(count)
    });
    found.max().unwrap_or(USUAL_COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ContainerId;
    use crate::policy::admin::Rights;
    use crate::policy::files::{Way, judge};

    fn root(folder: &str, option: &str) -> Root {
        Root {
            docker_root_dir: folder.into(),
            security_options: Some(vec![option.into()]),
        }
    }

    fn volume() -> Permit {
        let files = Files::Volume {
            name: "u1-data".into(),
            driver: "local".into(),
            options: false,
            user: None,
        };
        judge(Rights { root: true }, None, Way::Read, files).unwrap()
    }

    fn layer() -> Permit {
        let files = Files::Layer {
            id: ContainerId::new(&"a".repeat(64)).unwrap(),
            driver: "overlay2".into(),
            state: "created".into(),
        };
        judge(Rights { root: true }, None, Way::Read, files).unwrap()
    }

    #[test]
    fn a_folder_lies_where_such_folders_lie() {
        let root = root("/var/lib/docker", "name=seccomp,profile=default");
        for (permit, folder, good) in [
            (volume(), "/var/lib/docker/volumes/u1-data/_data", true),
            (volume(), "/var/lib/docker/volumes/other/_data", false),
            (volume(), "/var/lib/docker/volumes/u1-data", false),
            (
                volume(),
                "/var/lib/docker/volumes/../volumes/u1-data/_data",
                false,
            ),
            (volume(), "/var/lib/docker/overlay2/x/diff", false),
            (volume(), "/etc", false),
            (volume(), "", false),
            (layer(), "/var/lib/docker/overlay2/x/diff", true),
            (layer(), "/var/lib/docker/overlay2/x/merged", false),
            (layer(), "/var/lib/docker/overlay2/../x/diff", false),
            (layer(), "/var/lib/dockers/overlay2/x/diff", false),
        ] {
            assert_eq!(Place::of(&permit, &root, folder).is_ok(), good, "{folder}");
        }
    }

    #[test]
    fn a_mapping_is_told_by_the_folders_name() {
        let userns = "name=userns";
        assert_eq!(
            root("/d/165536.165537", userns).bases().unwrap(),
            Some((165_536, 165_537))
        );
        assert_eq!(
            root("/d/165536.165537", "name=seccomp").bases().unwrap(),
            None
        );
        assert!(root("/d", userns).bases().is_err());
    }

    #[test]
    fn ranges_are_found_by_their_start() {
        let text = "alice:100000:65536\n# x\ndockremap:165536:131072\nbob:bad\n";
        assert_eq!(count(text, 165_536), 131_072);
        assert_eq!(count(text, 1), 65_536);
    }
}
