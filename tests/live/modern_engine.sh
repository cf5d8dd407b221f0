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
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly FETCH_SECONDS=240
readonly PACKAGES=(docker.io docker-cli docker-buildx)

tell() { printf '%s\n' "$*" >&2; }
missing() { tell "$*"; exit 3; }

scratch=''
# apt-get in a folder of its own: the machine's package lists and installed packages are only read.
apt_fetch() {
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' \
        | awk '$2 == "main" && $1 !~ /security/ { print $1; exit }')
    [[ -n $mirror ]] || missing "apt has no Debian mirror set up"
    mkdir -p "$scratch"/{lists/partial,cache/archives/partial,state,debs,programs}
    cp /var/lib/dpkg/status "$scratch/state/status"
    echo "deb [signed-by=$KEYRING] $mirror sid main" >"$scratch/sources.list"
    cat >"$scratch/apt.conf" <<CONF
Dir::Etc::sourcelist "$scratch/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$scratch/state";
Dir::State::Lists "$scratch/lists";
Dir::State::status "$scratch/state/status";
Dir::Cache "$scratch/cache";
APT::Sandbox::User "root";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
CONF
    export APT_CONFIG=$scratch/apt.conf
    tell "fetching ${PACKAGES[*]} from Debian sid"
    timeout "$FETCH_SECONDS" apt-get update -qq </dev/null >&2 || missing "apt-get update for Debian sid failed"
    (cd "$scratch/debs" && timeout "$FETCH_SECONDS" apt-get download -qq "${PACKAGES[@]}" </dev/null >&2) \
        || missing "apt-get download ${PACKAGES[*]} from Debian sid failed"
    local package
    for package in "$scratch"/debs/*.deb; do dpkg-deb --extract "$package" "$scratch/programs"; done
    "$scratch/programs/usr/sbin/dockerd" --version >&2 || missing "Debian sid's dockerd does not run on this machine"
}

fetch() {
    [[ -x $PROGRAMS/usr/sbin/dockerd ]] && return
    [[ -r $KEYRING ]] || missing "a modern engine is fetched from Debian, and this machine has no Debian keyring"
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
