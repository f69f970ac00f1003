//! All archives of a place.

use age::x25519::Identity;
use dock_space::admin::SpaceRow;
use serde::Serialize;

use crate::archive::about::{About, Kind};
use crate::archive::name::Name;
use crate::archive::store::Store;
use crate::error::Error;
use crate::ui;

/// An archive, as far as its name tells.
#[derive(Clone, Debug, Serialize)]
pub(in crate::commands::admin) struct Row {
    pub(super) name: String,
    /// Seconds since 1970.
    pub(super) created: i64,
    pub(super) size: u64,
    pub(super) encrypted: bool,
    pub(super) protected: bool,
}

/// An archive, and what it is of, where its end can be read.
pub(in crate::commands::admin) struct Entry {
    pub(in crate::commands::admin) name: Name,
    pub(super) row: Row,
    pub(super) about: Option<About>,
}

/// What the names tell.
///
/// # Errors
/// When the place cannot be read.
pub(super) fn rows(store: &Store) -> Result<Vec<(Name, Row)>, Error> {
    let items = store.list()?;
    let rows = items.iter().filter_map(|item| {
        let name = Name::parse(&item.file)?;
        let protection = name.protection();
        let protected = items
            .binary_search_by(|other| other.file.cmp(&protection))
            .is_ok();
        let row = Row {
            name: item.file.clone(),
            created: name.moment,
            size: item.size,
            encrypted: name.encrypted,
            protected,
        };
        Some((name, row))
    });
    Ok(rows.collect())
}

/// The same, with what the ends of the files tell. One that cannot be read is
/// told of.
///
/// # Errors
/// When the place cannot be read.
pub(in crate::commands::admin) fn shelf(
    store: &Store,
    identities: &[Identity],
) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for (name, row) in rows(store)? {
        let about = match super::open(store, &row.name, identities, None) {
            Ok(opened) => Some(opened.reader.manifest.about),
            // Its name must do.
            Err(Error::Locked(_)) => None,
            Err(error @ Error::Damaged { .. }) => {
                ui::note(&format!("{error}; it is left alone"));
                continue;
            }
            Err(other) => return Err(other),
        };
        entries.push(Entry { name, row, about });
    }
    Ok(entries)
}

impl Entry {
    /// What archives are counted with: those of the same person and kind, or of
    /// the same name where nothing else is known.
    pub(super) fn series(&self) -> String {
        match &self.about {
            Some(about) => format!(
                "{}/{}/{}",
                about.space,
                about.login,
                about.container.as_deref().unwrap_or_default()
            ),
            None => self.name.stem.clone(),
        }
    }

    /// Whether it is an archive of that kind of this space.
    pub(in crate::commands::admin) fn is_of(&self, row: &SpaceRow, kind: Kind) -> bool {
        match &self.about {
            Some(about) => {
                about.space == row.owner.space
                    && about.login == row.owner.login
                    && about.kind == kind
            }
            None => {
                let organisation = row.organisation.as_deref();
                let moment = self.name.moment;
                self.name == Name::new(organisation, &row.author, None, moment, true)
            }
        }
    }
}
