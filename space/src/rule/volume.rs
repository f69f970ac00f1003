//! Fields of a volume that is made.

use super::{Row, check, forbid};

/// Sorted by field.
pub(super) static ROWS: &[Row] = &[
    forbid("Volume.ClusterVolumeSpec", "--type", "volume.cluster")
        .because("volumes of a swarm are not served")
        .instead("leave it out"),
    check("Volume.Driver", "--driver", "volume.driver")
        .because("volume drivers are root's programs")
        .instead("local volumes are allowed"),
    check("Volume.DriverOpts", "--opt", "volume.options")
        .because("options of volumes can mount the host")
        .instead("those of a tmpfs are allowed: type=tmpfs, device=tmpfs and o= with size, uid, gid, mode, nosuid, nodev, noexec"),
    check("Volume.Labels", "--label", "volume.label")
        .because("labels under \"dock.\" are dock's own")
        .instead("choose another prefix"),
    check("Volume.Name", "VOLUME", "volume.name")
        .because("it is longer than 200 letters")
        .instead("choose another name"),
];
