//! What the admin gate's own routes carry, as JSON: one type a message, written
//! by the gate and read by `dock admin`.
//!
//! Both programs are installed together, so a message is not versioned; a
//! field that is missing or unknown is an error that names it.

mod activity;
mod audit;
mod explained;
pub mod host;
mod object;
mod owner;
mod space;
mod transfer;
mod usage;

pub use activity::{
    Activity, Kind, Look, MAX_NOTICES, NOTICES, Notice, Seen, Warned, Warning, Warnings,
};
pub use audit::{AuditEntry, AuditLine, AuditPiece, AuditSource, AuditVerdict};
pub use explained::{Explained, Fact, Outcome};
pub use object::{Container, Image, Network, Port, Volume};
pub use owner::Owner;
pub use space::{Acting, Held, SpaceRow};
pub use transfer::{LeftOut, TRANSFER, Transfer};
pub use usage::{ContainerUsage, Counters, HostUsage, SpaceUsage, Usage};
