//! What the spaces use, as the kernel has summed it up: counters, not rates.
//!
//! Whoever wants a rate asks twice and divides by the difference of
//! [`Usage::at`].

use serde::{Deserialize, Serialize};

use super::Owner;

/// `GET /dock/usage`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Nanoseconds by a clock that only goes forward.
    pub at: u64,
    pub host: HostUsage,
    /// Spaces that have a cgroup, or had disk when it was last measured.
    pub spaces: Vec<SpaceUsage>,
    /// When the disk was measured, seconds since 1970; none when it never was.
    pub disk_measured: Option<i64>,
}

/// The whole host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostUsage {
    pub cpus: u32,
    /// Bytes.
    pub memory_total: u64,
    pub used: Counters,
}

/// What is used of everything that a cgroup or the host counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Nanoseconds of CPU time, ever.
    pub cpu: u64,
    /// Bytes now, without what the kernel can take back at once, as docker counts.
    pub memory: u64,
    /// Processes and threads now.
    pub pids: u64,
    /// Bytes received by the networks of what runs now.
    pub net_received: u64,
    pub net_sent: u64,
    /// Bytes read from block devices, ever.
    pub block_read: u64,
    pub block_written: u64,
}

/// One space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceUsage {
    pub owner: Owner,
    pub used: Counters,
    /// Bytes; none where there is no limit.
    pub memory_limit: Option<u64>,
    /// Containers that run.
    pub running: usize,
    /// Bytes of writable layers and volumes, when they were last measured.
    pub disk: Option<i64>,
    /// Containers that run, when asked for.
    pub containers: Vec<ContainerUsage>,
}

/// One container that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerUsage {
    /// The engine's 64 hex digits.
    pub id: String,
    /// As its owner named it; empty when names were not asked for, or the
    /// engine does not know the container (any more).
    pub name: String,
    pub used: Counters,
    pub memory_limit: Option<u64>,
    /// Bytes of the writable layer, when they were last measured.
    pub disk: Option<i64>,
    /// Its processes, when asked for.
    pub pids: Vec<u32>,
}
