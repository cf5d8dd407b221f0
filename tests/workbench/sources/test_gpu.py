"""GPUs through the real pynvml and its ctypes path, on a driver library compiled here."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.workbench.sources.nvml_driver import build_driver
from workbench.sources.nvml_processes import structure_versions

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

def fake_set(name, value):
    ctypes.CDLL("libnvidia-ml.so.1").fake_set(name.encode(), value)

def read():
    try:
        results.append(dataclasses.asdict(source.read()))
    except GpuUnavailable as error:
        results.append({"reason": error.reason, "hint": error.hint})
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled stand-in."""
    return build_driver(tmp_path_factory.mktemp("driver"))


@pytest.fixture(scope="module")
def old_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the functions that came late."""
    return build_driver(tmp_path_factory.mktemp("old_driver"), "-DOLD_DRIVER")


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
    first, second = probe(
        """
        for knob, value in (("gpus", 1), ("throttling", 0x4), ("gpm", 1), ("nvlink", 1), ("pid", os.getpid())):
            fake_set(knob, value)
        source.measure_pcie = True
        read(); now = 2.0; read()
        """
    )
    assert first["devices"][0]["sm_active_percent"] is None, "it takes two samples; so do the next"
    assert first["devices"][0]["nvlink_sent_bytes_per_second"] is None
    [device] = second["devices"]
    [process] = device.pop("processes")
    assert second["driver_version"] == "570.12.34"
    assert device == {
        "index": 0,
        "name": "NVIDIA Test 0",
        "uuid": "GPU-00000000-0000-0000-0000-000000000000",
        "utilisation_percent": 37.0,
        "memory_used_bytes": 30_000_000_000,
        "memory_total_bytes": 80_000_000_000,
        "temperature_celsius": 61.0,
        "power_watts": 412.5,
        "power_limit_watts": 700.0,
        "problem": "",
        "memory_utilisation_percent": 12.0,
        "sm_active_percent": 23.5,
        "slowdown_celsius": 89.0,
        "sm_clock_mhz": 1410.0,
        "sm_clock_max_mhz": 1980.0,
        "memory_clock_mhz": 2619.0,
        "performance_state": 0,
        "throttle_reasons": ["power cap"],
        "pcie_generation": 4,
        "pcie_generation_max": 5,
        "pcie_width": 16,
        "pcie_width_max": 16,
        "pcie_received_bytes_per_second": 2_048_000_000.0,
        "pcie_sent_bytes_per_second": 512_000_000.0,
        "encoder_percent": 7.0,
        "decoder_percent": 9.0,
        "ecc_errors": 3,
        "nvlink_received_bytes_per_second": 2 * 2 * 1000 * 1024 / 2,  # two links, two seconds
        "nvlink_sent_bytes_per_second": 2 * 1000 * 1024 / 2,
        "persistence": True,
        "mig_enabled": False,
        "mig_devices": [],
    }
    assert process["memory_bytes"] == 1_500_000_000
    assert (process["sm_percent"], process["memory_percent"]) == (64.0, 21.0)
    assert (process["kind"], process["mig_index"]) == ("compute", None)


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
    assert (old["devices"][0]["memory_used_bytes"], old["devices"][0]["memory_total_bytes"]) == (
        32_000_000_000,
        80_000_000_000,
    )
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


# -- what chips, drivers and users have not ----------------------------------------------------------------------


def test_an_old_driver_is_read_by_its_older_functions_which_it_is_asked_for_once(old_driver: Path) -> None:
    first, second, calls = run(
        """
        import pynvml
        looked_up = []
        real = pynvml._nvmlGetFunctionPointer
        def count(name):
            looked_up.append(name)
            return real(name)
        pynvml._nvmlGetFunctionPointer = count
        for knob, value in (("throttling", 0x20), ("gpm", 1), ("pid", os.getpid())):
            fake_set(knob, value)
        read(); now = 6.0; read()
        missing = [name for name in looked_up if name.endswith("_v3") or "EventReasons" in name or "Gpm" in name]
        results.append({"missing": missing, "memory": looked_up.count("nvmlDeviceGetMemoryInfo_v2")})
        """,
        LD_LIBRARY_PATH=str(old_driver),
    )
    for snapshot in (first, second):
        device = snapshot["devices"][0]
        assert (device["memory_used_bytes"], device["throttle_reasons"]) == (32_000_000_000, ["too hot (software)"])
        assert (device["sm_active_percent"], device["problem"]) == (None, "")
        assert [process["memory_bytes"] for process in device["processes"]] == [1_500_000_000]
    assert len(calls["missing"]) == len(set(calls["missing"])) >= 5
    assert calls["memory"] == 1


def test_a_chip_that_gives_little_has_none_where_it_says_nothing(probe: Probe) -> None:
    [snapshot] = probe("fake('few', 1); fake_set('pid', os.getpid()); fake_set('no_process_memory', 1); read()")
    device = snapshot["devices"][0]
    assert device["problem"] == ""
    assert device["utilisation_percent"] == 37.0
    for name in (
        "slowdown_celsius",
        "sm_clock_mhz",
        "memory_clock_mhz",
        "performance_state",
        "pcie_generation",
        "pcie_width_max",
        "encoder_percent",
        "decoder_percent",
        "ecc_errors",
        "persistence",
        "mig_enabled",
        "sm_active_percent",
        "pcie_sent_bytes_per_second",
    ):
        assert device[name] is None, name
    assert device["throttle_reasons"] == []
    [process] = device["processes"]
    assert (process["memory_bytes"], process["sm_percent"]) == (None, None)


def test_what_hardly_changes_is_asked_every_five_seconds_and_the_rest_each_time(probe: Probe) -> None:
    *snapshots, slow = probe(
        """
        slow = []
        for now in (0.0, 1.0, 4.9, 5.0, 9.0, 10.0):
            fake('busy', int(now)); read()
            slow.append(fake('slow_calls'))
        results.append({"slow": slow})
        """
    )
    assert [snapshot["devices"][0]["utilisation_percent"] for snapshot in snapshots] == [0, 1, 4, 5, 9, 10]
    one = slow["slow"][0]
    assert one > 0
    assert slow["slow"] == [one, one, one, 2 * one, 2 * one, 3 * one]


def test_pcie_is_measured_only_when_asked_for(probe: Probe) -> None:
    off, on, off_again = probe("read(); source.measure_pcie = True; read(); source.measure_pcie = False; read()")
    assert off["devices"][0]["pcie_received_bytes_per_second"] is None
    assert on["devices"][1]["pcie_received_bytes_per_second"] == 2_048_000_000.0
    assert off_again == off


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0x0, []),
        (0x1, []),
        (0x4, ["power cap"]),
        (0x8, ["hardware slowdown"]),
        (0x48, ["too hot (hardware)"]),
        (0x88 | 0x1, ["power brake"]),
        (0x20 | 0x4, ["too hot (software)", "power cap"]),
        (0x10 | 0x2, ["sync boost", "application clocks"]),
    ],
)
def test_why_clocks_are_held_down_in_words(probe: Probe, bits: int, words: list[str]) -> None:
    [snapshot] = probe(f"fake('throttling', {bits}); read()")
    assert snapshot["devices"][0]["throttle_reasons"] == words


# -- processes -----------------------------------------------------------------------------------------------------


def test_processes_that_did_nothing_are_at_zero(probe: Probe) -> None:
    busy, idle = probe(
        """
        fake('gpus', 1)
        for pid in (os.getpid(), os.getppid()):
            fake_set('pid', pid)
        read(); fake('idle', 1); read()
        """
    )
    used = {process["pid"]: process["sm_percent"] for process in busy["devices"][0]["processes"]}
    assert sorted(used.values()) == [0.0, 64.0]
    assert [process["sm_percent"] for process in idle["devices"][0]["processes"]] == [0.0, 0.0]


@pytest.mark.parametrize(("kind", "word"), [(0, "compute"), (1, "compute"), (2, "mps")])
def test_a_process_is_listed_once_whatever_it_does(probe: Probe, kind: int, word: str) -> None:
    [snapshot] = probe(f"fake('kind', {kind}); fake_set('pid', os.getpid()); read()")
    assert [process["kind"] for process in snapshot["devices"][0]["processes"]] == [word]


def test_a_process_has_its_name_and_one_that_has_ended_has_none(probe: Probe) -> None:
    [snapshot, real] = probe(
        """
        fake('gpus', 1)
        fake_set('pid', os.getpid()); fake_set('pid', 999_999_999)
        read(); results.append({"name": open("/proc/self/comm").read().strip()})
        """
    )
    ours, ended = snapshot["devices"][0]["processes"]
    assert ours["name"] == real["name"]
    assert (ended["name"], ended["container_id"], ended["memory_bytes"]) == ("", None, 1_500_000_000)


def test_drivers_of_another_structure_are_asked_for_the_one_that_is_right() -> None:
    assert structure_versions("535.54.03") == ("_v2",)
    assert structure_versions("535.98") == ("_v3", "_v2")
    assert structure_versions("570.12.34") == ("_v3", "_v2")


# -- MIG -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [0, 1])
def test_a_gpu_in_slices_has_the_figures_of_its_slices(probe: Probe, closed: int) -> None:
    _, snapshot, left = probe(
        f"""
        for knob, value in (("mig", 0), ("mig_closed", {closed}), ("gpm", 1), ("gpus", 2)):
            fake_set(knob, value)
        fake_set("pid", os.getpid())
        read(); read(); source.close(); results.append({{"samples": fake('samples')}})
        """
    )
    sliced, whole = snapshot["devices"]
    assert (sliced["mig_enabled"], whole["mig_enabled"]) == (True, False)
    assert (sliced["utilisation_percent"], sliced["sm_active_percent"], sliced["problem"]) == (None, None, "")
    assert whole["sm_active_percent"] == 23.5
    first, last = sliced["mig_devices"]
    assert (first["index"], last["index"]) == (0, 2), "the place between them is not taken"
    assert last["name"] == "NVIDIA Test 0 MIG 1g.10gb"
    assert last["uuid"].startswith("MIG-")
    assert (last["gpu_instance"], last["compute_instance"]) == (9, 0)
    assert (last["memory_used_bytes"], last["memory_total_bytes"]) == (4_000_000_000, 10_000_000_000)
    assert last["sm_active_percent"] == 22.5 + 9
    [process] = sliced["processes"]
    assert (process["mig_index"], process["sm_percent"]) == (2, None)
    assert left == {"samples": 0}


def test_slices_that_share_multiprocessors_share_the_samples(probe: Probe) -> None:
    _, snapshot, taken = probe(
        """
        for knob, value in (("gpus", 1), ("mig", 0), ("mig_shared", 1), ("gpm", 1)):
            fake_set(knob, value)
        read(); read(); results.append({"taken": fake('taken')})
        """
    )
    slices = snapshot["devices"][0]["mig_devices"]
    assert [(part["gpu_instance"], part["sm_active_percent"]) for part in slices] == [(7, 29.5), (7, 29.5)]
    assert taken == {"taken": 2}, "two within one reading would be too close to compare"


def test_samples_of_a_lost_gpu_are_given_back(probe: Probe) -> None:
    *_, held = probe(
        "fake('gpm', 1); read(); read(); fake('lost', 1); read(); results.append({'held': fake('samples')})"
    )
    assert held == {"held": 1}, "the healthy GPU's"


def test_a_whole_reading_of_eight_gpus_is_a_bounded_number_of_questions(probe: Probe) -> None:
    *_, counted = probe(
        """
        fake('gpus', 8); fake('gpm', 1); fake('nvlink', 1)
        for _ in range(16): fake_set('pid', os.getpid())
        read(); before = fake('calls'); read()
        results.append({"calls": fake('calls') - before})
        """
    )
    assert counted["calls"] <= 8 * 30


def test_what_a_gpu_reports_of_itself_is_told_once_with_its_number_and_in_words(probe: Probe) -> None:
    before, told, after, unknown = probe("read(); fake('xid', 79); read(); read(); fake('xid', 777); read()")
    assert [before["events"], after["events"]] == [[], []]
    [event] = told["events"]
    assert (event["kind"], event["detail"]) == ("gpu", "Xid 79 on GPU 1: it fell off the bus")
    assert event["at"] > 1.7e9
    [event] = unknown["events"]
    assert event["detail"] == "Xid 777 on GPU 1"


def test_a_driver_that_was_closed_and_opened_again_still_tells_its_errors(probe: Probe) -> None:
    code = """
    read()
    fake('count_result', 1)
    read()
    fake('count_result', 0)
    now = RETRY_SECONDS + 1
    fake('xid', 31)
    read()
    """
    *_, told = probe(code)
    assert [event["detail"] for event in told["events"]] == [
        "Xid 31 on GPU 1: a kernel accessed memory that is not its own"
    ]
