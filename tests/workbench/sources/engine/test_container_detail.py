from typing import Any

import pytest

from workbench.measure.secrets import MASK
from workbench.sources.container_detail import container_detail

FOUND: dict[str, Any] = {
    "Id": "a" * 64,
    "Name": "/api",
    "Image": "sha256:1",
    "Created": "2026-11-20T17:02:25.120120196Z",
    "Path": "serve",
    "Args": ["--password", "hunter2", "-v"],
    "RestartCount": 2,
    "State": {
        "Status": "exited",
        "ExitCode": 137,
        "Pid": 0,
        "OOMKilled": True,
        "StartedAt": "2026-11-20T17:02:25Z",
        "FinishedAt": "2026-11-20T17:03:25Z",
        "Health": {"Status": "unhealthy"},
    },
    "Config": {
        "Image": "app:1",
        "User": "app",
        "Tty": True,
        "WorkingDir": "/app",
        "Env": ["DB=postgres://me:hunter2@db/x", "API_TOKEN=hunter2"],
        "ExposedPorts": {"80/tcp": {}, "9000/udp": {}, "443/tcp": {}},
        "Labels": {"team": "shop", "deploy.token": "hunter2"},
    },
    "HostConfig": {
        "NanoCpus": 500_000_000,
        "Memory": 64_000_000,
        "PidsLimit": 50,
        "CpusetCpus": "0-3,6",
        "ShmSize": 67_108_864,
        "LogConfig": {"Type": "json-file", "Config": {}},
        "DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}],
        "NetworkMode": "bridge",
        "ReadonlyRootfs": True,
        "Privileged": True,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5},
        "Tmpfs": {"/run": "rw,size=1m", "/x": "ro"},
        "PortBindings": {
            "80/tcp": [{"HostIp": "", "HostPort": "8080"}],
            "443/tcp": [{"HostIp": "::1", "HostPort": ""}],
        },
    },
    "Mounts": [
        {"Type": "bind", "Source": "/srv", "Destination": "/data", "RW": False},
        {
            "Type": "volume",
            "Name": "cache",
            "Source": "/var/lib/docker/volumes/cache/_data",
            "Destination": "/c",
            "RW": True,
        },
    ],
    "NetworkSettings": {"Ports": {}},
}


def test_everything_inspect_knows() -> None:
    detail = container_detail(FOUND, machine_cpus=4)
    assert (detail.name, detail.image, detail.image_id, detail.state) == ("api", "app:1", "sha256:1", "exited")
    assert detail.command == ("serve", "--password", MASK, "-v")
    assert (detail.exit_code, detail.out_of_memory_killed, detail.health) == (137, True, "unhealthy")
    assert (detail.restart_count, detail.restart_policy) == (2, "on-failure:5")
    assert (detail.cpu_limit_cores, detail.memory_limit_bytes, detail.pids_limit) == (0.5, 64_000_000, 50)
    assert (detail.read_only_root, detail.privileged, detail.network_mode) == (True, True, "bridge")
    assert detail.mounts == ("/srv → /data (ro)", "cache → /c", "tmpfs → /run", "tmpfs → /x (ro)")
    assert detail.started == "2026-11-20T17:02:25Z"
    assert (detail.pid, detail.cpuset, detail.shm_size_bytes) == (None, "0-3,6", 64 << 20)
    assert (detail.tty, detail.log_driver, detail.gpus) == (True, "json-file", ("all",))
    assert container_detail({**FOUND, "State": {"Status": "running", "Pid": 7}}, 4).pid == 7
    assert "hunter2" not in repr(detail)


def test_ports_of_a_stopped_container_are_those_it_will_have() -> None:
    assert container_detail(FOUND, 4).ports == ("0.0.0.0:8080 → 80/tcp", "[::1]:any → 443/tcp", "9000/udp")


def test_ports_of_a_running_container_are_those_it_has() -> None:
    bound = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}, {"HostIp": "::", "HostPort": "32768"}]}
    running = {**FOUND, "NetworkSettings": {"Ports": bound | {"443/tcp": None}}}
    assert container_detail(running, 4).ports == (
        "127.0.0.1:32768 → 80/tcp",
        "[::]:32768 → 80/tcp",
        "443/tcp",
        "9000/udp",
    )


@pytest.mark.parametrize("status", ["running", "paused", "created"])
def test_no_exit_code_before_the_end(status: str) -> None:
    state = {"Status": status, "ExitCode": 0, "FinishedAt": "0001-01-01T00:00:00Z"}
    detail = container_detail({**FOUND, "State": state}, 4)
    assert detail.exit_code is None
    assert detail.finished == ""


@pytest.mark.parametrize("answer", [{}, {"State": None, "Config": [], "HostConfig": "x", "Mounts": {}, "Args": 5}])
def test_an_answer_that_tells_nothing(answer: dict[str, Any]) -> None:
    detail = container_detail(answer, 0)
    assert (detail.state, detail.restart_policy, detail.ports, detail.mounts) == ("unknown", "no", (), ())
