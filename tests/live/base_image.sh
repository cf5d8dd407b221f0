#!/bin/bash
# Makes sure that the engine has the live tests' base image, and prints the image's name.
#
#   tests/live/base_image.sh            pull it, or else make it
#   tests/live/base_image.sh --make     make it, even where it could be pulled
#
# Pulled when a registry answers, else made from Debian's packages with debootstrap (root only). It stays in the
# engine between runs. The name appears only once the image is whole and has run Python; whatever kills
# this script, the next run removes what it left. The engine is DOCKER_HOST's, or the default socket's.
# Exit 3: there is no base image, and the last line on stderr says why.
set -euo pipefail

readonly IMAGE=${WORKBENCH_TEST_BASE:-workbench-test/base:bookworm}
readonly UPSTREAM=python:3.11-slim-bookworm
readonly PARTIAL=${IMAGE%:*}-partial
readonly PULL_SECONDS=20
readonly SCRATCH=${TMPDIR:-/tmp}
readonly PACKAGES=python3,python3-pip,python3-venv,python-is-python3,ca-certificates
readonly PATH_INSIDE=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Set explicitly, so that a docker context chosen by this user does not lead elsewhere.
export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}

tell() { printf '%s\n' "$*" >&2; }
missing() { tell "$*"; exit 3; }
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

# The address of a package mirror for bookworm, as this machine's apt is set up.
mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
        | awk '$3 == "main" && $1 !~ /security/ && ($2 == "bookworm" || !first) { first = $1; if ($2 == "bookworm") exit }
               END { print first }'
}

pull() {
    timeout "$PULL_SECONDS" docker pull --quiet "$UPSTREAM" >/dev/null 2>&1 || return 1
    docker image tag "$UPSTREAM" "$IMAGE"
}

make_image() {
    [[ $EUID == 0 ]] || missing "no registry answers, and only root can make the base image: docker pull $UPSTREAM"
    command -v debootstrap >/dev/null || missing "no registry answers, and debootstrap is missing: apt-get install debootstrap"
    local from
    from=$(mirror)
    [[ -n $from ]] || missing "no registry answers, and apt has no Debian mirror set up"

    folder=$(mktemp -d "$SCRATCH/workbench-base.$$.XXXXXX")
    chmod 755 "$folder"
    tell "making $IMAGE with debootstrap"
    # It dies with this script even when that is killed, and what it mounted and started goes with its namespaces.
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
        debootstrap --variant=minbase --include="$PACKAGES" bookworm "$folder/root" "$from" \
        </dev/null >"$folder/log" 2>&1 9>&- &
    child=$!
    wait "$child" || { tail -n 5 "$folder/log" >&2; missing "debootstrap failed"; }
    child=

    # As in the upstream image: pip may install into the system. Nothing of this machine goes in.
    rm -rf "$folder"/root/{usr/lib/python3*/EXTERNALLY-MANAGED,var/lib/apt/lists/*,var/cache/apt/*,var/log/*,debootstrap}
    rm -rf "$folder"/root/{etc/apt/sources.list,etc/resolv.conf,etc/hostname,usr/share/doc/*,usr/share/man/*,usr/share/locale/*}
    tar --directory "$folder/root" --numeric-owner --create . \
        | docker import --change "ENV PATH=$PATH_INSIDE" --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' \
            - "$PARTIAL:$$" >/dev/null &
    child=$!
    wait "$child" || missing "the engine did not import the base image"
    child=
    docker run --rm --network none --label "workbench.test=base" "$PARTIAL:$$" \
        python -c 'import pip, sqlite3, ssl, venv' >&2 || missing "Python does not run in the new base image"
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
    present || { [[ ${1:-} != --make ]] && pull; } || make_image
fi
printf '%s\n' "$IMAGE"
