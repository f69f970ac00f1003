#!/usr/bin/env bash
# Installs dock on this host. See usage() below.
#
# Everything is checked before anything is written; each file is written beside
# its place and renamed; the sudoers rule, which makes it work, comes last.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
prefix=/usr/local
from=
users=()
action=install
building=()
try=
purge=
units=

usage() {
    cat <<'TEXT'
Usage: ./install.sh [OPTIONS]

Installs dock, its gate, the groups 'dock' and 'dock-admin', the sudoers rule and
a commented /etc/dock/dock.toml. Installs the Docker Engine, the docker CLI and sudo
from the distribution where they are missing. May be run again at any time.

  --user NAME   let NAME use dock (adds to group 'dock'; may be given more than once)
  --try         afterwards show two throw-away users on one engine, and remove them
  --prefix DIR  where the programs go (default: /usr/local)
  --from DIR    where the built programs are (default: target/release, or beside
                this script; else they are built)
  --units       install the systemd units of the daily clean-up also where systemd
                does not run now
  --uninstall   remove what this script made; keeps /etc/dock and /var/lib/dock
  --purge       with --uninstall: remove those too, and the groups
  --help        this text

Nobody is ever added to group 'docker', whose members are root on this host.
TEXT
}

say() { printf 'install.sh: %s\n' "$1"; }
hint() { printf 'hint: %s\n' "$1"; }
die() {
    printf 'install.sh: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '\nhint: %s\n' "$2" >&2
    exit 1
}

# Runs at every end, also of a run that was broken off.
made_policy='' staged='' try_dir=''
at_end() {
    # A second ^C shall not stop it half way.
    trap '' INT TERM HUP
    [ -z "$try_dir" ] || try_clean
    [ -z "$made_policy" ] || rm -f "$made_policy"
    [ -z "$staged" ] || rm -rf "$staged"
}
trap at_end EXIT
# Of itself bash goes on after a ^C that the running command has survived.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- what is here -----------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }
has_systemd() { [ -d /run/systemd/system ]; }

# The docker CLI that dock would use: the places of dock.toml(5), in their order.
cli() {
    local path
    for path in /usr/bin/docker /usr/local/bin/docker; do
        if [ -x "$path" ]; then
            printf '%s\n' "$path"
            return
        fi
    done
}

check_cli() {
    local path target
    path=$(cli)
    if [ -z "$path" ]; then
        target=$(readlink -f "$(command -v docker || true)" || true)
        case $target in
            */snap | /snap/*) die "the docker here is a snap, which other users' programs cannot share" \
                "'snap remove docker', then run this again: it installs the distribution's" ;;
        esac
        return 0
    fi
    target=$(readlink -f "$path")
    case $target in
        */podman) is_podman "$path" ;;
        */snap | /snap/*) die "'$path' is the docker of a snap, which other users' programs cannot share" \
            "'snap remove docker', then run this again: it installs the distribution's" ;;
        */dock) die "'$path' is a link to dock, which needs the real docker CLI there" \
            "remove the link; people use 'alias docker=dock'" ;;
    esac
    # A program of megabytes is no shim; a script that starts podman is small.
    if [ "$(stat -Lc %s "$path")" -lt 65536 ] && grep -q podman "$path"; then
        is_podman "$path"
    fi
}

is_podman() {
    die "'$1' is podman's stand-in for docker, and dock needs the real docker CLI" \
        "'apt-get remove podman-docker', then run this again"
}

# Packages from the distribution, where something is missing.
install_packages() {
    local wanted=()
    engine_answers || has dockerd || wanted+=(docker.io ca-certificates)
    if [ -z "$(cli)" ]; then wanted+=(docker-cli); fi
    if ! has sudo || ! has visudo; then wanted+=(sudo); fi
    if [ ${#building[@]} -gt 0 ] && ! has cc; then wanted+=(gcc libc6-dev); fi
    if [ -n "$try" ] && ! static_busybox >/dev/null; then wanted+=(busybox-static); fi
    if [ -n "$try" ] && ! engine_answers && ! has ip; then wanted+=(iproute2); fi
    [ ${#wanted[@]} -gt 0 ] || return 0

    local like
    like=$(sed -n 's/^ID\(_LIKE\)\?=//p' /etc/os-release 2>/dev/null | tr -d '"' | paste -sd' ' || true)
    case " $like " in
        *" debian "* | *" ubuntu "*) ;;
        *) die "missing here: ${wanted[*]}; and how this distribution (${like:-unknown}) installs them is not known" \
            "install a Docker Engine, the docker CLI and sudo, then run this again" ;;
    esac
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null </dev/null ||
        die "'apt-get update' did not work; nothing was changed" "repair /etc/apt/sources.list, then run this again"
    # A package of its own from Debian 13 on; before, a part of docker.io.
    if ! apt-cache show docker-cli >/dev/null 2>&1; then
        wanted=("${wanted[@]/#docker-cli/docker.io}")
    fi
    mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | sort -u)
    say "installing ${wanted[*]}"
    # Without systemd nothing is started that the admin did not start.
    local policy=/usr/sbin/policy-rc.d status=0
    if ! has_systemd && [ ! -e $policy ]; then
        made_policy=$policy
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
    fi
    apt-get install -qy --no-install-recommends "${wanted[@]}" </dev/null >/dev/null || status=$?
    [ -z "$made_policy" ] || rm -f "$made_policy"
    made_policy=
    [ $status = 0 ] || die "'apt-get install ${wanted[*]}' did not work" "see its words above, then run this again"
}

# Where the engine listens: as the admin says, as the running engine was told, as
# its configuration says, as systemd holds it, or the usual place.
find_socket() {
    local pid words found
    case ${DOCKER_HOST-} in unix://*) printf '%s\n' "${DOCKER_HOST#unix://}" && return ;; esac
    for pid in $(root_engines); do
        words=$(tr '\0' '\n' <"/proc/$pid/cmdline")
        found=$(grep -oE 'unix://.+' <<<"$words" | head -n1 || true)
        if [ -n "$found" ]; then
            printf '%s\n' "${found#unix://}"
            return
        fi
    done
    found=$(grep -soE '"unix://[^"]+"' /etc/docker/daemon.json | head -n1 | tr -d '"' || true)
    if [ -n "$found" ]; then
        printf '%s\n' "${found#unix://}"
        return
    fi
    if has_systemd; then
        found=$(systemctl show --property=Listen docker.socket 2>/dev/null | sed -n 's/^Listen=\(.*\) (Stream)$/\1/p' | head -n1)
        case $found in /*) printf '%s\n' "$found" && return ;; esac
    fi
    printf '/var/run/docker.sock\n'
}

# Pids of engines that run as root in this host's own namespaces.
root_engines() {
    local stat
    for stat in /proc/[0-9]*; do
        if [ "$(cat "$stat/comm" 2>/dev/null)" = dockerd ] && [ "$(stat -c %u "$stat" 2>/dev/null)" = 0 ]; then
            printf '%s\n' "${stat#/proc/}"
        fi
    done
}

# An engine that runs as a user serves that user alone.
check_rootless() {
    ! engine_answers || return 0
    local stat owner
    for stat in /proc/[0-9]*; do
        [ "$(cat "$stat/comm" 2>/dev/null)" = dockerd ] || continue
        owner=$(stat -c %U "$stat" 2>/dev/null || echo root)
        [ "$owner" = root ] || die "only a rootless engine runs here, and it serves '$owner' alone" \
            "install or start the system's own ('apt-get install docker.io', 'systemctl enable --now docker'), then run this again"
    done
}

docker() { env -u DOCKER_CONTEXT DOCKER_HOST="unix://$socket" "$(cli)" "$@"; }

engine_answers() {
    [ -S "$socket" ] && [ -n "$(cli)" ] && docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

start_engine() {
    socket=$(find_socket)
    engine_answers && return
    if has_systemd; then
        systemctl enable --now docker >/dev/null 2>&1 || true
        local i
        for i in $(seq 100); do
            ! engine_answers || return 0
            sleep "0.$((i % 3 + 1))"
        done
        die "the engine did not answer on '$socket' after 'systemctl enable --now docker'" \
            "'journalctl -u docker' says why; then run this again"
    fi
}

# What the engine itself says of its places.
read_engine() {
    data_root='' security='' objects=''
    if ! engine_answers; then
        return 0
    fi
    data_root=$(docker info --format '{{.DockerRootDir}}')
    security=$(docker info --format '{{join .SecurityOptions " "}}')
    objects=$(docker info --format '{{.Containers}}{{.Images}}')
    case " $security " in
        *name=rootless*) die "the engine on '$socket' is rootless: it belongs to one user" \
            "unset DOCKER_HOST, start the system's own engine (dockerd as root), then run this again" ;;
    esac
}

# ---- the programs -----------------------------------------------------------

# Sets `from`, or `building` and all that building needs to be known of.
find_programs() {
    local folder
    if [ -n "$from" ]; then
        has_programs "$from" || die "'$from' does not hold both dock and dock-gate"
        return
    fi
    for folder in "${CARGO_TARGET_DIR:-$here/target}/release" "$here"; do
        if has_programs "$folder"; then
            from=$folder
            return
        fi
    done
    check_cargo
    from=${CARGO_TARGET_DIR:-$here/target}/release
}

has_programs() { [ -f "$1/dock" ] && [ -x "$1/dock" ] && [ -f "$1/dock-gate" ] && [ -x "$1/dock-gate" ]; }

check_cargo() {
    local wanted have owner home get
    [ -f "$here/Cargo.toml" ] || die "neither the programs nor their source lie beside this script" \
        "unpack a whole release, or clone the repository"
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/Cargo.toml")
    get="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal"
    # Under sudo the source is somebody's: what is built shall be theirs too.
    owner=${SUDO_USER:-root}
    home=$(getent passwd "$owner" | cut -d: -f6)
    building=(runuser -u "$owner" -- env "HOME=$home" "PATH=$home/.cargo/bin:$PATH")
    have=$("${building[@]}" cargo --version 2>/dev/null | cut -d' ' -f2) || true
    if [ -z "$have" ] || [ "$(printf '%s\n' "$wanted" "${have%%-*}" | sort -V | head -n1)" != "$wanted" ]; then
        die "building needs cargo $wanted or newer; here is ${have:-none}" "as $owner: $get"
    fi
}

build() {
    [ ${#building[@]} -gt 0 ] || return 0
    say "building dock and dock-gate (a minute or two)"
    (cd "$here" && "${building[@]}" cargo build --quiet --release --locked --bins -p dock -p dock-gate) ||
        die "'cargo build' did not work; dock is not installed"
}

# Whoever can write the gate, or a folder above it, is root.
check_prefix() {
    local path=$1/libexec owner mode
    case $1 in
        /*) ;;
        *) die "--prefix must be an absolute path" ;;
    esac
    case $1 in
        *[!A-Za-z0-9/._-]*) die "--prefix may hold letters, digits and . _ - / only, for the sudoers rule" ;;
    esac
    while :; do
        if [ -e "$path" ]; then
            owner=$(stat -Lc %u "$path")
            mode=$(stat -Lc %a "$path")
            [ "$owner" = 0 ] || die "'$path' is not root's: its owner could replace the gate" "chown root '$path'"
            if [ $((0$mode & 02)) != 0 ]; then
                die "everybody can write '$path' and so replace the gate" \
                    "choose a --prefix that root alone can write"
            fi
            if [ $((0$mode & 020)) != 0 ] && [ "$(stat -Lc %g "$path")" != 0 ]; then
                hint "group '$(stat -Lc %G "$path")' can write '$path': its members can become root"
            fi
        fi
        [ "$path" != / ] || break
        path=$(dirname "$path")
    done
}

# Writes beside the place, then renames: what is there is whole at any time.
put() { # MODE FROM TO
    install -D -m "$1" -o root -g root "$2" "$3.new"
    mv -f "$3.new" "$3"
}

# FILE TARGET of what goes along with the programs, as far as it is here.
extras() {
    local file
    for file in "$here"/man/*.[1-8]; do
        [ ! -f "$file" ] || printf '%s %s\n' "$file" "$prefix/share/man/man${file##*.}/${file##*/}"
    done
    printf '%s %s\n' "$here/completions/dock.bash" "$prefix/share/bash-completion/completions/dock"
    printf '%s %s\n' "$here/completions/_dock" "$prefix/share/zsh/site-functions/_dock"
    printf '%s %s\n' "$here/completions/dock.fish" "$prefix/share/fish/vendor_completions.d/dock.fish"
    printf '%s %s\n' "$here/completions/dockadmin.bash" "$prefix/share/bash-completion/completions/dockadmin"
    printf '%s %s\n' "$here/completions/_dockadmin" "$prefix/share/zsh/site-functions/_dockadmin"
    printf '%s %s\n' "$here/completions/dock-admin.fish" "$prefix/share/fish/vendor_completions.d/dock-admin.fish"
}

install_programs() {
    put 755 "$from/dock-gate" "$prefix/libexec/dock-gate"
    put 755 "$from/dock" "$prefix/bin/dock"
    local file target
    while read -r file target; do
        [ ! -f "$file" ] || put 644 "$file" "$target"
    done < <(extras)
}

# ---- groups, configuration, sudoers -----------------------------------------

make_groups() {
    local group
    for group in dock dock-admin; do
        getent group "$group" >/dev/null || groupadd --system "$group"
    done
}

add_users() {
    local user
    for user in "${users[@]}"; do
        gpasswd --add "$user" dock >/dev/null ||
            die "'$user' was not added to group 'dock' (is the group in a directory service?)" \
                "add '$user' to 'dock' where that group is kept"
        say "'$user' is in group 'dock' (from the next login, or 'newgrp dock')"
    done
}

write_config() {
    install -d -m 755 /etc/dock /etc/dock/conf.d
    install -d -m 700 /var/lib/dock
    if [ -e /etc/dock/dock.toml ]; then
        grep -qsF "\"$socket\"" /etc/dock/dock.toml /etc/dock/conf.d/*.toml || is_usual "$socket" ||
            hint "the engine listens on '$socket', which /etc/dock/dock.toml does not say: [engine] socket"
        return
    fi
    config >/etc/dock/dock.toml.new
    if ! is_usual "$socket"; then
        sed -i "s|^#\[engine\]|[engine]|; s|^#socket = .*|socket = \"$socket\"|" /etc/dock/dock.toml.new
    fi
    chmod 644 /etc/dock/dock.toml.new
    mv -f /etc/dock/dock.toml.new /etc/dock/dock.toml
}

is_usual() { [ "$1" = /var/run/docker.sock ] || [ "$1" = /run/docker.sock ]; }

# Every key with its default. tests/texts.rs holds it against the code.
config() {
    cat <<'TOML'
# dock's configuration; see dock.toml(5). Read anew for every connection.
# Must be root's, and writable by nobody else. An unknown key refuses every
# request. More files may lie in /etc/dock/conf.d/*.toml; later ones win.
# A line that begins with "#" and no space shows a default.

#[engine]
# The engine's socket.
#socket = "/var/run/docker.sock"
# The real docker CLI; empty: /usr/bin/docker, else /usr/local/bin/docker.
#docker = ""

#[access]
# Whose members have a space, and whose members may run 'dock admin'. The
# sudoers rule names the same two groups.
#group = "dock"
#admin_group = "dock-admin"
# Uids below this are the system's and have no space, unless listed.
#first_uid = 1000
#system_uids = []

#[network]
# Addresses for the spaces' networks: 10.128.0.0/9 holds 4096 spaces of eight
# networks of 254 addresses. Change it before the first use, not afterwards.
#pool = "10.128.0.0"
#pool_prefix = 9
#space_prefix = 21
#network_prefix = 24
# Ranges in which people may choose subnets themselves (--subnet), beside their own:
# ["172.28.0.0/14"].
#user_subnets = []
# IPv6 for networks that ask for it (--ipv6), a /64 for each: "fd00:d0c::/32".
#pool6 = ""

#[cgroup]
# Parent of the spaces' cgroups: /dock/u1001, or dock-u1001.slice.
#parent = "dock"

#[images]
# The registries that images may be pulled from ("docker.io", "localhost:5000");
# empty: all but those on this host.
#registries = []
# The repositories that may be pulled (["docker.io/library/*", "quay.io/jupyter/base"]);
# empty: every one of those registries.
#repositories = []
# What one pull may download ("20g"), and how many pulls a person may have at a time.
#max_download = ""
#max_pulls = 4

#[prune]
# What 'dock admin prune' removes, after how long ("30d", "12h"); empty: never.
# Whether the daily run of the timer does anything; by hand it needs no leave.
#enabled = false
# Containers stopped for so long; images without a name, and with one, volumes and
# networks that no container, running or not, has had for so long.
#containers = ""
#dangling_images = ""
#images = ""
#volumes = ""
#networks = ""
# Volumes are kept until there are archives of them, unless this is true.
#volumes_without_archive = false
# Running containers that have done nothing for so long are stopped.
#idle = ""
# Objects without an author: "report", "remove" as everybody's, or "ignore".
#unowned = "ignore"
# How long owners are warned before; "0": not at all.
#warn = "3d"
# What is kept: by a label, by OWNER/NAME (["*/db", "volume:bob/*"]), by its owner.
#protected_label = "protected"
#protected = []
#exempt_users = []
#exempt_groups = []
# A program of root's that is told what was done, as JSON: for mail or chat.
#hook = ""

#[archive]
# Where 'dock admin archive' writes to without --to: a target's name, or a folder.
#target = ""
# What containers do meanwhile: "stop", "pause" or "live" (they go on).
#mode = "pause"
# Who alone can read archives: recipients of age's (["age1..."]).
#encrypt = []
# Bytes a second to and from a target ("20m"); empty: no limit.
#bandwidth = ""
# How many archives of a space 'dock admin archives prune' keeps: the newest ones, and
# the newest of each day, week, month and year; all 0: every one.
#keep_last = 0
#keep_daily = 0
#keep_weekly = 0
#keep_monthly = 0
#keep_yearly = 0

#[archive.schedule]
# Days from one archive of a space to the next ('dock admin archive --scheduled'); 0: none.
#days = 0
# Logins whose spaces are archived (empty: everybody's), and those whose are not.
#users = []
#exempt = []

# A folder on another machine, reached by the host's own ssh ...
# [archive.targets.nas]
# host = "dock@nas.example.org:22"
# folder = "/srv/archives"
# key = "/etc/dock/nas.key"
# known_hosts = "/etc/dock/nas.known_hosts"
# ... and a bucket of an S3-compatible service; its credentials have the form of
# ~/.aws/credentials, and only their owner may read them.
# [archive.targets.cloud]
# bucket = "archives"
# endpoint = "https://s3.example.org"
# region = "us-east-1"
# credentials = "/etc/dock/cloud.credentials"

#[audit]
# "changes": changes and refusals; "all": reads too.
#level = "changes"
# A file of root's to append to, instead of syslog:
# file = "/var/log/dock-audit.log"

# What holds for everybody. [groups.NAME] and [users.NAME] take the same keys
# and are laid over it, groups in the order of their names, then the user.
#[defaults]
# The label author=; "{login}", "{fullname}" and "{uid}" are filled in.
#author = "{login}"
# The label org=; empty: none.
#organisation = ""

#[defaults.containers]
# What may be asked for beside the safe set: capabilities ("SYS_PTRACE"), devices
# by exact path ("/dev/fuse"), runtimes, sysctls, log drivers.
#cap_add = []
#devices = []
#runtimes = []
#sysctls = []
#log_drivers = []
# One container's log: size and number of files, default and ceiling.
#log_max_size = "50m"
#log_max_file = 3
# Processes in one container: default and ceiling.
#pids_limit = 4096
# Ceilings of one container: bytes of memory, CPUs, bytes of /dev/shm and of a
# tmpfs; 0: none.
#memory = 0
#cpus = 0.0
#shm_size = 8589934592
# Hard ceilings of --ulimit; -1: none; a name that is not here is refused.
#ulimits = { core = -1, cpu = -1, data = -1, fsize = -1, memlock = -1, nofile = 1048576, nproc = 65536, rss = -1, stack = -1 }
# Published ports: addresses of the host (empty: every one), lowest port, number.
#publish_addresses = []
#first_port = 1024
#max_ports = 64

# [groups.students]
# organisation = "University of Examples"
#
# [users.alice.containers]
# cap_add = ["SYS_PTRACE"]
TOML
}

# The rule with every setting that this host's own sudo takes. With the first
# three sudo becomes the gate; with one missing it stays beside it.
write_sudoers() {
    local file=/etc/sudoers.d/dock setting gate=$prefix/libexec/dock-gate
    local settings=('!use_pty' '!pam_session' '!pam_setcred' '!requiretty' '!log_allowed') taken=()
    staged=$(mktemp -d)
    rule() {
        printf '# Written by install.sh of dock; run it again instead of editing this.\n'
        printf 'Cmnd_Alias DOCK_GATE = %s "", %s --admin\n' "$gate" "$gate"
        for setting in "$@"; do
            printf 'Defaults!DOCK_GATE %s\n' "$setting"
        done
        printf '%%dock ALL=(root) NOPASSWD: %s ""\n' "$gate"
        printf '%%dock-admin ALL=(root) NOPASSWD: %s --admin\n' "$gate"
        # Timers and cron run as root, whatever else this host lets root do by sudo.
        printf 'root ALL=(root) NOPASSWD: %s --admin\n' "$gate"
    }
    accepted() {
        rule "$@" >"$staged/dock"
        chmod 440 "$staged/dock"
        local visudo words
        # Where sudo and sudo-rs are both installed, both read the rule.
        for visudo in visudo visudo-rs visudo.ws; do
            has "$visudo" || continue
            words=$("$visudo" -cf "$staged/dock" 2>&1) || return 1
            # Said, although the file as a whole is taken.
            ! grep -qiE 'unknown|unsupported|cannot be used|error|invalid|ignored' <<<"$words" || return 1
        done
    }
    accepted || die "this host's visudo refuses dock's rule" "'visudo -cf' on the sudoers files says why"
    for setting in "${settings[@]}"; do
        if accepted "${taken[@]}" "$setting"; then
            taken+=("$setting")
        fi
    done
    rule "${taken[@]}" >"$staged/dock"
    # A name with a dot is not read while it is being written.
    install -m 440 -o root -g root "$staged/dock" "$file.new"
    mv -f "$file.new" "$file"
    rm -rf "$staged"
    staged=
    if [ ${#taken[@]} -lt ${#settings[@]} ]; then
        say "sudo here does not know some of dock's settings; a small sudo process stays beside each gate"
    fi
}

check_sudoers() {
    grep -qsE '^[@#]includedir[[:space:]]+"?/etc/sudoers\.d/?"?[[:space:]]*$' /etc/sudoers ||
        die "/etc/sudoers does not include /etc/sudoers.d" "add '@includedir /etc/sudoers.d' with visudo"
}

# ---- the daily clean-up -----------------------------------------------------

unit_folder=/etc/systemd/system
cron_file=/etc/cron.d/dock

# Every day, and nothing comes of it until [prune] or [archive.schedule] in
# dock.toml says so.
prune_service() {
    cat <<UNIT
# Written by install.sh of dock; run it again instead of editing this.
[Unit]
Description=Remove what nobody uses any more on the Docker Engine
Documentation=man:dock-admin(8) man:dock.toml(5)
# The same timer runs both; one that fails does not keep the other.
Wants=dock-archive.service
After=docker.service dock-archive.service

[Service]
Type=oneshot
ExecStart=$prefix/bin/dock admin prune --scheduled
UNIT
}

archive_service() {
    cat <<UNIT
# Written by install.sh of dock; run it again instead of editing this.
[Unit]
Description=Archive the spaces of the Docker Engine that are due
Documentation=man:dock-admin(8) man:dock.toml(5)
After=docker.service network-online.target
Wants=network-online.target

[Service]
Type=oneshot
ExecStart=$prefix/bin/dock admin archive --scheduled
UNIT
}

prune_timer() {
    cat <<'UNIT'
# Written by install.sh of dock; run it again instead of editing this.
[Unit]
Description=Daily run of dock admin prune and archive, as dock.toml(5) says
Documentation=man:dock-admin(8) man:dock.toml(5)

[Timer]
OnCalendar=daily
RandomizedDelaySec=1h
Persistent=true

[Install]
WantedBy=timers.target
UNIT
}

prune_cron() {
    cat <<CRON
# Written by install.sh of dock; run it again instead of editing this.
# Nothing comes of it until [archive.schedule] or [prune] in dock.toml(5) says so.
17 3 * * * root $prefix/bin/dock admin archive --scheduled
17 4 * * * root $prefix/bin/dock admin prune --scheduled
CRON
}

# A name with a dot is no cron file, and one that ends in .new no unit.
write_file() { # FILE, its text on standard input
    cat >"$1.new"
    chmod 644 "$1.new"
    mv -f "$1.new" "$1"
}

write_timer() {
    if [ -n "$units" ] || has_systemd; then
        install -d -m 755 "$unit_folder"
        archive_service | write_file "$unit_folder/dock-archive.service"
        prune_service | write_file "$unit_folder/dock-prune.service"
        prune_timer | write_file "$unit_folder/dock-prune.timer"
        rm -f "$cron_file"
        if has_systemd; then
            systemctl daemon-reload || true
            systemctl enable --now dock-prune.timer >/dev/null 2>&1 ||
                hint "the timer of the daily clean-up was not started: 'systemctl enable --now dock-prune.timer'"
        elif has systemctl; then
            systemctl enable dock-prune.timer >/dev/null 2>&1 ||
                hint "the timer is there and not enabled: 'systemctl enable dock-prune.timer'"
        fi
    elif [ -d "$(dirname "$cron_file")" ]; then
        prune_cron | write_file "$cron_file"
    else
        hint "neither systemd nor cron runs 'dock admin prune --scheduled' here every day"
    fi
}

remove_timer() {
    if has_systemd && [ -e "$unit_folder/dock-prune.timer" ]; then
        systemctl disable --now dock-prune.timer >/dev/null 2>&1 || true
    fi
    rm -f "$unit_folder/dock-archive.service" "$unit_folder/dock-prune.service" \
        "$unit_folder/dock-prune.timer" "$cron_file" \
        "$unit_folder/timers.target.wants/dock-prune.timer"
    if has_systemd; then
        systemctl daemon-reload || true
    fi
}

# ---- the three actions ------------------------------------------------------

do_install() {
    local user
    for user in "${users[@]}"; do
        getent passwd "$user" >/dev/null || die "no user '$user' on this host" "'useradd -m $user' makes one"
    done
    check_prefix "$prefix"
    check_cli
    socket=$(find_socket)
    check_rootless
    [ -z "$try" ] || check_try
    find_programs
    install_packages
    check_cli
    check_sudoers
    build
    start_engine
    read_engine

    make_groups
    install_programs
    write_config
    write_timer
    write_sudoers
    add_users
    report
}

report() {
    say "dock is installed: $prefix/bin/dock"
    if [ -n "$data_root" ]; then
        say "the engine: socket '$socket', data in '$data_root'"
    else
        say "no engine answers on '$socket' yet; start it as this host starts its services, or by hand: dockerd &"
    fi
    case " $security " in
        *name=userns*) ;;
        *)
            if [ "$objects" = 00 ]; then
                hint "the engine is still empty: '{\"userns-remap\": \"default\"}' in /etc/docker/daemon.json and a restart make root in a container nobody on the host"
            elif [ -n "$objects" ]; then
                hint "the engine has no userns-remap; turning it on hides what the engine holds now, so plan it"
            fi
            ;;
    esac
    local members
    members=$(getent group docker | cut -d: -f4 || true)
    [ -z "$members" ] || hint "in group 'docker', so root on this host and beyond dock: $members"
    [ -n "$try" ] || next_step
}

next_step() {
    cat <<TEXT

Next: let people in           ./install.sh --user NAME
      and, in their shell     alias docker=dock
      for everybody           echo 'alias docker=dock' >/etc/profile.d/dock.sh
TEXT
}

do_uninstall() {
    local file target group
    rm -f /etc/sudoers.d/dock /etc/sudoers.d/dock.new
    remove_timer
    rm -f "$prefix/bin/dock" "$prefix/libexec/dock-gate"
    while read -r file target; do
        rm -f "$target"
    done < <(extras)
    for group in dock-admin dock; do
        grep -qs "^$group:" /etc/group || continue
        if [ -n "$purge" ] || [ -z "$(getent group "$group" | cut -d: -f4)" ]; then
            groupdel "$group" 2>/dev/null || say "group '$group' stays: it is somebody's primary group"
        else
            say "group '$group' stays, it has members ('--purge' removes it)"
        fi
    done
    if [ -n "$purge" ]; then
        rm -rf /etc/dock /var/lib/dock /var/spool/dock /run/dock
    fi
    say "dock is removed; what people made on the engine is still there, under names like u1001-web"
}

# ---- --try ------------------------------------------------------------------

# Far from the uids that real people get next, since a uid's place in dock is
# never given to another login. The mark tells them from somebody's own users.
try_people=(dock-try-alice:59901 dock-try-bob:59902)
try_mark='thrown away by install.sh --try'

static_busybox() {
    local path
    path=$(command -v busybox) && ! ldd "$path" >/dev/null 2>&1 && printf '%s\n' "$path"
}

# Nothing of the show may be somebody else's.
check_try() {
    local person entry
    for person in "${try_people[@]}"; do
        if entry=$(getent passwd "${person%:*}"); then
            [[ $entry == "${person%:*}:x:${person#*:}:"*":$try_mark:"* ]] ||
                die "user '${person%:*}' exists, and --try did not make it" "'userdel -r ${person%:*}' if nobody needs it, then run this again"
        else
            ! getent passwd "${person#*:}" >/dev/null || die "uid ${person#*:} is taken, which --try uses" \
                "run this without --try, and try dock as two users of your own"
        fi
    done
}

do_try() {
    local person
    # What a show that was killed has left.
    find /tmp -maxdepth 1 -user root -name 'dock-try.*' -exec rm -rf {} +
    try_engine='' try_image=dock-try:latest
    try_dir=$(mktemp -d /tmp/dock-try.XXXXXX)
    engine_answers || try_start_engine
    try_remove_people
    try_make_image
    for person in "${try_people[@]}"; do
        useradd --create-home --shell /bin/sh --uid "${person#*:}" --comment "$try_mark" "${person%:*}"
        gpasswd --add "${person%:*}" dock >/dev/null
    done
    local alice=${try_people[0]%:*} bob=${try_people[1]%:*} id seen

    printf '\n--- Two people, one engine. Each starts a container "web" and sees one.\n'
    for person in "$alice" "$bob"; do
        show "$person" run -d --name web "$try_image" sleep 1000
        show "$person" ps --format 'table {{.Names}}\t{{.Image}}\t{{.Status}}'
        show "$person" exec web hostname
    done
    printf '\n--- Root sees both, under the names of their spaces.\n'
    local columns='table {{.Names}}\t{{.Label "author"}}\t{{.Status}}'
    printf '%s\n' "root# docker ps --filter name=u5990 --format '$columns'"
    docker ps --filter name=u5990 --format "$columns"

    printf "\n--- The other's container does not exist, even by its id.\n"
    id=$(as "$alice" ps -q)
    seen=$(show_refused "$bob" stop "$id") || die "'$bob' could stop the container of '$alice'"
    printf '%s\n' "$seen"
    grep -qi 'no such container' <<<"$seen" || die "that is not what a missing container looks like"
    printf '\n--- What would make them root on this host is refused, by name.\n'
    seen=$(show_refused "$bob" run --rm --privileged "$try_image" true) || die "'--privileged' was not refused"
    printf '%s\n' "$seen"
    grep -q -- '--privileged is not allowed' <<<"$seen" || die "that is not a refusal of --privileged"

    printf '\n--- Each removes its own.\n'
    for person in "$alice" "$bob"; do
        show "$person" rm -f web
        seen=$(as "$person" ps --all --quiet)
        [ -z "$seen" ] || die "'$person' still sees \"$seen\""
    done
    try_clean
    printf '\n--- It works. The two users, their containers and the image are removed again; dock stays.\n'
    next_step
}

as() { # USER WORDS... : dock as that user, with a login's environment
    local user=$1
    shift
    (cd / && runuser -u "$user" -- env -i "HOME=/home/$user" "USER=$user" "LOGNAME=$user" TERM=dumb \
        PATH="$prefix/bin:/usr/local/bin:/usr/bin:/bin" "$prefix/bin/dock" "$@" </dev/null)
}

# The line as a person would have typed it.
prompt() { # USER WORDS...
    local word line="$1\$ docker"
    for word in "${@:2}"; do
        case $word in
            *[!A-Za-z0-9/:=._-]*) line+=" '$word'" ;;
            *) line+=" $word" ;;
        esac
    done
    printf '%s\n' "$line"
}

show() {
    prompt "$@"
    as "$@" || die "that did not work"
}

# Shows a command that must fail; true when it does.
show_refused() {
    local words
    prompt "$@"
    if words=$(as "$@" 2>&1); then
        return 1
    fi
    printf '%s\n' "$words"
}

# An engine for the show alone, with mounts and a network of its own, so that it
# leaves neither a bridge nor a firewall rule behind. It ends with this script.
try_start_engine() {
    [ ! -e "$socket" ] || [ -S "$socket" ] || die "'$socket' is not a socket"
    has dockerd || die "no engine answers on '$socket', and there is no dockerd to start for the show"
    say "no engine runs; one is started for the show and stopped afterwards"
    printf '{}\n' >"$try_dir/daemon.json"
    mkdir -p "$(dirname "$socket")"
    # shellcheck disable=SC2016 # the inner shell expands
    setsid setpriv --pdeathsig TERM unshare --mount --net sh -c 'ip link set lo up; exec dockerd "$@"' sh \
        --host "unix://$socket" --config-file "$try_dir/daemon.json" --pidfile "$try_dir/pid" \
        --data-root "$try_dir/data" --exec-root "$try_dir/exec" --cgroup-parent "/docktry$$" \
        >"$try_dir/log" 2>&1 </dev/null &
    try_engine=$!
    local i
    for i in $(seq 150); do
        ! engine_answers || return 0
        kill -0 "$try_engine" 2>/dev/null || break
        sleep "0.$((i % 3 + 1))"
    done
    tail -n 5 "$try_dir/log" >&2
    die "the engine did not start; its last words are above"
}

try_make_image() {
    local busybox files=$try_dir/files applet
    busybox=$(static_busybox) || die "needs a static busybox" "'apt-get install busybox-static'"
    mkdir -p "$files"/{bin,dev,etc,proc,sys,tmp}
    cp "$busybox" "$files/bin/busybox"
    for applet in sh sleep hostname true id ls cat; do
        ln -s busybox "$files/bin/$applet"
    done
    printf 'root:x:0:0:root:/:/bin/sh\n' >"$files/etc/passwd"
    tar --owner=0 --group=0 --numeric-owner -C "$files" -c . |
        docker import --change 'CMD ["sh"]' - "$try_image" >/dev/null
}

# The two users, and whatever is left of what they made.
try_remove_people() {
    local person uid id
    for person in "${try_people[@]}"; do
        uid=${person#*:}
        # An id that docker lists may be gone a moment later.
        for id in $(docker ps -aq --filter "label=dock.space=u$uid"); do
            docker rm -fv "$id" >/dev/null 2>&1 || true
        done
        for id in $(docker network ls -q --filter "label=dock.space=u$uid"); do
            docker network rm "$id" >/dev/null 2>&1 || true
        done
        # Empty in a moment, when the runtime has taken the container's own away:
        # rmdir removes nothing else.
        for _ in $(seq 30); do
            [ -n "$(find /sys/fs/cgroup -type d \( -path "*/u$uid" -o -path "*-u$uid.slice" \) 2>/dev/null)" ] || break
            find /sys/fs/cgroup -depth -type d \( -path "*/u$uid" -o -path "*-u$uid.slice" \) \
                -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
        ! getent passwd "${person%:*}" >/dev/null || userdel -rf "${person%:*}" >/dev/null 2>&1 || true
    done
}

try_clean() {
    set +e
    # Of an engine that does not answer any more nothing can be removed.
    if engine_answers; then
        try_remove_people
        docker rmi -f "$try_image" >/dev/null 2>&1
    fi
    if [ -n "$try_engine" ]; then
        kill "$try_engine" 2>/dev/null
        wait "$try_engine" 2>/dev/null
        rm -f "$socket"
        find /sys/fs/cgroup -depth -type d \( -path "*/docktry$$*" -o -name dock \) -exec rmdir {} + 2>/dev/null
    fi
    # A place is given for good, unless nobody but these two has one.
    grep -qsvP '^\d+\tu\d+\tdock-try-' /var/lib/dock/spaces || rm -f /var/lib/dock/spaces
    rm -rf "$try_dir"
    try_dir=
    set -e
}

# ---- the words --------------------------------------------------------------

while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage && exit 0 ;;
        --try) try=yes ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --units) units=yes ;;
        --user | --prefix | --from)
            [ $# -ge 2 ] || die "$1 needs a value" "'./install.sh --help' lists the options"
            case $1 in
                --user) users+=("$2") ;;
                --prefix) prefix=${2%/} ;;
                --from) from=$2 ;;
            esac
            shift
            ;;
        *) die "unknown option: $1" "'./install.sh --help' lists the options" ;;
    esac
    shift
done
[ "$(uname -s)" = Linux ] || die "dock is for Linux"
[ "$(id -u)" = 0 ] || die "needs root" "sudo ./install.sh"
[ -z "$purge" ] || [ $action = uninstall ] || die "--purge goes with --uninstall"

case $action in
    install)
        do_install
        [ -z "$try" ] || do_try
        ;;
    uninstall) do_uninstall ;;
esac
