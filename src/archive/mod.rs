//! Archives: their format, and how they are written, read and kept.
//!
//! One file of zstd frames whose content is one tar: `zstd -d | tar x` reads it.
//! In dependency order: [`name`] and [`about`] say whose it is, [`part`] and
//! [`manifest`] what is in it, [`tarball`] and [`frames`] know tar and zstd,
//! [`trailer`] is its end; [`writer`], [`reader`] and [`verify`] are the format,
//! and [`retention`] says which are kept.
//!
//! Around it: [`store`] is where archives lie, [`encrypt`] and [`bandwidth`] stand
//! in front of one, [`describe`] turns what a gate says of an object into what
//! makes it again, [`progress`] tells how far it is.

pub mod about;
pub(crate) mod bandwidth;
pub mod damage;
pub(crate) mod describe;
mod digest;
pub(crate) mod encrypt;
pub mod frames;
pub mod manifest;
pub mod name;
pub mod part;
pub(crate) mod progress;
pub mod reader;
pub mod retention;
pub(crate) mod store;
pub(crate) mod tally;
pub mod tarball;
pub mod trailer;
pub mod verify;
pub mod writer;
