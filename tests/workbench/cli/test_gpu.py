"""`workbench gpu` as it is typed, with the stand-in for NVIDIA's library on the loader's path."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.sources.nvml_driver import build_driver, with_driver

Type = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_driver(tmp_path_factory.mktemp("driver"))


@pytest.fixture
def type_(driver: Path, tmp_path: Path) -> Type:
    """Run one command line in a scenario: exit code, what went to stdout, what went to stderr."""

    def run(scenario: str, *words: str) -> tuple[int, str, str]:
        places = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "DATA", "CACHE")}
        environment = with_driver(driver, scenario, DOCKER_HOST=f"unix://{tmp_path}/none.sock", **places)
        command = [sys.executable, "-W", "error", "-m", "workbench", "gpu", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def test_json_has_every_figure_of_every_gpu(type_: Type) -> None:
    code, out, err = type_(f"gpus=3 gpm=1 nvlink=1 mig=1 lost=2 throttling=4 pid={os.getpid()}", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["schema"], document["driver_version"]) == (1, "570.12.34")
    assert abs(document["taken_at"] - time.time()) < 3600
    whole, sliced, lost = document["gpus"]
    assert whole["throttle_reasons"] == ["power cap"]
    assert whole["sm_active_percent"] == 23.5, "measured between two readings"
    assert whole["pcie_received_bytes_per_second"] == 2_048_000_000.0
    assert whole["nvlink_sent_bytes_per_second"] > 0
    [process] = whole["processes"]
    assert (process["pid"], process["container"], process["sm_percent"]) == (os.getpid(), None, 64.0)
    assert [part["memory_total_bytes"] for part in sliced["mig_devices"]] == [10_000_000_000] * 2
    assert (lost["index"], lost["utilisation_percent"]) == (2, None)
    assert "fallen off the bus" in lost["problem"]


def test_a_process_of_another_engine_s_container_has_its_short_id() -> None:
    from workbench.cli.gpu_json import gpu_document
    from workbench.model.gpu import GpuDevice, GpuProcess

    ours, theirs = "a" * 64, "b" * 64
    device = GpuDevice(0, "H200", "GPU-0", processes=(GpuProcess(1, "x", ours), GpuProcess(2, "y", theirs)))
    document = gpu_document(device, {ours: "trainer"})
    assert [process["container"] for process in document["processes"]] == ["trainer", "b" * 12]


def test_a_table_for_people(type_: Type) -> None:
    code, out, err = type_(f"gpus=3 gpm=1 mig=1 lost=2 throttling=68 pid={os.getpid()}")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "driver 570.12.34"
    first = next(line for line in lines if line.startswith("0 NVIDIA"))
    assert "37% 24% 30.0 G/80.0 GB 61/89°C 412/700 W 1410/1980 MHz gen 4 ×16 2.05 G↓ 512 MB/s↑" in first
    assert first.endswith("too hot (hardware), power cap")
    assert any(line.startswith("1:0 NVIDIA Test 1 MIG 1g.10gb – 30% 4.00 G/10.0 GB") for line in lines)
    assert any(line.startswith("2 GPU 2") and "fallen off the bus" in line for line in lines)
    assert any(line.startswith(f"0 {os.getpid()} ") and line.endswith("compute 1.50 GB 64% 21%") for line in lines)


def test_a_chip_that_says_little_is_not_at_zero(type_: Type) -> None:
    code, out, _ = type_("gpus=1 few=1 unified_memory=1")
    assert code == 0
    line = next(" ".join(line.split()) for line in out.splitlines() if line.startswith("0 "))
    assert line == "0 NVIDIA Test 0 37% – – 61°C 412/700 W – – –"


@pytest.mark.parametrize(
    ("scenario", "reason", "hint"),
    [("gpus=0", "shows no GPU", "nvidia-smi -L"), ("init_result=18", "different versions", "reboot")],
)
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_no_gpu_is_exit_3_with_the_reason_and_the_cure(
    type_: Type, scenario: str, reason: str, hint: str, words: tuple[str, ...]
) -> None:
    code, out, err = type_(scenario, *words)
    assert (code, out) == (3, "")
    assert reason in err.splitlines()[0]
    assert hint in err.splitlines()[1]
