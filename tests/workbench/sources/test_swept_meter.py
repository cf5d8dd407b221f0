"""A container measured from files: rates by our own clock, and gaps where there is nothing to tell."""

from pathlib import Path

import pytest

from tests.workbench.sources.cgroups.trees import ID, NET_DEV, V2, write, write_process, write_v2
from workbench.model.containers import ContainerUsage, Pressure
from workbench.sources.cgroups.find import Hierarchy
from workbench.sources.cgroups.kept_file import Allowance
from workbench.sources.swept_meter import LIMITS_EVERY, SPARED_LOOKS, SweptMeter, TaskBudget

MACHINE = 8_000_000_000
SECOND = 1_000_000_000


class Box:
    """A v2 tree with one container whose files a test changes."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.root = folder / "cgroup"
        self.group = write_v2(self.root)
        self.now_ns = 10 * SECOND
        self.budget = TaskBudget()
        write(self.group, {"cgroup.procs": "70\n", "cgroup.threads": "70\n71\n"})
        write_process(self.proc, 70)
        self.run(70, 0, 0)
        self.run(71, 0, 0)

    def meter(self, *, host_network: bool = False) -> SweptMeter:
        group = Hierarchy(self.root, self.proc, Allowance(0)).find(ID)
        assert group is not None
        return SweptMeter(
            group,
            source="files",
            proc=str(self.proc),
            machine_cpus=4,
            budget=self.budget,
            host_network=host_network,
            clock_ns=lambda: self.now_ns,
        )

    def run(self, tid: int, run_ns: int, delay_ns: int) -> None:
        write(self.proc / str(tid), {"schedstat": f"{run_ns} {delay_ns} 1\n"})

    def rest(self, meter: SweptMeter, looks: int) -> None:
        """Look at it each second, while nothing happens."""
        for _ in range(looks):
            self.now_ns += SECOND
            usage(meter)

    def use(self, microseconds: int) -> None:
        (self.group / "cpu.stat").write_text(V2["cpu.stat"].replace("18828", str(18828 + microseconds)))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def usage(meter: SweptMeter) -> ContainerUsage:
    found = meter.usage(MACHINE)
    assert found is not None
    return found


def test_levels_at_once_and_rates_with_the_second_look(box: Box) -> None:
    meter = box.meter()
    first = usage(meter)
    assert (first.cpu_percent, first.memory_used_bytes, first.pids, first.pids_limit) == (None, 434176, 1, 100)
    assert meter.cpu_limit_cores == 0.5
    box.now_ns += 2 * SECOND
    box.use(1_900_000)
    box.run(70, 1_800_000_000, 500_000_000)
    box.run(71, 100_000_000, 100_000_000)
    (box.group / "cpu.pressure").write_text("some total=503404\nfull total=101852\n")
    (box.proc / "70" / "net" / "dev").write_text(NET_DEV.replace("     200 ", "    4200 "))
    second = usage(meter)
    assert second.interval_seconds == 2.0
    assert second.cpu_percent == pytest.approx(95)
    assert second.busiest_task_percent == pytest.approx(90)
    assert second.run_delay_seconds_per_second == pytest.approx(0.3)
    assert second.pressure == Pressure(25.0, 5.0, 0, 0, 0, 0)
    assert second.network_received_bytes_per_second == 2000
    assert second.network_dropped_per_second == 0
    meter.close()


def test_the_busiest_task_is_told_only_about_one_core(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    for used, told in ((700_000, False), (1_400_000, False), (1_000_000, True)):
        box.now_ns += SECOND
        (box.group / "cpu.stat").write_text(f"usage_usec {(before := _used(box)) + used}\n")
        box.run(70, (before + used) * 1000, 0)
        assert (usage(meter).busiest_task_percent is not None) == told
    meter.close()


def _used(box: Box) -> int:
    return int((box.group / "cpu.stat").read_text().split()[1])


def test_an_idle_containers_tasks_are_not_looked_at(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    left = box.budget.left
    for _ in range(3):
        box.now_ns += SECOND
        idle = usage(meter)
        assert (idle.cpu_percent, idle.run_delay_seconds_per_second) == (0, 0)
    assert box.budget.left == left
    box.now_ns += SECOND
    box.use(500_000)
    box.run(70, 500_000_000, 250_000_000)
    assert usage(meter).run_delay_seconds_per_second == pytest.approx(0.25), "over the last second, not over four"
    meter.close()


def test_a_container_that_rests_keeps_its_usage_and_is_spared_most_files(box: Box) -> None:
    meter = box.meter()
    box.rest(meter, 3)
    resting = usage(meter)
    waiting = V2["io.pressure"].replace("total=0", "total=900000")
    assert waiting != V2["io.pressure"]
    (box.group / "io.pressure").write_text(waiting)
    looks = [usage(meter)]
    while looks[-1] is resting and len(looks) < 20:
        box.now_ns += SECOND
        looks.append(usage(meter))
    assert 1 < len(looks) <= SPARED_LOOKS + 2, "what it waits for is seen a few looks later"
    pressure = looks[-1].pressure
    assert pressure is not None
    assert pressure.io_some == pytest.approx(90), "of one second"
    meter.close()


@pytest.mark.parametrize("looks", range(3, 3 + 2 * SPARED_LOOKS))
def test_what_a_container_does_after_a_rest_is_over_the_last_second(box: Box, looks: int) -> None:
    meter = box.meter()
    box.rest(meter, looks)
    box.now_ns += SECOND
    box.use(300_000)
    box.run(70, 300_000_000, 250_000_000)
    busy = usage(meter)
    assert busy.interval_seconds == 1.0
    assert busy.cpu_percent == pytest.approx(30)
    assert busy.run_delay_seconds_per_second == pytest.approx(0.25)
    meter.close()


def test_memory_that_is_taken_from_a_container_that_rests_shows_at_once(box: Box) -> None:
    meter = box.meter()
    box.rest(meter, 5)
    (box.group / "memory.current").write_text("409600\n")
    box.now_ns += SECOND
    assert usage(meter).memory_used_bytes == 409600 - 8192
    meter.close()


def test_without_budget_the_last_figure_stands(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    box.now_ns += SECOND
    box.use(1)
    box.run(70, 0, SECOND // 2)
    assert usage(meter).run_delay_seconds_per_second == pytest.approx(0.5)
    box.budget.left = 0
    box.now_ns += SECOND
    box.use(2)
    box.run(70, 0, SECOND)
    assert usage(meter).run_delay_seconds_per_second == pytest.approx(0.5)
    meter.close()


def test_the_hosts_network_is_not_the_containers(box: Box) -> None:
    meter = box.meter(host_network=True)
    usage(meter)
    box.now_ns += SECOND
    found = usage(meter)
    assert found.cpu_percent == 0
    assert (found.network_received_bytes_per_second, found.network_dropped_per_second) == (None, None)
    meter.close()


def test_when_its_process_ends_another_one_tells_the_network(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    (box.proc / "70" / "net" / "dev").unlink()
    (box.group / "cgroup.procs").write_text("71\n")
    write_process(box.proc, 71)
    box.now_ns += SECOND
    assert usage(meter).network_received_bytes_per_second == 0
    (box.group / "cgroup.procs").write_text("")
    (box.proc / "71" / "net" / "dev").unlink()
    box.rest(meter, SPARED_LOOKS)
    box.now_ns += SECOND
    assert usage(meter).network_received_bytes_per_second is None
    meter.close()


def test_a_container_that_vanishes_is_a_gap(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    (box.group / "cpu.stat").unlink()
    box.now_ns += SECOND
    assert meter.usage(MACHINE) is None
    assert meter.gone
    assert meter.usage(MACHINE) is None


def test_a_container_started_anew_has_no_rates_at_first(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    box.now_ns += SECOND
    (box.group / "cpu.stat").write_text("usage_usec 5\n")
    first = usage(meter)
    assert (first.cpu_percent, first.network_received_bytes_per_second, first.pressure) == (None, None, None)
    box.now_ns += SECOND
    assert usage(meter).cpu_percent == 0
    meter.close()


def test_limits_are_looked_at_now_and_then_and_when_told(box: Box) -> None:
    meter = box.meter()

    def limit_of_next_look() -> float | None:
        box.now_ns += SECOND
        usage(meter)
        return meter.cpu_limit_cores

    assert limit_of_next_look() == 0.5
    (box.group / "cpu.max").write_text("200000 100000\n")
    assert limit_of_next_look() == 0.5
    meter.look_at_limits()
    assert limit_of_next_look() == 2
    (box.group / "cpu.max").write_text("max 100000\n")
    assert [limit_of_next_look() for _ in range(LIMITS_EVERY + 1)][-1] is None
    meter.close()
    meter.close()
    assert meter.usage(MACHINE) is None


def test_two_looks_in_a_row_do_not_make_rates_of_chance(box: Box) -> None:
    meter = box.meter()
    usage(meter)
    box.now_ns += SECOND
    seen = usage(meter)
    box.use(50_000)
    box.now_ns += SECOND // 20
    assert usage(meter) is seen
    box.now_ns += SECOND - SECOND // 20
    assert usage(meter).cpu_percent == pytest.approx(5)
    meter.close()
