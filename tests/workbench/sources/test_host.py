"""The machine's figures against psutil's own and against the kernel's counters."""

from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest

from workbench.sources.host import HostSource


def cpu_times(monkeypatch: pytest.MonkeyPatch, *samples: dict[str, float]) -> None:
    """Let psutil give these counters one after another."""

    class Times(SimpleNamespace):
        def __iter__(self) -> Iterator[float]:
            return iter(vars(self).values())

    waiting = [Times(**sample) for sample in samples]
    monkeypatch.setattr(psutil, "cpu_times", lambda: waiting.pop(0))


def test_memory_and_cores_are_those_of_psutil() -> None:
    snapshot = HostSource().read()
    memory = psutil.virtual_memory()
    assert snapshot.cpu_cores == psutil.cpu_count()
    assert snapshot.memory_total_bytes == memory.total
    assert snapshot.swap_total_bytes == psutil.swap_memory().total
    assert snapshot.memory_used_bytes == pytest.approx(memory.total - memory.available, abs=memory.total * 0.05)
    assert snapshot.load_1_minute >= 0


def test_cpu_needs_two_readings_and_each_source_keeps_its_own() -> None:
    first, second = HostSource(), HostSource()
    assert first.read().cpu_percent is None
    before = psutil.cpu_times()
    while sum(psutil.cpu_times()) - sum(before) < 0.2:  # until the kernel's counters have moved
        sum(range(10_000))
    busy = first.read().cpu_percent
    assert busy is not None
    assert 10 < busy <= 100
    assert second.read().cpu_percent is None


def test_waiting_for_a_disk_is_idle_and_guests_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_times(
        monkeypatch,
        {"user": 10, "system": 5, "idle": 80, "iowait": 5, "guest": 4},
        {"user": 40, "system": 15, "idle": 120, "iowait": 25, "guest": 24},
    )
    source = HostSource()
    source.read()
    assert source.read().cpu_percent == pytest.approx(40.0)  # 30 + 10 busy of 100, the guest's 20 among the 30


def test_counters_that_stand_still_or_run_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_times(
        monkeypatch,
        {"user": 10, "idle": 90},
        {"user": 10, "idle": 90},
        {"user": 5, "idle": 80},
        {"user": 4, "idle": 91},  # one counter ran backwards by itself
    )
    source = HostSource()
    assert [source.read().cpu_percent for _ in range(4)] == [None, None, None, 0.0]


def test_a_system_without_iowait_or_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_times(monkeypatch, {"user": 0, "idle": 0}, {"user": 1, "idle": 3})
    source = HostSource()
    source.read()
    assert source.read().cpu_percent == 25.0
