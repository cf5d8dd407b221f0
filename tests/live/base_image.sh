#!/bin/bash
# Makes sure that the engine has one of the live tests' base images, and prints the image's name.
#
#   tests/live/base_image.sh [--make] [bookworm | full | sid | musl]
#
#   bookworm    Debian with Python 3.11 as `python` and `python3`; the default. Pulled when a registry answers and
#               --make is not given
#   full        The same with a compiler and its friends, as the upstream images without `slim` have it; no test needs it
#   sid         Debian with Python 3.14 as `python3`, and 3.15
#   musl        CPython 3.11 on musl, without a shell or anything else; see musl_root.sh
#
# Made from Debian's packages (root only). It stays in the engine between runs. The name appears only once the image is
# whole and has run Python; whatever kills this script, the next run removes what it left. The engine is DOCKER_HOST's,
# or the default socket's. Exit 3: there is no such image, and the last line on stderr says why.
set -euo pipefail

always_make=
[[ ${1:-} != --make ]] || { always_make=yes && shift; }
readonly KIND=${1:-bookworm}
case $KIND in
    bookworm)
        UPSTREAM=python:3.11-slim-bookworm
        PACKAGES=python3,python3-pip,python3-venv,python-is-python3,ca-certificates
        CHECK='import pip, sqlite3, ssl, venv' ;;
    full)
        UPSTREAM=python:3.11-bookworm
        PACKAGES=python3,python3-pip,python3-venv,python3-dev,python-is-python3,ca-certificates,build-essential,cmake,curl
        PACKAGES+=,git,libffi-dev,libpq-dev,libsqlite3-dev,libssl-dev,pkg-config,wget,zlib1g-dev
        CHECK='import pip, shutil; assert shutil.which("gcc") and shutil.which("git")' ;;
    sid)
        UPSTREAM=
        PACKAGES=python3.14,python3.15
        CHECK='import sqlite3, ssl, sys; assert sys.version_info[:2] == (3, 14)' ;;
    musl)
        UPSTREAM=
        PACKAGES=
        CHECK='import cProfile, multiprocessing, socket, threading, zlib' ;;
    *) echo "usage: base_image.sh [--make] [bookworm | full | sid | musl]" >&2; exit 2 ;;
esac
readonly UPSTREAM PACKAGES CHECK
readonly SUITE=${KIND/full/bookworm}
readonly IMAGE=${WORKBENCH_TEST_BASE:-workbench-test/base:$KIND}
readonly PARTIAL=${IMAGE%:*}-partial
readonly PULL_SECONDS=20
readonly SCRATCH=${TMPDIR:-/tmp}
readonly PATH_INSIDE=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
readonly HERE=${BASH_SOURCE%/*}

# Set explicitly, so that a docker context chosen by this user does not lead elsewhere.
export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}

present() { docker image inspect "$IMAGE" >/dev/null 2>&1; }

# What runs that were killed have left; their process is in the name.
remove_leftovers() {
    local folder tag
    for folder in "$SCRATCH"/workbench-base.*.*; do
        [[ -d $folder && -O $folder && ! -L $folder ]] || continue
        kill -0 "$(cut -d. -f2 <<<"${folder##*/}")" 2>/dev/null || rm -rf --one-file-system -- "$folder"
    done
    for tag in $(docker image ls --format '{{.Tag}}' "$PARTIAL"); do
        kill -0 "$tag" 2>/dev/null || docker image rm --force "$PARTIAL:$tag" >/dev/null
    done
}

source "$HERE/debian_apart.sh"

pull() {
    [[ -n $UPSTREAM ]] || return 1
    timeout "$PULL_SECONDS" docker pull --quiet "$UPSTREAM" >/dev/null 2>&1 || return 1
    docker image tag "$UPSTREAM" "$IMAGE"
}

# Runs a program that dies with this script even when that is killed; what it mounted and started goes with its
# namespaces.
run_apart() {
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@" \
        </dev/null >"$folder/log" 2>&1 9>&- &
    child=$!
    local code=0
    wait "$child" || code=$?
    child=
    ((code == 0)) && return
    tail -n 5 "$folder/log" >&2
    ((code == 3)) || missing "${1##*/} failed"
    exit 3
}

fill_with_debian() {
    command -v debootstrap >/dev/null || missing "no registry answers, and debootstrap is missing: apt-get install debootstrap"
    local from
    from=$(mirror "$SUITE")
    [[ -n $from ]] || missing "no registry answers, and apt has no Debian mirror set up"
    run_apart debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$folder/root" "$from"
    # As in the upstream image: pip may install into the system. Nothing of this machine goes in.
    rm -rf "$folder"/root/{usr/lib/python3*/EXTERNALLY-MANAGED,var/lib/apt/lists/*,var/cache/apt/*,var/log/*,debootstrap}
    rm -rf "$folder"/root/{etc/apt/sources.list,etc/resolv.conf,etc/hostname,usr/share/doc/*,usr/share/man/*,usr/share/locale/*}
    [[ -e $folder/root/usr/bin/python3 ]] || ln -s python3.14 "$folder/root/usr/bin/python3"
}

make_image() {
    [[ $EUID == 0 ]] || missing "no registry answers, and only root can make the base image${UPSTREAM:+: docker pull $UPSTREAM}"
    folder=$(mktemp -d "$SCRATCH/workbench-base.$$.XXXXXX")
    chmod 755 "$folder"
    tell "making $IMAGE"
    if [[ $KIND == musl ]]; then run_apart "$HERE/musl_root.sh" "$folder/root"; else fill_with_debian; fi
    tar --directory "$folder/root" --numeric-owner --create . \
        | docker import --change "ENV PATH=$PATH_INSIDE" --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' \
            - "$PARTIAL:$$" >/dev/null &
    child=$!
    wait "$child" || missing "the engine did not import the base image"
    child=
    docker run --rm --network none --label "workbench.test=base" "$PARTIAL:$$" python3 -c "$CHECK" >&2 \
        || missing "Python does not run in the new base image"
    docker image tag "$PARTIAL:$$" "$IMAGE"
}

folder='' child=''
clean() {
    trap - EXIT
    # unshare holds TERM back for as long as its child runs.
    [[ -z $child ]] || kill -KILL "$child" 2>/dev/null || true
    [[ -z $child ]] || wait "$child" 2>/dev/null || true
    [[ -z $folder ]] || rm -rf --one-file-system -- "$folder"
    docker image rm --force "$PARTIAL:$$" >/dev/null 2>&1 || true
}
trap clean EXIT
trap 'exit 143' TERM
trap 'exit 130' INT HUP

command -v docker >/dev/null || missing "the docker command is missing: apt-get install docker.io"
docker version >/dev/null 2>&1 || missing "no Docker engine answers at $DOCKER_HOST"
if ! present; then
    # Two runs at once must not make it twice.
    exec 9>>"$SCRATCH/workbench-base.$EUID.lock"
    flock 9
    remove_leftovers
    present || { [[ -z $always_make ]] && pull; } || make_image
fi
printf '%s\n' "$IMAGE"
