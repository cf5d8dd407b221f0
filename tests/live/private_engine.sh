#!/bin/bash
# Runs one more Docker engine beside the machine's own until TERM, then removes all of it. Root only.
#
#   tests/live/private_engine.sh FOLDER [PROGRAMS]
#
# It listens on FOLDER/docker.sock; FOLDER/client is free for the settings of its clients, and a
# FOLDER/config.json that is there is its own.
# PROGRAMS is a folder with a dockerd; without it the one on PATH is used.
# The engine has network, mount and process namespaces of its own: the machine's docker0, firewall
# rules and containers are never touched, its containers have no network beyond it, and whatever kills
# this script ends the engine, its containers and its mounts. The process ids it reports are its own.
set -euo pipefail

readonly FOLDER=${1:?usage: private_engine.sh FOLDER [PROGRAMS]}
readonly CGROUP=workbench-engine.$$
readonly STOP_SECONDS=15

tell() { printf '%s\n' "$*" >&2; }

remove_cgroups() { # PATTERN
    find /sys/fs/cgroup -depth -type d -path "/sys/fs/cgroup/*$1*" -exec rmdir {} + 2>/dev/null || true
}

# The cgroups of earlier scripts that were killed; their process is in the name.
remove_leftovers() {
    local name
    for name in $(find /sys/fs/cgroup -type d -name 'workbench-engine.*' -printf '%f\n' 2>/dev/null | sort -u); do
        kill -0 "${name#*.}" 2>/dev/null || remove_cgroups "/$name"
    done
}

guard=''
stop() {
    local tick
    # unshare holds TERM back, so it goes to the engine, which then stops its containers.
    pkill -TERM --parent "$guard" 2>/dev/null || true
    for ((tick = 0; tick < STOP_SECONDS * 10; tick++)); do
        kill -0 "$guard" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$guard" 2>/dev/null || true
}

clean() {
    trap - EXIT
    [[ -z $guard ]] || stop
    [[ -z $guard ]] || wait "$guard" 2>/dev/null || true
    rm -rf --one-file-system -- "$FOLDER"/{root,exec,pid,docker.sock,config.json,log,client}
    rmdir -- "$FOLDER" 2>/dev/null || true
    remove_cgroups "/$CGROUP"
}

[[ $EUID == 0 ]] || { tell "a private engine needs root"; exit 3; }
[[ -z ${2:-} ]] || PATH=$2:$PATH
PATH=$PATH:/usr/sbin:/sbin
command -v dockerd ip unshare setpriv pkill >/dev/null || { tell "a private engine needs dockerd, iproute2, util-linux and procps"; exit 3; }

remove_leftovers
mkdir -p -- "$FOLDER"
trap clean EXIT
trap 'exit 143' TERM
trap 'exit 130' INT HUP
[[ -e $FOLDER/config.json ]] || echo '{}' >"$FOLDER/config.json"
# A containerd of the machine, if there is one, is hidden: its containers would start in its namespaces.
setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc sh -c '
    ip link set lo up
    [ ! -d /run/containerd ] || mount -t tmpfs tmpfs /run/containerd
    exec dockerd --host "unix://$1/docker.sock" --data-root "$1/root" --exec-root "$1/exec" --pidfile "$1/pid" \
        --config-file "$1/config.json" --cgroup-parent "/$2" --shutdown-timeout 2
' engine "$FOLDER" "$CGROUP" </dev/null >"$FOLDER/log" 2>&1 &
guard=$!
status=0
wait "$guard" || status=$?
guard=''
tell "the private engine ended by itself: $(tail -n 1 "$FOLDER/log")"
exit "$((status ? status : 1))"
