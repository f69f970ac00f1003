#!/bin/sh
# Prints the flags of every docker command that takes --label, as the docker CLI
# itself knows them: one row a flag, "COMMAND LONG SHORT ARITY", tab separated,
# "-" where there is no shorthand.
#
#   tests/argv-table.sh /usr/bin/docker >tests/argv/flags/docker-20.10.txt
#   tests/argv-table.sh --rust tests/argv/flags/*.txt      rows for src/argv/table.rs
#
# The names come from --help and from the list of flags that --help hides. The
# arity does not come from the help text: each flag is tried as the last word, and
# the CLI's own complaint says whether it eats the next one. Nothing reaches an
# engine: the socket given here does not exist.
# Where the CLI has the buildx plugin (DOCKER_CONFIG), "build" is buildx's.
set -eu

export LC_ALL=C
tab=$(printf '\t')

# docker/cli MarkHidden and MarkDeprecated, docker/buildx MarkHidden, and flags that
# --help leaves out without an engine of the right kind (Windows, experimental).
hidden='
compress:- cpu-count:- cpu-percent:- cpu-period:- cpu-quota:- cpu-shares:c
cpuset-cpus:- cpuset-mems:- detach:- disable-content-trust:- dns-opt:- force-rm:-
io-maxbandwidth:- io-maxiops:- isolation:- kernel-memory:- memory:m memory-swap:-
name:- net:- net-alias:- platform:- print:- rm:- root:- security-opt:- server-config:-
squash:- stream:-
'

probe() { # COMMAND... FLAG: what docker says
    BUILDX_EXPERIMENTAL=1 DOCKER_HOST=unix:///nonexistent/argv-table.sock \
        "$docker" "$@" 2>&1 </dev/null || true
}

rows() { # COMMAND: its rows
    # shellcheck disable=SC2086 # a command is one or two words
    {
        probe $1 --help |
            sed -nE 's/^ +(-(.), |    ?)--([a-z0-9-]+).*/\3:\2/p' | sed 's/:$/:-/'
        printf '%s\n' $hidden
    } | grep -v '^help:' | awk -F: '!seen[$1]++' | while IFS=: read -r long short; do
        case $(probe $1 "--$long") in
        *"unknown flag: --$long"*) continue ;;
        *"flag needs an argument: --$long"*) arity=Value ;;
        *) arity=Switch ;;
        esac
        if [ "$short" != - ]; then
            case $(probe $1 "-$short=?") in *"unknown shorthand flag: '$short'"*) short=- ;; esac
        fi
        printf '%s\t%s\t%s\t%s\n' "$1" "$long" "$short" "$arity"
    done | sort -u
}

globals() {
    probe --help | sed -nE 's/^ +(-(.), |    ?)--([a-z0-9-]+).*/\3:\2/p' | sed 's/:$/:-/' |
        grep -v '^help:' | sort -u | while IFS=: read -r long short; do
        case $(probe "--$long") in
        *"flag needs an argument: --$long"*) arity=Value ;;
        *) arity=Switch ;;
        esac
        printf 'docker\t%s\t%s\t%s\n' "$long" "$short" "$arity"
    done
}

if [ "${1-}" = --rust ]; then
    shift
    # The flags of run that create has too are not said twice.
    sort -u "$@" | awk -F "$tab" '
        $1 == "create" { create[$2] = 1 }
        $1 == "run" && $2 in create { next }
        $1 != command { command = $1; print "// " command }
        { short = $3 == "-" ? "None" : "Some(\x27" $3 "\x27)"
          printf "    %s(\"%s\", %s),\n", $4 == "Value" ? "value" : "switch", $2, short }'
    exit
fi

docker=${1:?usage: tests/argv-table.sh DOCKER | --rust FILE...}
globals
for command in run create build 'volume create' 'network create'; do
    rows "$command"
done
case $(probe buildx version) in
*github.com/docker/buildx*) rows buildx ;;
esac
