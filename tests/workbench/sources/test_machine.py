"""What a run remembers of the machine it was taken on."""

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from workbench.model.containers import EngineInfo
from workbench.sources.machine import cpu_model, environment_of

LOCAL = EngineInfo(
    endpoint="unix:///var/run/docker.sock",
    context=None,
    product="docker",
    version="20.10.24",
    api_version="1.41",
    storage_driver="overlay2",
    operating_system="Debian",
    cgroup_version=1,
    cpus=7,
    memory_bytes=123 << 20,
)
REMOTE = replace(LOCAL, endpoint="ssh://me@gpu-box")


def test_a_local_engine_is_described_by_this_machine() -> None:
    environment = environment_of(LOCAL)
    assert environment.cpu_cores == psutil.cpu_count()
    assert environment.memory_bytes is not None
    assert abs(environment.memory_bytes - psutil.virtual_memory().total) <= 32 << 20
    assert environment.kernel == Path("/proc/sys/kernel/osrelease").read_text().strip()
    assert environment.cpu_model
    assert environment.engine_version == "20.10.24"
    assert environment.cgroup_version == 1


def test_without_an_engine_the_machine_is_still_known() -> None:
    environment = environment_of(None)
    assert environment.cpu_cores == psutil.cpu_count()
    assert environment.engine is None
    assert environment.host_id == environment_of(LOCAL).host_id
    mounted = Path("/sys/fs/cgroup")
    version = 2 if (mounted / "cgroup.controllers").exists() else 1 if (mounted / "memory").exists() else None
    assert environment.cgroup_version == version


def test_a_remote_engine_is_described_by_what_it_says() -> None:
    environment = environment_of(REMOTE)
    assert (environment.cpu_cores, environment.memory_bytes) == (7, 128 << 20)
    assert environment.kernel is None
    assert environment.cpu_model is None


def test_no_machine_is_named() -> None:
    assert "gpu-box" not in repr(environment_of(REMOTE))
    machine_id = Path("/etc/machine-id")
    if machine_id.exists() and machine_id.read_text().strip():
        assert machine_id.read_text().strip() not in repr(environment_of(LOCAL))


def test_the_fingerprint_tells_environments_apart() -> None:
    assert environment_of(LOCAL).fingerprint == environment_of(LOCAL).fingerprint
    others = (None, REMOTE, replace(REMOTE, endpoint="ssh://b"), replace(LOCAL, version="28.5.2"))
    assert len({environment_of(engine).fingerprint for engine in (LOCAL, *others)}) == 5


@pytest.mark.parametrize(
    ("cpuinfo", "model"),
    [
        ("processor\t: 0\nmodel name\t: Xeon E5 @ 2.20GHz\n\nprocessor : 1\nmodel name : other", "Xeon E5 @ 2.20GHz"),
        ("processor : 0\nCPU implementer\t: 0x41\nCPU variant : 0x3\nCPU part\t: 0xd0c\n", "ARM 0x41 0xd0c 0x3"),
        ("", None),
        ("model name\t:\n", None),
        ("no colon at all\n:::\n", None),
    ],
)
def test_the_processor_is_named_as_the_kernel_does(cpuinfo: str, model: str | None) -> None:
    assert cpu_model(cpuinfo) == model
