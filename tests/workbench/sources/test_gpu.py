"""GPUs through the real pynvml and its ctypes path, on a driver library compiled here."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

Probe = Callable[..., list[dict[str, Any]]]

PRELUDE = """
import ctypes, dataclasses, json, os, threading
from workbench.errors import GpuUnavailable
from workbench.sources.gpu import RETRY_SECONDS, GpuSource

now = 0.0
results = []
source = GpuSource(clock=lambda: now)

def fake(name, value=None):
    cell = ctypes.c_int.in_dll(ctypes.CDLL("libnvidia-ml.so.1"), "fake_" + name)
    if value is not None:
        cell.value = value
    return cell.value

def read():
    try:
        results.append(dataclasses.asdict(source.read()))
    except GpuUnavailable as error:
        results.append({"reason": error.reason, "hint": error.hint})
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled stand-in."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build the stand-in for NVIDIA's library: apt-get install gcc")
    folder = tmp_path_factory.mktemp("driver")
    source = Path(__file__).with_name("fake_nvml.c")
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", library, source], check=True)
    return folder


def run(code: str, **environment: str) -> list[dict[str, Any]]:
    """Run the prelude and `code` in a fresh interpreter and return what it collected."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + dedent(code) + "\nprint(json.dumps(results))"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    collected: list[dict[str, Any]] = json.loads(done.stdout)
    return collected


@pytest.fixture
def probe(driver: Path) -> Probe:
    """Runs code with the stand-in where the driver would be."""
    return lambda code: run(code, LD_LIBRARY_PATH=str(driver))


def test_every_figure_of_a_healthy_gpu(probe: Probe) -> None:
    [snapshot] = probe("fake('gpus', 1); read()")
    assert snapshot == {
        "driver_version": "570.12.34",
        "devices": [
            {
                "index": 0,
                "name": "NVIDIA Test 0",
                "uuid": "GPU-00000000-0000-0000-0000-000000000000",
                "utilisation_percent": 37.0,
                "memory_used_bytes": 30000,
                "memory_total_bytes": 80000,
                "temperature_celsius": 61.0,
                "power_watts": 412.5,
                "power_limit_watts": 700.0,
                "problem": "",
            }
        ],
    }


@pytest.mark.parametrize("from_handle", [0, 1])
@pytest.mark.parametrize(
    ("code", "words"),
    [(15, "fallen off the bus"), (4, "may not read"), (999, "unknown NVML error"), (10, "answer")],
)
def test_one_bad_gpu_never_hides_the_other(probe: Probe, code: int, words: str, from_handle: int) -> None:
    [snapshot] = probe(
        f"fake('bad_gpu', 1); fake('bad_result', {code}); fake('bad_from_handle', {from_handle}); read()"
    )
    healthy, bad = snapshot["devices"]
    assert (healthy["problem"], healthy["utilisation_percent"]) == ("", 37.0)
    assert words in bad["problem"]
    assert bad["index"] == 1
    assert {bad["utilisation_percent"], bad["memory_used_bytes"], bad["power_watts"]} == {None}


def test_a_gpu_lost_while_we_watch_keeps_its_name_and_comes_back(probe: Probe) -> None:
    before, lost, after = probe(
        "read(); fake('bad_from_handle', 1); fake('bad_gpu', 1); read(); fake('bad_gpu', -1); read()"
    )
    assert "fallen" in lost["devices"][1]["problem"]
    assert lost["devices"][1]["name"] == "NVIDIA Test 1"
    assert lost["devices"][1]["uuid"] == before["devices"][1]["uuid"]
    assert after == before


def test_figures_that_a_chip_lacks_are_not_measured_and_no_problem(probe: Probe) -> None:
    [snapshot] = probe("fake('bad_gpu', 0); fake('bad_result', 3); read()")
    assert snapshot["devices"][0]["problem"] == ""
    assert snapshot["devices"][0]["utilisation_percent"] is None
    assert snapshot["devices"][0]["memory_total_bytes"] is None


def test_memory_of_an_old_driver_and_of_a_chip_without_its_own(probe: Probe) -> None:
    old, unified = probe("fake('no_memory_v2', 1); read(); fake('unified_memory', 1); read()")
    assert (old["devices"][0]["memory_used_bytes"], old["devices"][0]["memory_total_bytes"]) == (32000, 80000)
    assert unified["devices"][0]["memory_used_bytes"] is None
    assert unified["devices"][0]["memory_total_bytes"] is None
    assert unified["devices"][0]["utilisation_percent"] == 37.0


def test_a_garbled_name_costs_only_the_name(probe: Probe) -> None:
    [snapshot] = probe("fake('garbled_name', 1); read()")
    assert [device["name"] for device in snapshot["devices"]] == ["GPU 0", "GPU 1"]
    assert snapshot["devices"][0]["utilisation_percent"] == 37.0


@pytest.mark.parametrize(
    ("code", "reason", "hint"),
    [
        (9, "kernel module is not loaded", "modprobe nvidia"),
        (18, "different versions", "reboot"),
        (4, "refuses this user", "/dev/nvidia"),
        (999, "unknown error", "daemon-reload"),
        (17, "NVML error 17", "nvidia-smi"),
    ],
)
def test_a_driver_that_fails_names_cause_and_cure(probe: Probe, code: int, reason: str, hint: str) -> None:
    [failure] = probe(f"fake('init_result', {code}); read()")
    assert reason in failure["reason"]
    assert hint in failure["hint"]


def test_a_driver_without_gpus_is_told(probe: Probe) -> None:
    [failure] = probe("fake('gpus', 0); read()")
    assert "shows no GPU" in failure["reason"]


def test_nvml_is_opened_once_and_tried_again_at_most_every_half_minute(probe: Probe) -> None:
    healthy, again, failed, soon, late, counts = probe(
        """
        read(); read()
        fake('count_result', 1); read()     # the driver goes away
        fake('count_result', 0)
        now = RETRY_SECONDS - 0.1; read()
        now = RETRY_SECONDS; read()
        source.close(); source.close()
        results.append({"inits": fake('inits'), "shutdowns": fake('shutdowns')})
        """
    )
    assert healthy == again == late
    assert "went away" in failed["reason"]
    assert soon == failed
    assert counts == {"inits": 2, "shutdowns": 2}


def test_a_failure_is_not_prolonged_by_asking_again(probe: Probe) -> None:
    *_, last = probe(
        """
        fake('init_result', 9); read()
        fake('init_result', 0)
        for now in (10.0, 20.0, 29.0, RETRY_SECONDS):
            read()
        """
    )
    assert last["driver_version"] == "570.12.34"


def test_closing_never_waits_for_a_call_that_hangs(probe: Probe) -> None:
    during, _, after, closed = probe(
        """
        read(); results.clear()
        fake('hang', 1)
        reader = threading.Thread(target=read)
        reader.start()
        while not fake('hanging'):
            pass
        source.close()
        results.append({"still hanging": fake('hanging'), "shutdowns": fake('shutdowns')})
        fake('hang', 0)
        reader.join()
        results.append({"shutdowns": fake('shutdowns')})
        read()
        """
    )
    assert during == {"still hanging": 1, "shutdowns": 0}
    assert after == {"shutdowns": 1}
    assert "not read any more" in closed["reason"]


def test_no_library_at_all(tmp_path: Path) -> None:
    [failure] = run(
        """
        real = ctypes.CDLL
        def missing(name, *args, **kwargs):
            if "nvidia-ml" in str(name):
                raise OSError("not found")
            return real(name, *args, **kwargs)
        import pynvml
        pynvml.CDLL = missing       # so that the test holds on a machine that has a driver
        read()
        """
    )
    assert "libnvidia-ml.so.1 was not found" in failure["reason"]
    assert "--gpus all" in failure["hint"]


@pytest.mark.parametrize("content", ["def nvmlInit(): pass", "raise ImportError('half an install')", "print 'old'"])
def test_a_foreign_module_called_pynvml(driver: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "pynvml.py").write_text(content)
    [failure] = run("read()", LD_LIBRARY_PATH=str(driver), PYTHONPATH=str(tmp_path))
    assert "hides it" in failure["reason"]
    assert "nvidia-ml-py" in failure["hint"]
