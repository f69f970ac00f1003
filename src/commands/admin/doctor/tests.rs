//! A perfect host, and every fault in turn: each is found by its own check.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dock_space::admin::host::{
    Checked, Daemon, Engine, Excerpt, Host, Kind, Place, Process, Role, Stat, Word,
};
use dock_space::admin::{Owner, SpaceRow};
use dock_space::config::Config;

use super::facts::{Facts, Group, Groups, Home, Kernel, Network, Route};
use super::{Check, THEMES};
use crate::check::{Outcome, Status};

const GATE: &str = "/usr/local/libexec/dock-gate";

fn stat(kind: Kind, gid: u32, mode: u32) -> Stat {
    Stat {
        kind,
        uid: 0,
        gid,
        mode,
    }
}

fn place(role: Role, path: &str, stat: Stat) -> Place {
    Place {
        role,
        path: path.into(),
        found: Ok(Some(stat)),
    }
}

fn excerpt(path: &str, lines: &[&str]) -> Excerpt {
    Excerpt {
        path: path.into(),
        stat: Some(stat(Kind::File, 0, 0o440)),
        lines: Ok(lines.iter().map(ToString::to_string).collect()),
    }
}

fn group(gid: u32, name: &str, members: &[&str]) -> Group {
    Group {
        gid,
        name: name.into(),
        members: members.iter().map(ToString::to_string).collect(),
    }
}

fn owner() -> Option<Owner> {
    Some(Owner {
        space: "u1001".into(),
        login: "alice".into(),
    })
}

fn container(owner: Option<Owner>) -> Checked {
    Checked {
        name: "web".into(),
        owner,
        privileged: false,
        shares: vec![],
        binds: vec!["/home/alice/data".into()],
        capabilities: vec![],
        log_driver: "json-file".into(),
        log_max_size: Some("50m".into()),
    }
}

fn engine() -> Engine {
    Engine {
        version: "29.5.1".into(),
        containerd: Some("v2.1.9".into()),
        runc: Some("1.4.1".into()),
        data_root: "/var/lib/docker/100000.100000".into(),
        storage_driver: "overlay2".into(),
        d_type: Some(true),
        security: ["apparmor", "seccomp,profile=builtin", "userns", "cgroupns"]
            .iter()
            .map(|name| format!("name={name}"))
            .collect(),
        cgroup_driver: "systemd".into(),
        cgroup_version: "2".into(),
        memory_limit: true,
        swap_limit: true,
        cpu_quota: true,
        pids_limit: true,
        live_restore: true,
        log_driver: "json-file".into(),
        swarm: "inactive".into(),
        volume_plugins: vec!["local".into()],
        network_plugins: vec!["bridge".into(), "host".into()],
        authorization_plugins: vec![],
        default_runtime: "runc".into(),
        runtimes: vec!["runc".into()],
        insecure_registries: vec![],
        experimental: false,
        ip_forwarding: true,
        bridge_nf: None,
        firewall: Some("iptables".into()),
        icc: Some(false),
        warnings: vec![],
    }
}

fn host() -> Host {
    let folder = |gid, mode| stat(Kind::Folder, gid, mode);
    let file = |mode| stat(Kind::File, 0, mode);
    let socket = |gid, mode| stat(Kind::Socket, gid, mode);
    Host {
        places: vec![
            place(Role::Socket, "/run/docker.sock", socket(998, 0o660)),
            place(Role::Syslog, "/dev/log", socket(0, 0o666)),
            place(
                Role::ContainerdSocket,
                "/run/containerd.sock",
                socket(0, 0o660),
            ),
            place(Role::DataRoot, "/var/lib/docker", folder(0, 0o710)),
            place(Role::State, "/run/docker", folder(0, 0o711)),
            place(Role::EngineConfig, "/etc/docker/daemon.json", file(0o644)),
            place(Role::EngineConfig, "/etc/docker", folder(0, 0o755)),
            place(Role::Gate, GATE, file(0o755)),
            place(Role::AboveGate, "/usr/local/libexec", folder(0, 0o755)),
            place(Role::Dock, "/usr/local/bin/dock", file(0o755)),
            place(Role::DockState, "/var/lib/dock", folder(0, 0o700)),
            place(Role::Audit, "/var/log/dock-audit.log", file(0o600)),
        ],
        sudoers: Ok(vec![
            excerpt(
                "/etc/sudoers.d/dock",
                &[
                    "Cmnd_Alias DOCK_GATE = /usr/local/libexec/dock-gate \"\", /usr/local/libexec/dock-gate --admin",
                    "Defaults!DOCK_GATE !use_pty",
                    "Defaults!DOCK_GATE !pam_session",
                    "Defaults!DOCK_GATE !pam_setcred",
                    "%dock ALL=(root) NOPASSWD: /usr/local/libexec/dock-gate \"\"",
                    "%dock-admin ALL=(root) NOPASSWD: /usr/local/libexec/dock-gate --admin",
                    "root ALL=(root) NOPASSWD: /usr/local/libexec/dock-gate --admin",
                ],
            ),
            excerpt("/etc/sudoers", &["@includedir /etc/sudoers.d"]),
        ]),
        daemon: Ok(Some(Daemon {
            no_new_privileges: Some(true),
            log_max_size: Some("50m".into()),
            ..Daemon::default()
        })),
        process: Ok(Process {
            pid: 44,
            options: vec![word("host", "fd://")],
            listens: Ok(vec![]),
            hosts_mounts: Ok(true),
        }),
        units: Ok(vec![
            excerpt(
                "/usr/lib/systemd/system/docker.service",
                &["ExecStart=/usr/sbin/dockerd -H fd://"],
            ),
            excerpt(
                "/usr/lib/systemd/system/docker.socket",
                &["ListenStream=/run/docker.sock", "SocketMode=0660"],
            ),
        ]),
        jobs: Ok(vec![]),
        engine: Ok(engine()),
        containers: Ok(vec![container(owner()), container(None)]),
    }
}

fn word(name: &str, value: &str) -> Word {
    Word {
        name: name.into(),
        value: value.into(),
    }
}

fn perfect() -> Facts {
    Facts {
        host: Ok(host()),
        spaces: Ok(vec![space()]),
        config: Ok(Config::default()),
        gate: GATE.into(),
        docker: Ok("/usr/bin/docker".into()),
        groups: Groups {
            dock: Ok(Some(group(997, "dock", &["alice"]))),
            admin: Ok(Some(group(996, "dock-admin", &[]))),
            holders: Ok(vec![group(998, "docker", &[])]),
        },
        kernel: Kernel {
            release: "6.12.1-amd64".into(),
            settings: BTreeMap::from([
                ("fs.inotify.max_user_instances", 8192),
                ("fs.inotify.max_user_watches", 1_048_576),
                ("kernel.pid_max", 4_194_304),
                ("user.max_user_namespaces", 65_536),
            ]),
            systemd: true,
        },
        homes: Ok(vec![Home {
            place: "/home".into(),
            kind: "ext4".into(),
            options: vec!["rw".into(), "nosuid".into(), "nodev".into()],
        }]),
        network: Network {
            name: "host".into(),
            resolved: Ok(Duration::from_millis(1)),
            routes: Ok(vec![
                route("eth0", [0; 4], [0; 4]),
                route("eth0", [192, 168, 1, 0], [255, 255, 255, 0]),
                route("br-1a2b", [10, 128, 0, 0], [255, 255, 255, 0]),
            ]),
            output: Ok("-A OUTPUT -d 10.128.0.0/9 -m owner --gid-owner 997 -j REJECT".into()),
            firewalld: false,
        },
    }
}

fn route(device: &str, first: [u8; 4], mask: [u8; 4]) -> Route {
    Route {
        first: first.into(),
        mask: mask.into(),
        device: device.into(),
    }
}

fn space() -> SpaceRow {
    SpaceRow {
        owner: owner().unwrap(),
        full_name: "Alice".into(),
        account: true,
        organisation: None,
        author: "alice".into(),
        index: Some(0),
        containers: 1,
        running: 1,
        images: 0,
        volumes: 0,
        networks: 0,
        ports: vec![],
        disk: None,
        last_use: None,
    }
}

fn table() -> Vec<&'static Check<Facts>> {
    THEMES.iter().copied().flatten().collect()
}

fn outcomes(facts: &Facts) -> Vec<Outcome> {
    table().iter().map(|check| check.run(facts)).collect()
}

/// What is neither fine nor skipped.
fn noticed(facts: &Facts) -> Vec<&'static str> {
    let fine = |status| matches!(status, Status::Ok | Status::Skipped);
    let outcomes = outcomes(facts).into_iter();
    let noticed = outcomes.filter(|outcome| !fine(outcome.status));
    noticed.map(|outcome| outcome.id).collect()
}

fn gate_says(facts: &mut Facts) -> &mut Host {
    facts.host.as_mut().unwrap()
}

fn engine_says(facts: &mut Facts) -> &mut Engine {
    gate_says(facts).engine.as_mut().unwrap()
}

fn process(facts: &mut Facts) -> &mut Process {
    gate_says(facts).process.as_mut().unwrap()
}

fn daemon(facts: &mut Facts) -> &mut Daemon {
    gate_says(facts).daemon.as_mut().unwrap().as_mut().unwrap()
}

fn at(facts: &mut Facts, role: Role) -> &mut Stat {
    let mut places = gate_says(facts).places.iter_mut();
    let place = places.find(|place| place.role == role).unwrap();
    place.found.as_mut().unwrap().as_mut().unwrap()
}

fn sudo_lines<'a>(facts: &'a mut Facts, path: &str) -> &'a mut Vec<String> {
    let files = gate_says(facts).sudoers.as_mut().unwrap();
    let file = files.iter_mut().find(|file| file.path == path).unwrap();
    file.lines.as_mut().unwrap()
}

fn unit_line(facts: &mut Facts, path: &str, line: &str) {
    gate_says(facts)
        .units
        .as_mut()
        .unwrap()
        .push(excerpt(path, &[line]));
}

fn unowned(facts: &mut Facts) -> &mut Checked {
    &mut gate_says(facts).containers.as_mut().unwrap()[1]
}

fn security(facts: &mut Facts, name: &str) {
    engine_says(facts)
        .security
        .retain(|one| !one.contains(name));
}

type Fault = (&'static str, fn(&mut Facts));

/// Each row: the check, and what is done to a perfect host.
const FAULTS: &[Fault] = &[
    ("access.docker-group", |it| {
        it.groups.holders = Ok(vec![group(998, "docker", &["bob"])]);
    }),
    ("access.socket", |it| at(it, Role::Socket).mode = 0o666),
    ("access.socket", |it| at(it, Role::Socket).uid = 1001),
    ("access.containerd-socket", |it| {
        at(it, Role::ContainerdSocket).gid = 998
    }),
    ("access.engine-config", |it| {
        at(it, Role::EngineConfig).mode = 0o646
    }),
    ("access.dock-group", |it| it.groups.dock = Ok(None)),
    ("access.admin-group", |it| it.groups.admin = Ok(None)),
    ("access.socket-missing", |it| {
        at(it, Role::Socket).kind = Kind::File
    }),
    ("sudo.rule", |it| {
        sudo_lines(it, "/etc/sudoers.d/dock").retain(|line| !line.starts_with("%dock "));
    }),
    ("sudo.rule", |it| {
        // The configuration was changed and the rule was not.
        it.config.as_mut().unwrap().access.admin_group = "wheel".into();
        sudo_lines(it, "/etc/sudoers.d/dock").retain(|line| !line.starts_with("%dock-admin"));
    }),
    ("sudo.drift", |it| {
        let lines = sudo_lines(it, "/etc/sudoers.d/dock");
        lines.push("%dock ALL=(ALL) NOPASSWD: ALL".into());
    }),
    ("sudo.mode", |it| {
        let files = gate_says(it).sudoers.as_mut().unwrap();
        files[0].stat = Some(stat(Kind::File, 0, 0o646));
    }),
    ("sudo.others", |it| {
        sudo_lines(it, "/etc/sudoers").push("%dock ALL=(ALL) ALL".into());
    }),
    ("sudo.docker", |it| {
        sudo_lines(it, "/etc/sudoers").push("bob ALL=(root) NOPASSWD: /usr/bin/docker".into());
    }),
    ("sudo.include", |it| sudo_lines(it, "/etc/sudoers").clear()),
    ("sudo.settings", |it| {
        sudo_lines(it, "/etc/sudoers.d/dock").retain(|line| !line.ends_with("!use_pty"));
    }),
    ("files.config", |it| {
        it.config = Err("/etc/dock/dock.toml:3: unknown key".into())
    }),
    ("files.gate", |it| at(it, Role::Gate).mode = 0o777),
    ("files.gate", |it| at(it, Role::Gate).uid = 1001),
    ("files.above-gate", |it| {
        at(it, Role::AboveGate).mode = 0o757
    }),
    ("files.dock", |it| {
        let dock = at(it, Role::Dock);
        (dock.gid, dock.mode) = (1001, 0o775);
    }),
    ("files.dock-state", |it| {
        at(it, Role::DockState).mode = 0o777
    }),
    ("files.data-root", |it| at(it, Role::DataRoot).mode = 0o711),
    ("files.state", |it| at(it, Role::State).mode = 0o755),
    ("files.units", |it| {
        gate_says(it).units.as_mut().unwrap()[0].stat = Some(stat(Kind::File, 0, 0o666));
    }),
    ("files.docker", |it| it.docker = Err("no docker CLI".into())),
    ("engine.rootless", |it| {
        engine_says(it).security.push("name=rootless".into())
    }),
    ("engine.tcp-file", |it| {
        daemon(it).hosts = vec!["tcp://0.0.0.0:2375".into()]
    }),
    ("engine.tcp-words", |it| {
        process(it).options.push(word("host", ":2375"))
    }),
    ("engine.tcp-units", |it| {
        let path = "/etc/systemd/system/docker.service.d/tcp.conf";
        unit_line(
            it,
            path,
            "ExecStart=/usr/sbin/dockerd -H fd:// -H tcp://:2375",
        );
    }),
    ("engine.tcp-units", |it| {
        let path = "/etc/systemd/system/docker.socket.d/tcp.conf";
        unit_line(it, path, "ListenStream=2375");
    }),
    ("engine.tcp-open", |it| {
        process(it).listens = Ok(vec!["0.0.0.0:2375".into()])
    }),
    ("engine.tcp-tls", |it| {
        daemon(it).tlsverify = Some(true);
        daemon(it).hosts = vec!["tcp://0.0.0.0:2376".into()];
        process(it).listens = Ok(vec!["0.0.0.0:2376".into()]);
    }),
    ("engine.socket-unit", |it| {
        let path = "/etc/systemd/system/docker.socket.d/open.conf";
        unit_line(it, path, "SocketMode=0666");
    }),
    ("engine.live-restore", |it| {
        engine_says(it).live_restore = false
    }),
    ("engine.swarm", |it| {
        engine_says(it).swarm = "active".into();
        process(it).listens = Ok(vec!["[::]:2377".into(), "[::]:7946".into()]);
    }),
    ("engine.authorization", |it| {
        engine_says(it).authorization_plugins = vec!["opa".into()];
    }),
    ("engine.plugins", |it| {
        engine_says(it).volume_plugins.push("sshfs".into())
    }),
    ("engine.insecure-registry", |it| {
        engine_says(it).insecure_registries = vec!["lab:5000".into()];
    }),
    ("engine.experimental", |it| {
        engine_says(it).experimental = true
    }),
    ("engine.storage", |it| {
        engine_says(it).storage_driver = "vfs".into()
    }),
    ("engine.storage", |it| engine_says(it).d_type = Some(false)),
    ("engine.mounts", |it| process(it).hosts_mounts = Ok(false)),
    ("engine.warnings", |it| {
        engine_says(it).warnings =
            vec!["WARNING: No blkio throttle.read_bps_device support".into()];
    }),
    ("runtime.userns", |it| security(it, "userns")),
    ("runtime.seccomp", |it| security(it, "seccomp")),
    ("runtime.seccomp", |it| {
        security(it, "seccomp");
        engine_says(it)
            .security
            .push("name=seccomp,profile=unconfined".into());
    }),
    ("runtime.lsm", |it| security(it, "apparmor")),
    ("runtime.no-new-privileges", |it| {
        daemon(it).no_new_privileges = None
    }),
    ("runtime.cgroupns", |it| security(it, "cgroupns")),
    ("runtime.default", |it| {
        engine_says(it).default_runtime = "nvidia".into()
    }),
    ("containers.of-spaces", |it| {
        gate_says(it).containers.as_mut().unwrap()[0].privileged = true;
    }),
    ("containers.of-spaces", |it| {
        let containers = gate_says(it).containers.as_mut().unwrap();
        containers[0].binds.push("/var/run/docker.sock".into());
    }),
    ("containers.privileged", |it| unowned(it).privileged = true),
    ("containers.namespaces", |it| {
        unowned(it).shares = vec!["pid".into()]
    }),
    ("containers.socket", |it| {
        unowned(it).binds = vec!["/run/docker.sock".into()]
    }),
    ("containers.folders", |it| {
        unowned(it).binds = vec!["/".into()]
    }),
    ("containers.capabilities", |it| {
        unowned(it).capabilities = vec!["CAP_SYS_ADMIN".into()];
    }),
    ("containers.logs", |it| unowned(it).log_max_size = None),
    ("version.engine", |it| {
        engine_says(it).version = "29.5.0".into()
    }),
    ("version.containerd", |it| {
        engine_says(it).containerd = Some("1.6.20~ds1".into())
    }),
    ("version.runc", |it| {
        engine_says(it).runc = Some("1.1.5+ds1".into())
    }),
    ("kernel.inotify-instances", |it| {
        it.kernel
            .settings
            .insert("fs.inotify.max_user_instances", 128);
    }),
    ("kernel.inotify-watches", |it| {
        it.kernel
            .settings
            .insert("fs.inotify.max_user_watches", 8192);
    }),
    ("kernel.pid-max", |it| {
        it.kernel.settings.insert("kernel.pid_max", 32_768);
    }),
    ("kernel.user-namespaces", |it| {
        it.kernel.settings.insert("user.max_user_namespaces", 0);
    }),
    ("kernel.unprivileged-namespaces", |it| {
        it.kernel
            .settings
            .insert("kernel.unprivileged_userns_clone", 1);
    }),
    ("cgroups.limits", |it| engine_says(it).memory_limit = false),
    ("cgroups.swap", |it| engine_says(it).swap_limit = false),
    ("cgroups.version", |it| {
        engine_says(it).cgroup_version = "1".into()
    }),
    ("cgroups.driver", |it| {
        engine_says(it).cgroup_driver = "cgroupfs".into()
    }),
    ("cgroups.driver", |it| it.kernel.systemd = false),
    ("network.iptables", |it| daemon(it).iptables = Some(false)),
    ("network.iptables", |it| {
        process(it).options.push(word("iptables", "false"))
    }),
    ("network.forwarding", |it| {
        engine_says(it).ip_forwarding = false
    }),
    ("network.icc", |it| engine_says(it).icc = Some(true)),
    ("network.reach", |it| {
        it.network.output = Ok("-P OUTPUT ACCEPT".into())
    }),
    ("network.resolution", |it| {
        it.network.resolved = Ok(Duration::from_secs(5))
    }),
    ("network.resolution", |it| {
        it.network.resolved = Err("not known".into())
    }),
    ("network.pool", |it| {
        let routes = it.network.routes.as_mut().unwrap();
        routes.push(route("eth1", [10, 200, 0, 0], [255, 255, 0, 0]));
    }),
    ("network.pool", |it| {
        let routes = it.network.routes.as_mut().unwrap();
        routes.push(route("eth1", [10, 0, 0, 0], [255, 0, 0, 0]));
    }),
    ("logs.limit", |it| daemon(it).log_max_size = None),
    ("logs.audit", |it| at(it, Role::Audit).mode = 0o666),
    ("logs.syslog", |it| at(it, Role::Syslog).kind = Kind::File),
    ("jobs.prune", |it| {
        let line = "0 3 * * 0 root docker system prune -af";
        gate_says(it).jobs = Ok(vec![excerpt("/etc/cron.d/clean", &[line])]);
    }),
    ("homes.mapped", |it| {
        it.homes.as_mut().unwrap()[0].kind = "nfs4".into()
    }),
    ("homes.options", |it| {
        it.homes.as_mut().unwrap()[0].options.clear()
    }),
    ("homes.gone", |it| {
        it.spaces.as_mut().unwrap()[0].account = false
    }),
];

/// Faults that come with another, or stand in the way of others' answers.
const ALONE: [&str; 7] = [
    // Without a gate hardly anything is known.
    "sudo.gate",
    // Without an engine nothing that it says is known.
    "engine.answers",
    // An old kernel is old in every way.
    "kernel.mapped-mounts",
    "kernel.release-agent",
    // Only engines that have other holes have these.
    "network.bridge-nf",
    "version.firewalld",
    // Never judged: nobody tells its version.
    "version.buildkit",
];

#[test]
fn a_perfect_host_has_no_finding_and_leaves_nothing_unknown() {
    assert_eq!(noticed(&perfect()), [""; 0]);
}

#[test]
fn each_fault_is_found_by_its_own_check_and_no_other() {
    for (id, plant) in FAULTS {
        let mut facts = perfect();
        plant(&mut facts);
        assert_eq!(noticed(&facts), [*id]);
    }
}

#[test]
fn every_check_has_a_fault_that_it_finds() {
    let planted: BTreeSet<&str> = FAULTS.iter().map(|(id, _)| *id).chain(ALONE).collect();
    let checks: BTreeSet<&str> = table().iter().map(|check| check.id).collect();
    assert_eq!(planted, checks);
    assert_eq!(checks.len(), table().len(), "an id stands twice");
}

#[test]
fn old_kernels_and_engines_are_found() {
    let mut facts = perfect();
    facts.kernel.release = "5.10.0-28-amd64".into();
    assert_eq!(noticed(&facts), ["kernel.mapped-mounts", "homes.mapped"]);
    engine_says(&mut facts).cgroup_version = "1".into();
    assert!(noticed(&facts).contains(&"kernel.release-agent"));

    let mut facts = perfect();
    engine_says(&mut facts).version = "20.10.24+dfsg1".into();
    engine_says(&mut facts).bridge_nf = Some(false);
    assert_eq!(noticed(&facts), ["version.engine", "network.bridge-nf"]);
    engine_says(&mut facts).bridge_nf = Some(true);
    facts.network.firewalld = true;
    assert_eq!(noticed(&facts), ["version.engine", "version.firewalld"]);
}

#[test]
fn what_cannot_be_found_out_is_unknown_and_never_fine() {
    let mut facts = perfect();
    gate_says(&mut facts).engine = Err("nobody listens".into());
    let outcome = |facts: &Facts, id: &str| {
        let found = outcomes(facts).into_iter().find(|outcome| outcome.id == id);
        found.unwrap()
    };
    assert_eq!(outcome(&facts, "engine.answers").status, Status::Error);
    let userns = outcome(&facts, "runtime.userns");
    assert_eq!(userns.status, Status::Unknown);
    assert_eq!(userns.evidence, ["nobody listens"]);

    facts.host = Err("no gate".into());
    assert_eq!(outcome(&facts, "sudo.gate").status, Status::Error);
    assert_eq!(
        outcome(&facts, "access.docker-group").status,
        Status::Unknown
    );
    let from_the_gate = outcomes(&facts)
        .into_iter()
        .filter(|outcome| outcome.status == Status::Unknown && outcome.evidence == ["no gate"]);
    assert!(from_the_gate.count() > 40);
    assert_eq!(outcome(&facts, "engine.answers").status, Status::Unknown);
    assert_eq!(outcome(&facts, "kernel.pid-max").status, Status::Ok);

    // A job that is found counts, although another file cannot be read.
    let mut facts = perfect();
    let mut unread = excerpt("/etc/cron.d/x", &[]);
    unread.lines = Err("it is a link".into());
    gate_says(&mut facts).jobs = Ok(vec![unread]);
    assert_eq!(outcome(&facts, "jobs.prune").status, Status::Unknown);
    let job = excerpt("/etc/cron.d/y", &["docker rmi x"]);
    gate_says(&mut facts).jobs.as_mut().unwrap().push(job);
    assert_eq!(outcome(&facts, "jobs.prune").status, Status::Warning);
}

#[test]
fn every_row_says_why_and_what_to_do() {
    for check in table() {
        let Check {
            id,
            title,
            why,
            remedy,
            ..
        } = check;
        let (theme, name) = id.split_once('.').unwrap();
        assert!(!theme.is_empty() && !name.is_empty(), "{id}");
        for text in [title, why, remedy] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{id}: {text}");
        }
    }
}
