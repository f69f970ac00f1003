//! Any folder comes back as it was.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;

use super::given::{Place, time};
use super::{Form, packed, unpacked};

/// Something in a folder.
#[derive(Clone, Debug)]
enum Thing {
    File {
        size: u64,
        data: Vec<(u64, Vec<u8>)>,
    },
    Folder(Vec<(Vec<u8>, Thing)>),
    Link,
    Symlink(Vec<u8>),
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("", |byte| !matches!(byte, 0 | b'/'));
    prop_oneof![
        4 => prop::collection::vec(byte, 1..12),
        1 => (1usize..=255).prop_map(|length| vec![b'n'; length]),
    ]
    .prop_filter("", |name| name != b"." && name != b"..")
}

fn things() -> impl Strategy<Value = Vec<(Vec<u8>, Thing)>> {
    let data = prop::collection::vec(
        (0u64..2 << 20, prop::collection::vec(any::<u8>(), 1..900)),
        0..4,
    );
    let leaf = prop_oneof![
        (0u64..3 << 20, data).prop_map(|(size, data)| Thing::File { size, data }),
        Just(Thing::Link),
        name().prop_map(Thing::Symlink),
    ];
    let thing = leaf.prop_recursive(4, 24, 6, |inner| {
        prop::collection::vec((name(), inner), 0..6).prop_map(Thing::Folder)
    });
    prop::collection::vec((name(), thing), 0..8)
}

fn make(folder: &Path, things: &[(Vec<u8>, Thing)], top: &Path) {
    for (number, (name, thing)) in things.iter().enumerate() {
        let path = folder.join(OsStr::from_bytes(name));
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match thing {
            Thing::File { size, data } => {
                let file = File::create(&path).unwrap();
                for (at, bytes) in data {
                    file.write_all_at(bytes, *at).unwrap();
                }
                file.set_len(*size).unwrap();
                let mode = 0o600 | (number as u32 * 0o111) & 0o177;
                file.set_permissions(PermissionsExt::from_mode(mode))
                    .unwrap();
            }
            Thing::Folder(inner) => {
                fs::create_dir(&path).unwrap();
                make(&path, inner, top);
            }
            Thing::Link => fs::hard_link(top.join("linked"), &path).unwrap(),
            Thing::Symlink(target) => symlink(OsStr::from_bytes(target), &path).unwrap(),
        }
        let number = i64::try_from(number).unwrap();
        time(&path, number * 1_000_000_000 - 3, number * 100_000_001);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_folder_comes_back(things in things()) {
        let (one, other) = (Place::new(), Place::new());
        fs::write(one.path("linked"), "linked").unwrap();
        make(one.top(), &things, one.top());
        let (bytes, facts) = packed(&one, Form::Volume);
        prop_assert!(facts.left_out.is_nothing());
        unpacked(&bytes, &other, Form::Volume).unwrap();
        prop_assert_eq!(packed(&other, Form::Volume).0, bytes);
    }
}
