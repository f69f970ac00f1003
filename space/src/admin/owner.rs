//! Whose an object is.

use serde::{Deserialize, Serialize};

/// The owner of an object, as an admin types it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// The space's name, `u1001`: it stays when the account is gone.
    pub space: String,
    /// The login by NSS, else the one of the allocation file, else the space's name.
    pub login: String,
}

impl Owner {
    /// Whether `typed` means this owner: a login or a space's name.
    pub fn is(&self, typed: &str) -> bool {
        self.login == typed || self.space == typed
    }
}
