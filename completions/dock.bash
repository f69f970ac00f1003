# bash completion of dock: its own words here, everything else by docker's own
# completion. tests/texts.rs holds the words against the program.
# shellcheck shell=bash

_dock() {
    local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]-}
    [ "$COMP_CWORD" -gt 1 ] || verb=
    case $verb in
        serve | env)
            if [ "${COMP_WORDS[COMP_CWORD - 1]}" = --socket ]; then
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                compopt -o filenames 2>/dev/null
            else
                mapfile -t COMPREPLY < <(compgen -W '--socket --help' -- "$current")
            fi
            return
            ;;
        doctor)
            mapfile -t COMPREPLY < <(compgen -W '--check --list --json --help' -- "$current")
            if [ "${COMP_WORDS[COMP_CWORD - 1]}" = --check ]; then
                mapfile -t COMPREPLY < <(compgen -W "$(command dock doctor --list 2>/dev/null | sed -n '1!s/ .*//p')" -- "$current")
            fi
            return
            ;;
        explain)
            # The program knows its rules; the first line is the table's head.
            mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$current")
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$(command dock explain 2>/dev/null | sed -n '1!s/ .*//p')" -- "$current")
            return
            ;;
        admin)
            _dock_admin
            return
            ;;
        --dry-run)
            # dock's own word is in the way of docker's completion.
            COMP_WORDS=("${COMP_WORDS[0]}" "${COMP_WORDS[@]:2}")
            ((COMP_CWORD -= 1))
            ;;
    esac
    local own=()
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t own < <(compgen -W 'admin doctor serve env explain --dry-run' -- "$current")
    fi
    COMPREPLY=()
    _dock_hand_over
    COMPREPLY+=("${own[@]}")
}

# The script of its own reads 'dock admin' as one word; after --as USER all is docker's.
_dock_admin() {
    if [[ ${COMP_WORDS[2]-} = --as && $COMP_CWORD -eq 3 ]]; then
        mapfile -t COMPREPLY < <(compgen -u -- "${COMP_WORDS[COMP_CWORD]}")
    elif [[ ${COMP_WORDS[2]-} = --as && $COMP_CWORD -gt 3 ]]; then
        local in_space=(admin --as "${COMP_WORDS[3]}")
        COMP_WORDS=("${COMP_WORDS[0]}" "${COMP_WORDS[@]:4}")
        ((COMP_CWORD -= 3))
        COMPREPLY=()
        _dock_hand_over "${in_space[@]}"
    elif [[ ${COMP_WORDS[2]-} = doctor && ${COMP_WORDS[COMP_CWORD - 1]} = --check ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(command dock admin doctor --list 2>/dev/null | sed -n '1!s/ .*//p')" -- "${COMP_WORDS[COMP_CWORD]}")
    else
        declare -F _dockadmin >/dev/null || _dock_load dockadmin
        declare -F _dockadmin >/dev/null || return 0
        COMP_WORDS=(dockadmin "${COMP_WORDS[@]:2}")
        ((COMP_CWORD -= 1))
        _dockadmin dockadmin "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    fi
}

_dock_load() {
    if declare -F __load_completion >/dev/null; then
        __load_completion "$1"
    elif declare -F _completion_loader >/dev/null; then
        _completion_loader "$1"
    fi
}

# docker's completion asks 'docker' for the names of containers: here that is
# dock, with the words that were given.
_dock_hand_over() {
    # shellcheck disable=SC2034 # the function below reads it
    local own_words=("$@")
    local complete start
    if ! declare -F _docker >/dev/null && ! declare -F __start_docker >/dev/null; then
        _dock_load docker
    fi
    complete=$(complete -p docker 2>/dev/null) || return 0
    start=$(sed -n 's/.* -F \([A-Za-z_]*\).*/\1/p' <<<"$complete")
    declare -F "$start" >/dev/null || return 0
    local had
    had=$(declare -f docker)
    # shellcheck disable=SC2317 # docker's completion calls it
    docker() { command dock "${own_words[@]}" "$@"; }
    COMP_WORDS[0]=docker
    COMP_LINE="${COMP_WORDS[*]}"
    COMP_POINT=${#COMP_LINE}
    "$start" docker "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    unset -f docker
    [ -z "$had" ] || eval "$had"
}

complete -F _dock dock
