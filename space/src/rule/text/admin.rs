//! Rules of admins.

/// Sorted by id.
pub(super) static RULES: &[(&str, &str)] = &[
    (
        "admin.files",
        "Members of the admin group archive and restore the files of every space. A volume or \
         container that nobody owns was made by root, past dock: its files are root's, and who \
         changes those of a privileged container becomes root. Root can do so.",
    ),
    (
        "admin.unowned",
        "Members of the admin group see and end everything, and do not become root by it. A \
         container that nobody owns was made by root, past dock, and may be privileged or hold the \
         host's folders: whoever starts it or runs a command in it would be root. Root can do so, \
         with `dock admin start` or with docker itself.",
    ),
];
