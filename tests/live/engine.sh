#!/bin/bash
# Finds a Docker engine for the live tests, or starts one, and prints its address (a DOCKER_HOST) on stdout.
#
#   tests/live/engine.sh            find one; on Debian as root, install and start one where there is none
#   tests/live/engine.sh --find     only look
#
# An engine at DOCKER_HOST is used as it is; where that is unset, the one at the default socket.
# What it does is told on stderr. Exit 3: there is no engine, and the last line on stderr says why.
# An engine started here goes on running, so that the next run of the tests finds it.
set -euo pipefail

readonly SOCKET=/var/run/docker.sock
readonly LOG=/var/log/workbench-test-engine.log
readonly LOCK=/run/workbench-test-engine.lock
readonly START_SECONDS=60

tell() { printf '%s\n' "$*" >&2; }
missing() { tell "$*"; exit 3; }

# answers SOCKET: true when a Docker engine there answers a ping
answers() {
    python3 - "$1" <<'PYTHON'
import socket, sys
try:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(5)
        link.connect(sys.argv[1])
        link.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
        sys.exit(b" 200 " not in link.recv(64))
except OSError:
    sys.exit(1)
PYTHON
}

install_engine() {
    [[ -e /etc/debian_version ]] || missing "no Docker engine at $SOCKET, and this is not Debian: start one, or set DOCKER_HOST"
    local wanted=(docker.io debootstrap iptables iproute2)
    tell "installing ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null >"$LOG" 2>&1 || missing "apt-get update failed, so docker.io cannot be installed"
    # From Debian 13 on the client is a package of its own.
    if apt-cache show docker-cli >/dev/null 2>&1; then wanted+=(docker-cli); fi
    apt-get install -y -qq --no-install-recommends "${wanted[@]}" </dev/null >>"$LOG" 2>&1 \
        || missing "apt-get install ${wanted[*]} failed; its log is $LOG"
}

# The engine needs cgroup controllers; a container or a bare virtual machine may have mounted none.
mount_cgroups() {
    grep -qE '^[^ ]+ /sys/fs/cgroup[^ ]* cgroup2? ' /proc/mounts && return
    tell "mounting the cgroup controllers"
    mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    local controller
    for controller in $(awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups); do
        mkdir -p "/sys/fs/cgroup/$controller"
        mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" || rmdir "/sys/fs/cgroup/$controller"
    done
}

start_engine() {
    mount_cgroups
    tell "starting dockerd"
    # The lock's descriptor is closed, or the engine would hold the lock for as long as it runs.
    setsid dockerd --storage-driver overlay2 </dev/null >>"$LOG" 2>&1 9>&- &
    local engine=$! tick
    for ((tick = 0; tick < START_SECONDS * 4; tick++)); do
        if answers "$SOCKET"; then
            tell "started a Docker engine, process $engine, log $LOG; it stays for the next run, and stops with: kill $engine"
            return
        fi
        kill -0 "$engine" 2>/dev/null || missing "dockerd ended at once: $(tail -n 1 "$LOG")"
        sleep 0.25
    done
    kill "$engine"
    missing "dockerd did not answer within $START_SECONDS s: $(tail -n 1 "$LOG")"
}

main() {
    if [[ -n ${DOCKER_HOST:-} ]]; then
        if [[ $DOCKER_HOST == unix://* ]] && ! answers "${DOCKER_HOST#unix://}"; then
            missing "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST"
        fi
        printf '%s\n' "$DOCKER_HOST"
        return
    fi
    if ! answers "$SOCKET"; then
        [[ ${1:-} != --find ]] || missing "no Docker engine answers at $SOCKET"
        [[ $EUID == 0 ]] || missing "no Docker engine answers at $SOCKET, and only root can start one: start one, or set DOCKER_HOST"
        # Two runs at once must not start two engines on one socket.
        exec 9>"$LOCK"
        flock 9
        if ! answers "$SOCKET"; then
            command -v dockerd >/dev/null || install_engine
            # Installing may have started it, where the machine has an init system.
            answers "$SOCKET" || start_engine
        fi
    fi
    printf 'unix://%s\n' "$SOCKET"
}

main "$@"
