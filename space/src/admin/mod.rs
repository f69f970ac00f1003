//! What the admin gate's own routes carry, as JSON: one type a message, written
//! by the gate and read by `dock admin`.
//!
//! Both programs are installed together, so a message is not versioned; a
//! field that is missing or unknown is an error that names it.

mod object;
mod owner;
mod space;
mod usage;

pub use object::{Container, Image, Network, Port, Volume};
pub use owner::Owner;
pub use space::{Acting, Held, SpaceRow};
pub use usage::{ContainerUsage, Counters, HostUsage, SpaceUsage, Usage};
