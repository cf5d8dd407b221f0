#!/bin/bash
# Runs a modern Docker engine with buildx beside the machine's own until TERM. Root only.
#
#   tests/live/modern_engine.sh FOLDER      it listens on FOLDER/docker.sock
#   tests/live/modern_engine.sh --fetch     only fetch its programs, and print the folder that holds them
#
# The programs are Debian's newest docker.io, docker-cli and docker-buildx, unpacked in the cache and never
# installed: apt works in a folder of its own, with the package mirror that this machine's apt is set up with.
# Exit 3: they cannot be had, and the last line on stderr says why.
set -euo pipefail

readonly CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/workbench-tests
readonly PROGRAMS=$CACHE/modern-engine
readonly PACKAGES=(docker.io docker-cli docker-buildx)

source "${BASH_SOURCE%/*}/debian_apart.sh"

scratch=''
apt_fetch() {
    mkdir -p "$scratch"/{debs,programs}
    tell "fetching ${PACKAGES[*]} from Debian sid"
    apt_apart "$scratch/apt" "deb sid"
    (cd "$scratch/debs" && timeout "$FETCH_SECONDS" apt-get download -qq "${PACKAGES[@]}" </dev/null >&2) \
        || missing "apt-get download ${PACKAGES[*]} from Debian sid failed"
    local package
    for package in "$scratch"/debs/*.deb; do dpkg-deb --extract "$package" "$scratch/programs"; done
    "$scratch/programs/usr/sbin/dockerd" --version >&2 || missing "Debian sid's dockerd does not run on this machine"
}

fetch() {
    [[ -x $PROGRAMS/usr/sbin/dockerd ]] && return
    mkdir -p "$CACHE"
    exec 9>>"$CACHE/lock"
    flock 9
    if [[ ! -x $PROGRAMS/usr/sbin/dockerd ]]; then
        rm -rf -- "$CACHE"/fetching.*
        scratch=$(mktemp -d "$CACHE/fetching.XXXXXX")
        trap 'rm -rf -- "$scratch"' EXIT
        apt_fetch
        mv -- "$scratch/programs" "$PROGRAMS"
        rm -rf -- "$scratch"
        trap - EXIT
    fi
    exec 9>&-
}

trap 'exit 143' TERM
trap 'exit 130' INT HUP
case ${1:-} in
    --fetch) fetch && printf '%s\n' "$PROGRAMS" ;;
    '' | -*) tell "usage: modern_engine.sh FOLDER | --fetch"; exit 2 ;;
    *) fetch && exec "${BASH_SOURCE%/*}/private_engine.sh" "$1" "$PROGRAMS/usr/sbin" ;;
esac
