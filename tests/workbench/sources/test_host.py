"""The machine's figures against psutil's own and against the kernel's counters."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from workbench.model.host import Disk
from workbench.sources.host import HostSource


def cpu_times(monkeypatch: pytest.MonkeyPatch, *samples: dict[str, float]) -> None:
    """Let psutil give these counters one after another."""

    class Times(SimpleNamespace):
        def __iter__(self) -> Iterator[float]:
            return iter(vars(self).values())

    waiting = [Times(**sample) for sample in samples]

    def next_sample(*, percpu: bool) -> list[Times]:
        assert percpu
        return [waiting.pop(0)]

    monkeypatch.setattr(psutil, "cpu_times", next_sample)


def test_memory_and_cores_are_those_of_psutil() -> None:
    snapshot = HostSource().read()
    memory = psutil.virtual_memory()
    assert snapshot.cpu_cores == psutil.cpu_count()
    assert snapshot.memory_total_bytes == memory.total
    assert snapshot.swap_total_bytes == psutil.swap_memory().total
    assert snapshot.memory_used_bytes == pytest.approx(memory.total - memory.available, abs=memory.total * 0.05)
    loads = [snapshot.load_1_minute, snapshot.load_5_minutes, snapshot.load_15_minutes]
    assert loads == pytest.approx(list(psutil.getloadavg()), abs=1.0)


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


def test_each_core_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Times(SimpleNamespace):
        def __iter__(self) -> Iterator[float]:
            return iter(vars(self).values())

    samples = [
        [Times(user=0, idle=0), Times(user=0, idle=0)],
        [Times(user=9, idle=1), Times(user=1, idle=9)],
        [Times(user=9, idle=2)],  # a core was taken away
        [Times(user=9, idle=3)],
    ]
    monkeypatch.setattr(psutil, "cpu_times", lambda **_: samples.pop(0))
    source = HostSource()
    assert source.read().cpu_percent_by_core == ()
    both = source.read()
    assert (both.cpu_percent, both.cpu_percent_by_core, both.cpu_cores) == (50.0, (90.0, 10.0), 2)
    assert source.read().cpu_percent_by_core == ()
    assert source.read().cpu_percent_by_core == (0.0,)


# -- pressure ------------------------------------------------------------------------------------------------------


def pressure(root: Path, name: str, some: int, full: int | None) -> None:
    folder = root / "proc/pressure"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [("some", some), ("full", full)]
    (folder / name).write_text(
        "".join(
            f"{kind} avg10=99.00 avg60=9.00 avg300=1.00 total={total}\n" for kind, total in lines if total is not None
        )
    )


def test_pressure_is_the_share_of_time_between_two_readings(tmp_path: Path) -> None:
    times = [10.0, 12.0, 14.0]
    source = HostSource(lambda: times.pop(0), tmp_path)
    for name, some, full in (("cpu", 5_000_000, 0), ("memory", 0, 0), ("io", 100, 50)):
        pressure(tmp_path, name, some, full)
    assert source.read().pressure is None
    for name, some, full in (("cpu", 6_000_000, 0), ("memory", 100_000, 20_000), ("io", 9_000_100, 50)):
        pressure(tmp_path, name, some, full)
    now = source.read().pressure
    assert now is not None
    assert now.cpu_some == pytest.approx(50.0)
    assert now.cpu_full is None, "the kernel has none for a whole machine"
    assert [now.memory_some, now.memory_full] == pytest.approx([5.0, 1.0])
    assert (now.io_some, now.io_full) == (100.0, 0.0)
    pressure(tmp_path, "cpu", 1, None)
    (tmp_path / "proc/pressure/io").unlink()
    now = source.read().pressure
    assert now is not None
    assert (now.cpu_some, now.memory_some, now.io_some) == (None, 0.0, None), "back, still, gone"


def test_a_kernel_that_tells_no_pressure(tmp_path: Path) -> None:
    source = HostSource(root=tmp_path)
    assert [source.read().pressure for _ in range(2)] == [None, None]
    (tmp_path / "proc/pressure/cpu").mkdir(parents=True)  # reading it fails, as where pressure is switched off
    assert source.read().pressure is None


# -- disks and network ---------------------------------------------------------------------------------------------


def machine(root: Path, disks: str, virtual: str, interfaces: str) -> None:
    """A tree of devices; an interface with a `+` has hardware, one with a `b` after a colon is a bridge."""
    for name in disks.split():
        (root / "sys/block" / name).mkdir(parents=True)
    for name in virtual.split():
        (root / "sys/devices/virtual/block" / name).mkdir(parents=True)
    for name in interfaces.split():
        folder = root / "sys/class/net" / name.strip("+").removesuffix(":b")
        folder.mkdir(parents=True)
        if name.endswith("+"):
            (folder / "device").mkdir()
        if name.endswith(":b"):
            (folder / "bridge").mkdir()


def test_whole_disks_the_busiest_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine(tmp_path, "sda nvme0n1 loop0 dm-0 sr0 zram0", "loop0 dm-0 zram0", "")
    names = ("sda", "sda1", "nvme0n1", "dm-0", "loop0", "sr0")
    samples = [
        dict.fromkeys(names, (0, 0, 0)),
        dict.fromkeys(names, (1_000, 4_000, 500)) | {"nvme0n1": (8_000, 0, 4_000)},
        dict.fromkeys(names, (0, 0, 0)),
    ]
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: {})
    monkeypatch.setattr(
        psutil,
        "disk_io_counters",
        lambda **_: {
            name: SimpleNamespace(read_bytes=each[0], write_bytes=each[1], busy_time=each[2])
            for name, each in samples.pop(0).items()
        },
    )
    times = [0.0, 2.0, 4.0]
    source = HostSource(lambda: times.pop(0), tmp_path)
    assert source.read().disks == (Disk("nvme0n1"), Disk("sda"))
    assert source.read().disks == (
        Disk("nvme0n1", 4_000.0, 0.0, 100.0),
        Disk("sda", 500.0, 2_000.0, 25.0),
    )
    assert source.read().disks == (Disk("nvme0n1"), Disk("sda")), "counters that ran backwards"


@pytest.mark.parametrize(
    ("interfaces", "counted"),
    [
        ("lo eth0+ docker0:b br-0a:b veth1 veth2 tun0", {"eth0"}),
        ("lo eth0 docker0 mine:b veth1 ifb0", {"eth0"}),
        ("lo", set()),
    ],
)
def test_traffic_is_counted_where_it_leaves_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, interfaces: str, counted: set[str]
) -> None:
    machine(tmp_path, "", "", interfaces)
    names = [name.strip("+").removesuffix(":b") for name in interfaces.split()]
    readings = 0

    def traffic(**_: object) -> dict[str, SimpleNamespace]:
        nonlocal readings
        readings += 1
        return {name: SimpleNamespace(bytes_recv=readings * 2_000, bytes_sent=readings * 1_000) for name in names}

    monkeypatch.setattr(psutil, "net_io_counters", traffic)
    times = [0.0, 2.0]
    source = HostSource(lambda: times.pop(0), tmp_path)
    first, second = source.read(), source.read()
    assert first.network_received_bytes_per_second is None
    rates = (second.network_received_bytes_per_second, second.network_sent_bytes_per_second)
    assert rates == ((1_000.0 * len(counted), 500.0 * len(counted)) if counted else (None, None))


def test_this_machine_has_disks_pressure_and_traffic_where_the_kernel_tells() -> None:
    source = HostSource()
    source.read()
    snapshot = source.read()
    assert {disk.name for disk in snapshot.disks} <= {entry.name for entry in Path("/sys/block").iterdir()}
    assert not any(disk.name.startswith(("loop", "ram")) for disk in snapshot.disks)
    assert (snapshot.pressure is not None) == Path("/proc/pressure/cpu").exists()
