//! Volumes and tmpfs of a container.
//!
//! Everything that is a volume is sent as a `Mounts` entry: `Binds` would make
//! a missing source as root, and only `Mounts` can label an anonymous volume.

use std::collections::{BTreeMap, BTreeSet};

use dock_space::settings::Settings;

use super::Identity;
use super::create::CreateFacts;
use super::process::{clean, is_straight};
use super::refusal::Refusal;
use super::volume::{self, VolumeFact};
use super::{process, tmpfs};
use crate::api::container::{Any, DriverConfig, Empty, Mount, VolumeOptions};

/// How many mounts one container may have.
const MAX_MOUNTS: usize = 128;

/// What a client asked for, in the four places where it can.
pub(super) struct Asked {
    pub(super) binds: Vec<String>,
    pub(super) mounts: Vec<Mount>,
    pub(super) tmpfs: BTreeMap<String, String>,
    /// `Config.Volumes`: `-v /path`.
    pub(super) volumes: BTreeMap<String, Empty>,
    pub(super) volumes_from: Vec<String>,
}

/// What is sent.
pub(super) struct Mounts {
    pub(super) mounts: Vec<Mount>,
    pub(super) tmpfs: BTreeMap<String, String>,
    pub(super) volumes_from: Vec<String>,
}

pub(super) fn judge(
    settings: &Settings,
    identity: &Identity,
    facts: &CreateFacts,
    asked: Asked,
) -> Result<Mounts, Refusal> {
    let mut judge = Judge {
        identity,
        facts,
        ceiling: tmpfs::Ceiling::new(settings, &facts.engine),
        targets: BTreeSet::new(),
        mounts: Vec::new(),
    };
    let mut volumes_from = Vec::new();
    // Mount points that the engine fills from there: it passes over a volume of
    // the image's or a `-v /path`, but a mount of the gate's would hide them.
    let mut lent = BTreeSet::new();
    for reference in asked.volumes_from {
        let (name, mode) = match reference.split_once(':') {
            Some((name, mode @ ("ro" | "rw"))) => (name, Some(mode)),
            Some(_) => return Err(Refusal::value("HostConfig.VolumesFrom", reference)),
            None => (reference.as_str(), None),
        };
        let id = facts.container(name)?;
        lent.extend(
            facts
                .mounted
                .get(name)
                .into_iter()
                .flatten()
                .map(|path| clean(path)),
        );
        volumes_from.push(mode.map_or_else(|| id.to_owned(), |mode| format!("{id}:{mode}")));
    }
    for bind in &asked.binds {
        judge.bind(bind)?;
    }
    for mount in asked.mounts {
        judge.mount(mount)?;
    }
    let mut tmpfs = asked.tmpfs;
    for (path, options) in &mut tmpfs {
        judge.target(path)?;
        judge.ceiling.judge_options(options)?;
    }
    for path in asked.volumes.keys() {
        // SDKs name the target of a bind here, too; the engine passes over it.
        if judge.targets.contains(&clean(path)) {
            continue;
        }
        judge.target(path)?;
        if !lent.contains(&clean(path)) {
            judge.anonymous(path);
        }
    }
    // The image's own VOLUMEs, where nothing else was asked for: the engine
    // would make unlabelled volumes of them.
    for path in facts.image.volumes.keys() {
        if !path.starts_with('/') {
            // The engine makes its own volume for it beside any that is asked for.
            let refusal = Refusal::value("Mount.Target", path);
            return Err(Refusal {
                what: format!("this image, with VOLUME {path:?},"),
                instead: "an image whose VOLUME is an absolute path is allowed",
                ..refusal.because("its path is not absolute")
            });
        }
        let path = clean(path);
        if !judge.targets.contains(&path) && !lent.contains(&path) {
            judge.target(&path)?;
            judge.anonymous(&path);
        }
    }
    if judge.mounts.len() + tmpfs.len() > MAX_MOUNTS {
        return Err(Refusal::of("Mount.Target")
            .because(format!("a container can have {MAX_MOUNTS} mounts")));
    }
    Ok(Mounts {
        mounts: judge.mounts,
        tmpfs,
        volumes_from,
    })
}

struct Judge<'a> {
    identity: &'a Identity,
    facts: &'a CreateFacts,
    ceiling: tmpfs::Ceiling,
    targets: BTreeSet<String>,
    mounts: Vec<Mount>,
}

impl Judge<'_> {
    /// `/path`, `NAME:/path[:options]` or `/host/path:/path[:options]`.
    fn bind(&mut self, bind: &str) -> Result<(), Refusal> {
        let parts: Vec<&str> = bind.split(':').collect();
        let (source, target, options) = match parts.as_slice() {
            // A path alone is an anonymous volume.
            [target] => ("", *target, ""),
            [source, target] if !source.is_empty() => (*source, *target, ""),
            [source, target, options] if !source.is_empty() => (*source, *target, *options),
            _ => {
                return Err(Refusal::invalid(format!(
                    "invalid volume specification: '{bind}'"
                )));
            }
        };
        host_path(source)?;
        let mut mount = Mount {
            r#type: "volume".into(),
            source: source.to_owned(),
            target: target.to_owned(),
            ..Mount::default()
        };
        for option in options.split(',').filter(|option| !option.is_empty()) {
            match option {
                "rw" | "consistent" | "cached" | "delegated" | "rprivate" | "private" => {}
                "ro" => mount.read_only = true,
                "nocopy" => {
                    mount.volume_options = Some(VolumeOptions {
                        no_copy: true,
                        ..VolumeOptions::default()
                    });
                }
                "z" | "Z" => {
                    return Err(Refusal::value("HostConfig.Binds", option)
                        .because("the engine would relabel files as root"));
                }
                other => {
                    return Err(Refusal::value("HostConfig.Binds", other)
                        .because("this option of a volume is refused"));
                }
            }
        }
        self.volume(mount).map_err(|refusal| match refusal.status {
            400 if refusal.why.starts_with("invalid mount config") => Refusal::invalid(format!(
                "invalid volume specification: '{bind}': {}",
                refusal.why
            )),
            _ => refusal,
        })
    }

    fn mount(&mut self, mount: Mount) -> Result<(), Refusal> {
        let Mount {
            r#type,
            source,
            target,
            read_only,
            // Said by macOS users; the engine ignores it.
            consistency: _,
            bind_options,
            volume_options,
            tmpfs_options,
            image_options,
            cluster_options,
        } = mount;
        let kind = r#type.as_str();
        if !is_zero(&cluster_options) || !is_zero(&image_options) {
            return Err(Refusal::value("HostConfig.Mounts", kind));
        }
        if !is_zero(&bind_options) && kind != "bind" {
            return Err(
                Refusal::value("HostConfig.Mounts", kind).because("it has options of a bind")
            );
        }
        match kind {
            "volume" => {
                let mount = Mount {
                    r#type,
                    source,
                    target,
                    read_only,
                    volume_options,
                    ..Mount::default()
                };
                self.volume(mount)
            }
            "tmpfs" => {
                self.target(&target)?;
                let options = self
                    .ceiling
                    .judge_mount(tmpfs_options.unwrap_or_default())?;
                self.mounts.push(Mount {
                    r#type,
                    target,
                    read_only,
                    tmpfs_options: Some(options),
                    ..Mount::default()
                });
                Ok(())
            }
            "bind" => {
                host_path(&source).map_err(|refusal| as_mount(refusal, &source))?;
                Err(as_mount(
                    Refusal::value("HostConfig.Binds", &source),
                    &source,
                ))
            }
            other => Err(Refusal::value("HostConfig.Mounts", other)),
        }
    }

    /// A named volume of the space, or an anonymous one when the source is empty.
    fn volume(&mut self, mount: Mount) -> Result<(), Refusal> {
        let Mount {
            source,
            target,
            read_only,
            volume_options,
            ..
        } = mount;
        self.target(&target)?;
        let VolumeOptions {
            no_copy,
            labels,
            driver_config,
            subpath,
        } = volume_options.unwrap_or_default();
        process::labels("Config.Labels", &labels)?;
        if subpath.starts_with('/') || !is_straight(&subpath) {
            return Err(Refusal::value("Mount.Target", subpath));
        }
        if source.is_empty() && !subpath.is_empty() {
            return Err(Refusal::invalid(
                "invalid mount config for type \"volume\": must not set Subpath when using anonymous volumes",
            ));
        }
        let source = match source.as_str() {
            "" => source,
            typed => self.named(typed)?,
        };
        // One that is there keeps what it is made of; one that the engine makes
        // gets its owner's labels in the same step.
        let options = VolumeOptions {
            no_copy,
            labels: self.identity.labelled(labels),
            driver_config: self.driver(driver_config)?,
            subpath,
        };
        self.push_volume(source, target, read_only, options);
        Ok(())
    }

    /// The real name of a volume, which must be the caller's if there is one.
    fn named(&self, typed: &str) -> Result<String, Refusal> {
        volume::name(typed)?;
        match self.facts.volumes.get(typed) {
            Some(VolumeFact::Own(real)) => Ok(real.clone()),
            Some(VolumeFact::Absent) => Ok(self.identity.space.real_name(typed)),
            Some(VolumeFact::Foreign) => Err(Refusal {
                status: 409,
                ..Refusal::value("Volume.Name", typed)
                    .because("a volume of that name exists that dock did not make")
            }),
            None => Err(Refusal::invalid(format!(
                "the volume {typed} was not looked up"
            ))),
        }
    }

    fn driver(&self, asked: Option<DriverConfig>) -> Result<Option<DriverConfig>, Refusal> {
        let DriverConfig { name, options } = asked.unwrap_or_default();
        volume::driver("HostConfig.VolumeDriver", &name)?;
        let options = volume::options("Mount.VolumeOptions", &self.ceiling, &options)?;
        Ok((!options.is_empty()).then(|| DriverConfig {
            name: "local".into(),
            options,
        }))
    }

    /// `-v /path`, and the image's own.
    fn anonymous(&mut self, target: &str) {
        let options = VolumeOptions {
            labels: self.identity.labelled(BTreeMap::new()),
            ..VolumeOptions::default()
        };
        self.push_volume(String::new(), target.to_owned(), false, options);
    }

    fn push_volume(
        &mut self,
        source: String,
        target: String,
        read_only: bool,
        options: VolumeOptions,
    ) {
        self.mounts.push(Mount {
            r#type: "volume".into(),
            source,
            target,
            read_only,
            volume_options: Some(options),
            ..Mount::default()
        });
    }

    /// Notes a mount point; each can be used once.
    fn target(&mut self, path: &str) -> Result<(), Refusal> {
        let cleaned = clean(path);
        let inside = |folder: &str| cleaned == folder || cleaned.starts_with(&format!("{folder}/"));
        let engines = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];
        let kernels =
            inside("/proc") || inside("/sys") || (inside("/dev") && cleaned != "/dev/shm");
        if !path.starts_with('/') || path.contains(':') {
            return Err(Refusal::invalid(format!(
                "invalid mount config for type \"volume\": invalid mount path: '{path}' mount path must be absolute"
            )));
        }
        if cleaned == "/" || !is_straight(path) || kernels || engines.contains(&cleaned.as_str()) {
            return Err(Refusal::value("Mount.Target", path));
        }
        if !self.targets.insert(cleaned) {
            return Err(Refusal::invalid(format!("Duplicate mount point: {path}")));
        }
        Ok(())
    }
}

/// The same refusal for somebody who typed `--mount`.
fn as_mount(refusal: Refusal, source: &str) -> Refusal {
    let what = Refusal::value("HostConfig.Mounts", source).what;
    Refusal { what, ..refusal }
}

/// A path of the host as a source: not served yet.
fn host_path(source: &str) -> Result<(), Refusal> {
    if !source.starts_with(['/', '.', '~']) {
        return Ok(());
    }
    if matches!(
        clean(source).as_str(),
        "/var/run/docker.sock" | "/run/docker.sock"
    ) {
        return Err(Refusal::of("Mount.Docker"));
    }
    Err(Refusal::value("HostConfig.Binds", source))
}

/// Whether a field that nothing reads was left unset.
pub(super) fn is_zero(value: &Any) -> bool {
    match value {
        Any::Null | Any::Bool(false) => true,
        Any::Bool(true) => false,
        Any::Number(number) => number.as_f64() == Some(0.0),
        Any::String(text) => text.is_empty(),
        Any::Array(list) => list.is_empty(),
        Any::Object(members) => members.values().all(is_zero),
    }
}
