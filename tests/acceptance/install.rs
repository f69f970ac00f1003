//! install.sh on hosts of several kinds: each a private copy of this one.

use std::sync::{Mutex, PoisonError};

use crate::harness::{Output, bed, root};

/// What install.sh writes, and what must not be there after a refusal.
const WRITTEN: &str = "/etc/dock /etc/sudoers.d/dock /usr/local/bin/dock \
    /usr/local/libexec/dock-gate /var/lib/dock";

/// Runs `script` on a host that never had dock, after `situation` has changed it.
/// `install` and `files` are there for the script; nothing of it remains.
fn host(situation: &str, script: &str) -> Output {
    let repository = env!("CARGO_MANIFEST_DIR");
    let target = target();
    let whole = format!(
        r#"
        place=$(mktemp -d /run/bed/host.XXXXXX)
        mount -t tmpfs tmpfs "$place"
        for folder in etc usr var; do
            mkdir -p "$place/$folder" "$place/$folder.work"
            mount -t overlay -o "lowerdir=/$folder,upperdir=$place/$folder,workdir=$place/$folder.work" \
                overlay "/$folder"
        done
        rm -rf {WRITTEN}
        for group in dock dock-admin; do
            ! getent group $group >/dev/null || groupdel $group
        done
        unset DOCKER_HOST
        install() {{ {repository}/install.sh --from {target}/debug "$@"; }}
        files() {{ find {WRITTEN} 2>/dev/null | sort; }}
        {situation}
        {script}
        "#
    );
    let own = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let script = ["bash", "-euc", whole.as_str()];
    root("unshare", own.iter().chain(&script))
        .timeout(std::time::Duration::from_secs(300))
        .output()
}

fn target() -> String {
    bed("CARGO_TARGET_DIR")
}

/// A host on which install.sh refuses: says `text`, and has written nothing.
#[track_caller]
fn refuses(situation: &str, words: &str, text: &str) {
    let output = host(situation, &format!("install {words} && exit 9; files"));
    assert_eq!(output.out(), "", "written: {output:?}");
    assert!(output.err().contains(text), "{output:?}");
    assert!(output.err().contains("\nhint: "), "no remedy: {output:?}");
}

#[test]
fn a_host_gets_all_that_dock_needs_and_nothing_twice() {
    let output = host(
        "",
        "install >/dev/null; files; getent group dock dock-admin docker",
    );
    let written = output.success();
    for path in WRITTEN.split_whitespace() {
        assert!(
            written.lines().any(|line| line == path),
            "{path}: {written}"
        );
    }
    let members: Vec<&str> = written
        .lines()
        .filter(|line| line.contains(":x:"))
        .collect();
    assert!(
        members.iter().all(|line| line.ends_with(':')),
        "{members:?}"
    );

    let sums = "(files | xargs stat -c '%n %a %U:%G'; find /etc/dock /etc/sudoers.d -type f | sort | xargs sha256sum)";
    let script = format!(
        "install >/dev/null; {sums} >/run/one; install >/dev/null; {sums} | diff /run/one -"
    );
    host("", &script).success();
}

#[test]
fn an_admins_own_configuration_stays() {
    let text = "[defaults]\nauthor = \"{uid}\"";
    let situation = format!("mkdir /etc/dock; echo '{text}' >/etc/dock/dock.toml");
    let output = host(&situation, "install >/dev/null; cat /etc/dock/dock.toml");
    assert_eq!(output.success(), text);
}

#[test]
fn uninstall_leaves_the_configuration_and_purge_leaves_nothing() {
    let output = host(
        "",
        "install >/dev/null; install --uninstall >/dev/null; files",
    );
    assert_eq!(
        output.success(),
        "/etc/dock\n/etc/dock/conf.d\n/etc/dock/dock.toml\n/var/lib/dock"
    );
    let script = "install >/dev/null; install --uninstall --purge >/dev/null; files; \
        getent group dock dock-admin || true";
    assert_eq!(host("", script).success(), "");
}

#[test]
fn the_daily_clean_up_is_a_timer_or_a_line_for_cron_and_goes_with_dock() {
    let places = "find /etc/systemd/system/dock-* /etc/cron.d/dock 2>/dev/null | sort || true";
    let run = "/usr/local/bin/dock admin prune --scheduled";
    let archive = "/usr/local/bin/dock admin archive --scheduled";
    let no_systemd = "mkdir -p /etc/cron.d; rm -rf /run/systemd/system";
    let script = format!(
        "install >/dev/null; {places}; cat /etc/cron.d/dock; install --uninstall >/dev/null; {places}"
    );
    let shown = host(no_systemd, &script).success();
    assert!(shown.starts_with("/etc/cron.d/dock\n"), "{shown}");
    assert!(
        shown.ends_with(&format!(
            "\n17 3 * * * root {archive}\n17 4 * * * root {run}"
        )),
        "{shown}"
    );
    let script = format!(
        "install --units >/dev/null; {places}; cat /etc/systemd/system/dock-*; \
         install --uninstall >/dev/null; {places}"
    );
    let shown = host(no_systemd, &script).success();
    let units = ["archive.service", "prune.service", "prune.timer"]
        .map(|unit| format!("/etc/systemd/system/dock-{unit}\n"));
    assert!(shown.starts_with(&units.concat()), "{shown}");
    for what in [run, archive] {
        assert!(shown.contains(&format!("\nExecStart={what}\n")), "{shown}");
    }
    assert!(shown.contains("\nWants=dock-archive.service\n"), "{shown}");
    assert!(shown.ends_with("\nWantedBy=timers.target"), "{shown}");
}

#[test]
fn a_user_is_added_to_dock_and_to_no_other_group() {
    let output = host("", "install --user carol >/dev/null; id -nG carol");
    assert_eq!(output.success(), "carol dock");
    refuses("", "--user nobody-here", "no user 'nobody-here'");
}

#[test]
fn another_socket_is_read_from_the_engine_and_written_down() {
    let script = "install >/dev/null; grep -A2 'engine.$' /etc/dock/dock.toml";
    let asked = "export DOCKER_HOST=unix:///var/other.sock";
    // An engine's process as /proc shows it.
    let runs = r#"
        mkdir /usr/lib/engine; cp /usr/bin/bash /usr/lib/engine/dockerd
        /usr/lib/engine/dockerd -c 'sleep 20; :' dockerd --host unix:///var/other.sock >/dev/null 2>&1 &"#;
    let configured = r#"mkdir -p /etc/docker
        echo '{"hosts": ["fd://", "unix:///var/other.sock"]}' >/etc/docker/daemon.json"#;
    for situation in [asked, runs, configured] {
        let situation = format!("ln -s /run/docker.sock /var/other.sock; {situation}");
        let shown = host(&situation, script).success();
        assert!(
            shown.starts_with("[engine]\n") && shown.contains("\nsocket = \"/var/other.sock\""),
            "{situation}: {shown}"
        );
    }
    let shown = host("", script).out();
    assert!(
        shown.starts_with("#[engine]\n") && shown.contains("\n#socket = \"/var/run/docker.sock\""),
        "{shown}"
    );
}

#[test]
fn a_sudo_that_refuses_a_setting_gets_the_rule_without_it() {
    // As sudo-rs does: some settings are unknown, some of them only said to be.
    let situation = r#"
        cp /usr/sbin/visudo /usr/sbin/visudo.real
        cat >/usr/sbin/visudo.new <<'SH'
#!/bin/sh
grep -q pam_session "$2" && { echo "syntax error: unknown setting: 'pam_session'"; exit 1; }
grep -q log_allowed "$2" && echo "unknown setting: 'log_allowed'"
exec visudo.real "$@"
SH
        chmod 755 /usr/sbin/visudo.new
        mv /usr/sbin/visudo.new /usr/sbin/visudo
    "#;
    let script =
        "install; grep -o 'GATE !.*' /etc/sudoers.d/dock; visudo.real -cf /etc/sudoers.d/dock";
    let shown = host(situation, script).success();
    for setting in ["!use_pty", "!pam_setcred", "!requiretty"] {
        assert!(shown.contains(&format!("GATE {setting}\n")), "{shown}");
    }
    for setting in ["!pam_session", "!log_allowed"] {
        assert!(!shown.contains(setting), "{shown}");
    }
    assert!(shown.contains("a small sudo process stays"), "{shown}");
}

#[test]
fn what_stands_in_for_docker_is_not_taken_for_it() {
    let script = r"echo exec /usr/bin/podman";
    let shim = format!(
        "{script} >/usr/bin/shim; chmod 755 /usr/bin/shim; mv /usr/bin/shim /usr/bin/docker"
    );
    refuses(&shim, "", "podman's stand-in");
    let link = "touch /usr/bin/podman; chmod 755 /usr/bin/podman; ln -sf podman /usr/bin/docker";
    refuses(link, "", "podman's stand-in");
    let snap = "touch /usr/bin/snap; chmod 755 /usr/bin/snap; ln -sf snap /usr/bin/docker";
    refuses(snap, "", "the docker of a snap");
    let dock = "touch /usr/bin/dock; chmod 755 /usr/bin/dock; ln -sf dock /usr/bin/docker";
    refuses(dock, "", "is a link to dock");
}

#[test]
fn a_rootless_engine_is_refused() {
    let script = r#"cat >/usr/bin/rootless <<'SH'
#!/bin/sh
case "$*" in *SecurityOptions*) echo "name=seccomp,profile=default name=rootless" ;; esac
SH
        chmod 755 /usr/bin/rootless; mv /usr/bin/rootless /usr/bin/docker"#;
    refuses(script, "", "is rootless");
    // One that runs, beside a system engine that does not answer.
    let runs = r#"
        mkdir /usr/lib/alice; cp /usr/bin/sleep /usr/lib/alice/dockerd
        runuser -u alice -- /usr/lib/alice/dockerd 20 &
        until pgrep -u alice -x dockerd >/dev/null; do sleep 0.1; done
        export DOCKER_HOST=unix:///run/nowhere.sock"#;
    refuses(runs, "", "it serves 'alice' alone");
}

#[test]
fn an_unknown_distribution_must_bring_the_packages_itself() {
    let situation = "rm /etc/os-release; echo ID=plan9 >/etc/os-release; rm /usr/sbin/visudo";
    refuses(
        situation,
        "",
        "missing here: sudo; and how this distribution (plan9) installs",
    );
    // The twin: with everything there, the distribution does not matter.
    let known = "rm /etc/os-release; echo ID=plan9 >/etc/os-release";
    host(known, "install").success();
}

#[test]
fn a_sudo_that_reads_no_drop_ins_is_refused() {
    refuses(
        "sed -i /includedir/d /etc/sudoers",
        "",
        "does not include /etc/sudoers.d",
    );
}

#[test]
fn a_place_that_others_can_write_is_refused() {
    let situation = "mkdir -p /var/open/libexec; chmod 777 /var/open";
    refuses(
        situation,
        "--prefix /var/open",
        "everybody can write '/var/open'",
    );
    let situation = "mkdir -p /var/hers; chown alice /var/hers";
    refuses(situation, "--prefix /var/hers", "'/var/hers' is not root's");
    let output = host(
        "",
        "install --prefix /var/mine >/dev/null; cat /etc/sudoers.d/dock",
    );
    let rule = output.success();
    assert!(
        rule.contains("NOPASSWD: /var/mine/libexec/dock-gate \"\"\n"),
        "{rule}"
    );
}

#[test]
fn without_programs_and_without_cargo_it_says_how_to_get_one() {
    let script = "cp /DIR/install.sh /DIR/Cargo.toml /var/; PATH=/usr/sbin:/usr/bin /var/install.sh && exit 9; files";
    let script = script.replace("/DIR", env!("CARGO_MANIFEST_DIR"));
    let output = host(
        "rm -f /usr/bin/cargo; sed -i s,:/root:,:/nonexistent:, /etc/passwd",
        &script,
    );
    assert_eq!(output.out(), "", "{output:?}");
    assert!(output.err().contains("building needs cargo "), "{output:?}");
    assert!(output.err().contains("sh.rustup.rs"), "{output:?}");
}

#[test]
fn with_systemd_the_engine_is_enabled_and_its_socket_asked_for() {
    // The engine that systemctl "starts" is the bed's, under another name.
    let situation = r#"
        mount -t tmpfs tmpfs /run/systemd
        mkdir /run/systemd/system
        cat >/usr/bin/systemctl.new <<'SH'
#!/bin/sh
echo "systemctl $*" >>/var/asked
case "$*" in
    "show --property=Listen docker.socket") echo "Listen=/var/other.sock (Stream)" ;;
    "enable --now docker") ln -s /run/docker.sock /var/other.sock ;;
esac
SH
        chmod 755 /usr/bin/systemctl.new
        mv /usr/bin/systemctl.new /usr/bin/systemctl
    "#;
    let script = "install; cat /var/asked; grep -F other.sock /etc/dock/dock.toml";
    let shown = host(situation, script).success();
    assert!(shown.contains("systemctl enable --now docker\n"), "{shown}");
    assert!(shown.contains("socket = \"/var/other.sock\""), "{shown}");
}

/// The show's two users have names and uids of their own, so one show at a time.
static SHOW: Mutex<()> = Mutex::new(());

/// A host for the show: its gates dial the bed's engine, below the bed's cgroup,
/// and give out networks that the bed's own do not.
/// `left` prints what a show must not leave.
fn show_host(script: &str) -> Output {
    let _one = SHOW.lock().unwrap_or_else(PoisonError::into_inner);
    let situation = SHOW_HOST
        .replace("NAME_OF_BED", &bed("DOCK_BED_NAME"))
        .replace("DOCKER_OF_BED", &bed("DOCK_BED_DOCKER"));
    host(&situation, script)
}

const SHOW_HOST: &str = r#"
    mkdir -p /etc/dock/conf.d
    cat >/etc/dock/conf.d/10-bed.toml <<'TOML'
[cgroup]
parent = "NAME_OF_BED"
[network]
pool = "10.64.0.0"
pool_prefix = 10
TOML
    docker() { env DOCKER_HOST=unix:///run/docker.sock DOCKER_OF_BED "$@"; }
    left() (
        set +e
        exec 2>/dev/null
        getent passwd | grep dock-try
        getent group dock | grep dock-try
        docker ps -a --filter label=dock.space=u59901 --quiet
        docker ps -a --filter label=dock.space=u59902 --quiet
        docker ps -a --format '{{.Names}}' | grep -E '^u5990[12]-'
        docker network ls --format '{{.Name}}' | grep -E '^u5990[12]-'
        docker images --quiet dock-try
        ls -d /home/dock-try* /tmp/dock-try* /var/lib/dock/spaces
        find /sys/fs/cgroup -name u59901 -o -name u59902
        true
    )
"#;

#[test]
fn the_show_shows_two_people_and_a_refusal_and_leaves_nothing() {
    let script = "install --try; left; echo -- again; install --try; left";
    let shown = show_host(script).success();
    let (first, again) = shown.split_once("-- again\n").unwrap();
    for show in [first, again] {
        let webs = show.lines().filter(|line| line.starts_with("web "));
        assert_eq!(webs.count(), 2, "each sees one web: {show}");
        for text in [
            // As wide as the longest name that other tests have there.
            "u59901-web dock-try-alice Up",
            "u59902-web dock-try-bob Up",
            "No such container",
            "--privileged is not allowed",
        ] {
            let words: Vec<&str> = show.split_whitespace().collect();
            assert!(words.join(" ").contains(text), "{text}: {show}");
        }
        let (_, rest) = show.split_once("--- It works.").unwrap();
        let last =
            "      for everybody           echo 'alias docker=dock' >/etc/profile.d/dock.sh\n";
        assert!(rest.trim_end().ends_with(last.trim_end()), "left: {rest}");
    }
}

#[test]
fn a_show_that_is_broken_off_leaves_nothing() {
    // What is started in the background ignores ^C unless told otherwise.
    let script = format!(
        r#"
        break_off() {{
            env --default-signal=INT {}/install.sh --from {}/debug --try >/run/said 2>&1 &
            show=$!
            until [ -n "$(docker ps --quiet --filter label=dock.space=u59901)" ]; do
                kill -0 $show || cat /run/said
                sleep 0.05
            done
            kill -$1 $show
            wait $show 2>/dev/null && echo "$1: it went on" || true
        }}
        for signal in INT TERM HUP; do
            break_off $signal
            left | sed "s/^/$signal: /"
        done
        # Nobody can clean up after this; the next show does.
        break_off KILL
        left | grep -q dock-try || echo nothing to clean up
        install --try >/dev/null
        left"#,
        env!("CARGO_MANIFEST_DIR"),
        target()
    );
    assert_eq!(show_host(&script).success(), "");
}

#[test]
fn a_show_touches_nobody_elses_users() {
    let situation = "useradd --uid 59901 dock-try-alice";
    refuses(situation, "--try", "user 'dock-try-alice' exists");
    let situation = "useradd --uid 59902 somebody";
    refuses(situation, "--try", "uid 59902 is taken");
}
