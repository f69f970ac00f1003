//! What the configuration says of one person: the layers of `dock.toml`
//! (everybody, then the person's groups, then the person) folded into one.
//!
//! A key stands in [`Layer`] or [`Containers`], and its default in
//! [`Layer::settle`]; [`Settings`] is the result.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

/// One layer: `[defaults]`, `[groups.NAME]` or `[users.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// Template of the `author` label.
    pub author: Option<String>,
    /// Text of the `org` label; empty takes away what an earlier layer gave.
    pub organisation: Option<String>,
    pub containers: Containers,
}

/// `containers`: what they may ask for beyond docker's safe defaults, and their ceilings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Containers {
    /// Capabilities that may be added beside the engine's default set (`"SYS_PTRACE"`).
    pub cap_add: Option<Vec<String>>,
    /// Devices of the host that may be given to a container, by exact path (`"/dev/fuse"`).
    pub devices: Option<Vec<String>>,
    /// Runtimes beside the engine's default one; one of NVIDIA's has to be listed.
    pub runtimes: Option<Vec<String>>,
    /// Sysctls beside those of a container's own namespaces; a `*` at the end stands for one name.
    pub sysctls: Option<Vec<String>>,
    /// Log drivers beside json-file, local and none. Of their options users
    /// can set those that name neither an address nor a file.
    pub log_drivers: Option<Vec<String>>,
    /// Size of one log file: default and ceiling (`"50m"`).
    pub log_max_size: Option<String>,
    /// Number of log files kept: default and ceiling.
    pub log_max_file: Option<u32>,
    /// Processes in one container: default and ceiling.
    pub pids_limit: Option<i64>,
    /// Bytes of memory that one container may ask for; 0: no ceiling.
    pub memory: Option<i64>,
    /// CPUs that one container may ask for; 0: no ceiling.
    pub cpus: Option<f64>,
    /// Bytes of `/dev/shm` and of one tmpfs; 0: no ceiling.
    pub shm_size: Option<i64>,
    /// Hard ceilings of `--ulimit` by name; a name without one is refused.
    pub ulimits: Option<BTreeMap<String, i64>>,
    /// Addresses of the host on which ports may be published; empty: every one.
    pub publish_addresses: Option<Vec<String>>,
    /// The lowest host port that may be asked for.
    pub first_port: Option<u16>,
    /// Published ports of one container.
    pub max_ports: Option<u32>,
}

/// What holds for one person; the fields are those of [`Containers`].
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub author: String,
    pub organisation: Option<String>,
    pub cap_add: Vec<String>,
    pub devices: Vec<String>,
    pub runtimes: Vec<String>,
    pub sysctls: Vec<String>,
    pub log_drivers: Vec<String>,
    pub log_max_size: String,
    pub log_max_file: u32,
    pub pids_limit: i64,
    pub memory: i64,
    pub cpus: f64,
    pub shm_size: i64,
    pub ulimits: BTreeMap<String, i64>,
    pub publish_addresses: Vec<String>,
    pub first_port: u16,
    pub max_ports: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Layer::default().settle()
    }
}

impl Containers {
    /// Values that could not mean what somebody wanted: an administrator hears
    /// of them, since a ceiling that is not one would hold nobody.
    ///
    /// # Errors
    /// The first such key, and why.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        let negative = [
            ("containers.memory", self.memory.is_some_and(|n| n < 0)),
            ("containers.shm_size", self.shm_size.is_some_and(|n| n < 0)),
            ("containers.cpus", self.cpus.is_some_and(is_no_number)),
        ];
        if let Some((key, _)) = negative.into_iter().find(|(_, wrong)| *wrong) {
            return Err((key, "must be 0 (no ceiling) or more".into()));
        }
        let zero = [
            (
                "containers.pids_limit",
                self.pids_limit.is_some_and(|n| n < 1),
            ),
            ("containers.log_max_file", self.log_max_file == Some(0)),
        ];
        if let Some((key, _)) = zero.into_iter().find(|(_, wrong)| *wrong) {
            return Err((key, "must be 1 or more".into()));
        }
        if let Some(text) = self.log_max_size.as_ref().filter(|text| !is_size(text)) {
            let why = format!("\"{text}\" is no size, as \"50m\" is");
            return Err(("containers.log_max_size", why));
        }
        let addresses = self.publish_addresses.iter().flatten();
        if let Some(text) = addresses
            .into_iter()
            .find(|text| text.parse::<IpAddr>().is_err())
        {
            let why = format!("\"{text}\" is no address");
            return Err(("containers.publish_addresses", why));
        }
        let mut ulimits = self.ulimits.iter().flatten();
        if let Some((name, _)) = ulimits.find(|(_, limit)| **limit < -1) {
            let why = format!("{name} must be -1 (no ceiling) or more");
            return Err(("containers.ulimits", why));
        }
        Ok(())
    }
}

/// TOML knows `nan`, which is neither more nor less than anything.
fn is_no_number(cpus: f64) -> bool {
    !cpus.is_finite() || cpus < 0.0
}

/// Bytes of `512k`, `50m`, `1g` or a number of bytes.
pub fn size(text: &str) -> Option<u64> {
    if !is_size(text) {
        return None;
    }
    let (digits, shift) = match text.as_bytes().last()? {
        b'k' => (&text[..text.len() - 1], 10),
        b'm' => (&text[..text.len() - 1], 20),
        b'g' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn is_size(text: &str) -> bool {
    let digits = text.strip_suffix(['k', 'm', 'g']).unwrap_or(text);
    (1..=9).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.bytes().any(|b| b != b'0')
}

impl Layer {
    /// This layer laid over `below`: what it says wins, what it leaves unsaid stays.
    #[must_use]
    pub fn over(self, below: Layer) -> Layer {
        let (mine, its) = (self.containers, below.containers);
        Layer {
            author: self.author.or(below.author),
            organisation: self.organisation.or(below.organisation),
            containers: Containers {
                cap_add: mine.cap_add.or(its.cap_add),
                devices: mine.devices.or(its.devices),
                runtimes: mine.runtimes.or(its.runtimes),
                sysctls: mine.sysctls.or(its.sysctls),
                log_drivers: mine.log_drivers.or(its.log_drivers),
                log_max_size: mine.log_max_size.or(its.log_max_size),
                log_max_file: mine.log_max_file.or(its.log_max_file),
                pids_limit: mine.pids_limit.or(its.pids_limit),
                memory: mine.memory.or(its.memory),
                cpus: mine.cpus.or(its.cpus),
                shm_size: mine.shm_size.or(its.shm_size),
                ulimits: mine.ulimits.or(its.ulimits),
                publish_addresses: mine.publish_addresses.or(its.publish_addresses),
                first_port: mine.first_port.or(its.first_port),
                max_ports: mine.max_ports.or(its.max_ports),
            },
        }
    }

    /// The layer with dock's defaults for what it leaves unsaid.
    pub fn settle(self) -> Settings {
        let containers = self.containers;
        Settings {
            author: self.author.unwrap_or_else(|| "{login}".to_owned()),
            organisation: self.organisation.filter(|text| !text.is_empty()),
            cap_add: containers.cap_add.unwrap_or_default(),
            devices: containers.devices.unwrap_or_default(),
            runtimes: containers.runtimes.unwrap_or_default(),
            sysctls: containers.sysctls.unwrap_or_default(),
            log_drivers: containers.log_drivers.unwrap_or_default(),
            log_max_size: containers.log_max_size.unwrap_or_else(|| "50m".to_owned()),
            log_max_file: containers.log_max_file.unwrap_or(3),
            pids_limit: containers.pids_limit.unwrap_or(4096),
            memory: containers.memory.unwrap_or(0),
            cpus: containers.cpus.unwrap_or(0.0),
            shm_size: containers.shm_size.unwrap_or(8 << 30),
            ulimits: containers.ulimits.unwrap_or_else(default_ulimits),
            publish_addresses: containers.publish_addresses.unwrap_or_default(),
            first_port: containers.first_port.unwrap_or(1024),
            max_ports: containers.max_ports.unwrap_or(64),
        }
    }
}

/// Root's runtime raises hard limits at will, so each has a ceiling; `rtprio`,
/// `rttime` and `nice` have none because they take the CPU from everybody.
fn default_ulimits() -> BTreeMap<String, i64> {
    [
        ("core", -1),
        ("cpu", -1),
        ("data", -1),
        ("fsize", -1),
        ("memlock", -1),
        ("nofile", 1_048_576),
        ("nproc", 65_536),
        ("rss", -1),
        ("stack", -1),
    ]
    .into_iter()
    .map(|(name, limit)| (name.to_owned(), limit))
    .collect()
}
