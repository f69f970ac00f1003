//! From a socket to the engine and back.
//!
//! In the order of a request: [`listen`] accepts, [`head`] checks raw bytes,
//! [`dispatch`] finds the endpoint; [`containers`], [`create`], [`execs`], [`events`],
//! [`image_calls`], [`pull`], [`volumes`], [`system`] are the endpoints; [`resolve`], [`images`],
//! [`known`], [`last_use`], [`peer`], [`existing`], [`filter`], [`allocation`], [`lock`] look things up;
//! [`admin`] serves the admin's own routes, [`explain`] holds what was only judged;
//! [`wire`] writes what was permitted and [`engine`] sends it; [`translate`],
//! [`lines`], [`hijack`], [`stream`] bring the answer back.

mod acceptor;
mod admin;
mod allocation;
mod body;
mod call;
mod caller;
mod containers;
mod create;
mod dispatch;
mod download;
mod encode;
mod engine;
mod events;
mod execs;
mod existing;
mod explain;
mod filter;
pub mod head;
mod hijack;
mod image_calls;
mod images;
mod known;
mod last_use;
mod lines;
mod listen;
mod lock;
mod networks;
mod opaque;
mod peer;
mod prune;
mod pull;
mod random;
mod resolve;
mod stream;
mod system;
mod translate;
mod usage;
mod volumes;
mod wire;

pub(crate) use listen::serve;
