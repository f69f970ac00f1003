//! The labels on everything that dock makes: the schema on disk.
//!
//! `author` and `org` are plain, for people and for `--filter`. Everything
//! under `dock.` is the gate's own: clients can neither set nor see it.

/// Who made the object, in the words of the configured template.
pub const AUTHOR: &str = "author";
/// The organisation of the author, where one is configured.
pub const ORG: &str = "org";

/// Labels under this prefix are the gate's own.
pub const RESERVED_PREFIX: &str = "dock.";

/// The version of this schema, `1`.
pub const VERSION: &str = "dock.v";
/// The owning space, `u1001`.
pub const SPACE: &str = "dock.space";
/// The image reference as it was typed.
pub const IMAGE: &str = "dock.image";
/// Binds and mounts as they were typed, JSON.
pub const BINDS: &str = "dock.binds";
/// The network mode as it was typed.
pub const NET: &str = "dock.net";
/// The published ports as they were typed, JSON.
pub const PORTS: &str = "dock.ports";

/// Every reserved key: the gate sets each of them, present or empty, so that
/// an image's labels cannot.
pub const RESERVED: [&str; 6] = [VERSION, SPACE, IMAGE, BINDS, NET, PORTS];

/// Whether `key` belongs to the gate. The engine compares label keys exactly,
/// so a different case is a different, harmless label.
pub fn is_reserved(key: &str) -> bool {
    key.starts_with(RESERVED_PREFIX)
}
