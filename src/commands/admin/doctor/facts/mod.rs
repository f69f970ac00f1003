//! What the checks judge: the gate's facts, and what the admin's own rights show.

mod groups;
mod homes;
mod kernel;
mod network;

use std::path::PathBuf;

use dock_space::admin::SpaceRow;
use dock_space::admin::host::{
    Checked, Daemon, Engine, Excerpt, Host, Known, Place, Process, Role, Stat,
};
use dock_space::config::Config;

use crate::check::{Unknown, known};

pub(super) use groups::{Group, Groups};
pub(super) use homes::Home;
pub(super) use kernel::Kernel;
pub(super) use network::{Network, Route};

/// Everything that was gathered.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) host: Known<Host>,
    pub(super) spaces: Known<Vec<SpaceRow>>,
    pub(super) config: Known<Config>,
    /// The gate that belongs to this program.
    pub(super) gate: PathBuf,
    /// The docker CLI that dock would run, or what is wrong with it.
    pub(super) docker: Result<PathBuf, String>,
    pub(super) groups: Groups,
    pub(super) kernel: Kernel,
    /// Where the members' homes lie.
    pub(super) homes: Known<Vec<Home>>,
    pub(super) network: Network,
}

impl Facts {
    /// Gathers what needs no gate, and puts the gate's facts beside it.
    pub(super) fn gather(
        host: Known<Host>,
        spaces: Known<Vec<SpaceRow>>,
        config: Known<Config>,
        gate: PathBuf,
        docker: Result<PathBuf, String>,
    ) -> Facts {
        let network = Network::gather();
        // Where the configuration cannot be read, its defaults are looked at.
        let access = config.clone().unwrap_or_default().access;
        let groups = Groups::gather(&access, host.as_ref().ok(), spaces.as_ref().ok());
        Facts {
            homes: homes::gather(&groups),
            kernel: Kernel::gather(),
            host,
            spaces,
            config,
            gate,
            docker,
            groups,
            network,
        }
    }

    pub(super) fn host(&self) -> Result<&Host, Unknown> {
        known(&self.host)
    }

    pub(super) fn engine(&self) -> Result<&Engine, Unknown> {
        known(&self.host()?.engine)
    }

    pub(super) fn process(&self) -> Result<&Process, Unknown> {
        known(&self.host()?.process)
    }

    /// The engine's configuration file; the default where there is none.
    pub(super) fn daemon(&self) -> Result<Daemon, Unknown> {
        Ok(known(&self.host()?.daemon)?.clone().unwrap_or_default())
    }

    pub(super) fn containers(&self) -> Result<&[Checked], Unknown> {
        Ok(known(&self.host()?.containers)?)
    }

    pub(super) fn sudoers(&self) -> Result<&[Excerpt], Unknown> {
        Ok(known(&self.host()?.sudoers)?)
    }

    pub(super) fn units(&self) -> Result<&[Excerpt], Unknown> {
        Ok(known(&self.host()?.units)?)
    }

    /// The configuration as far as it can be read.
    pub(super) fn config(&self) -> Config {
        self.config.clone().unwrap_or_default()
    }

    /// The values that an option has on the engine's command line.
    pub(super) fn option(&self, name: &str) -> Result<Vec<&str>, Unknown> {
        let options = self.process()?.options.iter();
        let named = options.filter(|word| word.name == name);
        Ok(named.map(|word| word.value.as_str()).collect())
    }

    /// A switch of the engine, by its file or its command line; none when neither says.
    pub(super) fn switch(
        &self,
        name: &str,
        in_file: fn(&Daemon) -> Option<bool>,
    ) -> Result<Option<bool>, Unknown> {
        let said = self.option(name)?.last().map(|value| *value == "true");
        Ok(said.or(in_file(&self.daemon()?)))
    }

    pub(super) fn places(&self, role: Role) -> Result<impl Iterator<Item = &Place>, Unknown> {
        let places = self.host()?.places.iter();
        Ok(places.filter(move |place| place.role == role))
    }

    /// The places of a role that are there, with who may do what.
    pub(super) fn stats(&self, role: Role) -> Result<Vec<(&str, Stat)>, Unknown> {
        let mut stats = Vec::new();
        for place in self.places(role)? {
            let found = place.found.as_ref();
            let found = found.map_err(|why| Unknown(format!("'{}': {why}", place.path)))?;
            stats.extend(found.map(|stat| (place.path.as_str(), stat)));
        }
        Ok(stats)
    }
}

/// The lines of an excerpt.
pub(super) fn lines(excerpt: &Excerpt) -> Result<&[String], Unknown> {
    let lines = excerpt.lines.as_ref();
    Ok(lines.map_err(|why| Unknown(format!("'{}': {why}", excerpt.path)))?)
}

/// Whether somebody beside root can write, or who owns it is not root.
pub(super) fn others_write(stat: &Stat) -> bool {
    let by_group = stat.mode & 0o020 != 0 && stat.gid != 0;
    stat.uid != 0 || by_group || stat.mode & 0o002 != 0
}

/// A place in the words of a finding.
pub(super) fn described(path: &str, stat: &Stat) -> String {
    let Stat { uid, gid, mode, .. } = stat;
    format!("'{path}': mode {mode:04o}, uid {uid}, gid {gid}")
}
