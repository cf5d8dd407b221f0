"""A container's resources, processes and actions in words: what is shown of which figure, and in which look."""

from dataclasses import replace

import pytest

from screens.container.marks import last_words, signs
from screens.container.processes import columns as process_columns
from screens.container.processes import rows
from screens.container.resources import Resource, resources
from screens.fleet.rows import Beside, columns, gpu_use
from screens.fleet.rows import rows as fleet_rows
from screens.on_container import choices
from tests.screens.worlds import ENGINE, HOST, container
from workbench.model.containers import Container, ContainerUsage, FleetSnapshot, MemoryParts, Pressure
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuDevice, GpuProcess, GpuSnapshot
from workbench.model.processes import Process
from workbench.model.verdicts import Verdict
from workbench.settings import Thresholds

USAGE = ContainerUsage(
    1.0,
    cpu_percent=98.0,
    memory_used_bytes=212_000_000,
    memory_limit_bytes=512_000_000,
    network_received_bytes_per_second=84_000.0,
    network_sent_bytes_per_second=920_000.0,
    block_read_bytes_per_second=0.0,
    block_written_bytes_per_second=12_000_000.0,
    pids=12,
    pids_limit=100,
    network_dropped_per_second=0.0,
    network_errors_per_second=2.0,
    throttled_percent=63.0,
    run_delay_seconds_per_second=0.4,
    memory=MemoryParts(anonymous_bytes=150_000_000, shared_bytes=1_000_000),
    refaults_per_second=0.0,
    oom_kills=1,
    pressure=Pressure(cpu_some=41.0, memory_some=0.0, io_some=12.0),
)


def api(**changes: object) -> Container:
    return replace(container("api", 1, usage=USAGE, cpu_limit_cores=1.0, project=None), **changes)  # type: ignore[arg-type]


def told(rows: list[Resource]) -> dict[str, str]:
    return {
        row.name: " | ".join(
            (
                row.used,
                ", ".join(f"{part.text}:{part.look}" for part in row.saturation),
                ", ".join(f"{part.text}:{part.look}" for part in row.errors),
                row.host,
            )
        )
        for row in rows
    }


def test_every_figure_has_its_place_and_its_look() -> None:
    assert told(resources(api(), 8, Thresholds(), host=HOST)) == {
        "cpu": "0.98 of 1 quota | throttled 63%:act, waits 41%:act, run queue 0.40 s/s:dim |  | 61%",
        "mem": "212 M of 512 M | waits 0%:dim, refaults 0/s:dim, held 151 M:dim | 1 OOM:act | 36%",
        "disk": "r 0 w 12.0 M/s | waits 12%:watch |  | –",
        "net": "↓ 84.0 k ↑ 920 k/s | drops 0/s:dim | 2/s:act | ",
        "pids": "12 of 100 |  |  | ",
    }


def test_what_is_not_measured_is_no_zero() -> None:
    rows = resources(api(usage=None, cpu_limit_cores=None), 0, Thresholds())
    assert told(rows) == {
        "cpu": "– |  |  | ",
        "mem": "– of – |  |  | ",
        "disk": "– |  |  | ",
        "net": "– |  |  | ",
        "pids": "– |  |  | ",
    }
    assert {row.share for row in rows} == {None}


def gpu_snapshot(container_id: str) -> GpuSnapshot:
    return GpuSnapshot(
        "1",
        (
            GpuDevice(
                0,
                "H100",
                "u0",
                utilisation_percent=97.0,
                memory_total_bytes=80_000_000_000,
                throttle_reasons=("power cap",),
                ecc_errors=3,
                processes=(
                    GpuProcess(7, container_id=container_id, memory_bytes=30_000_000_000, sm_percent=31.0),
                    GpuProcess(8, container_id="other", memory_bytes=1),
                ),
            ),
            GpuDevice(1, "H100", "u1", utilisation_percent=4.0),
        ),
    )


def test_a_gpu_row_joins_the_containers_processes() -> None:
    gpu = gpu_snapshot(api().id)
    assert told(resources(api(), 8, Thresholds(), gpu=gpu))["gpu"] == (
        "31% on 0 | 0: power cap:watch, memory 30.0 G of 80.0 G:plain | 0: 3 ECC:act | 97%"
    )
    other = replace(api(), id="none of them")
    assert told(resources(other, 8, Thresholds(), gpu=gpu))["gpu"] == "none |  |  | 97%"
    assert gpu_use(gpu)[api().id].percent == 31.0


def test_the_fleet_has_gpu_cells_only_where_there_is_a_gpu() -> None:
    fleet = FleetSnapshot(ENGINE, (api(),))
    for beside in (Beside(), Beside(gpus=gpu_use(gpu_snapshot(api().id)))):
        [row] = fleet_rows(fleet, Thresholds(), sort="name", descending=False, beside=beside)
        shown = columns(gpu=beside.gpus is not None)
        assert len(row.cells) == len(shown)
        cells = dict(zip((column.key for column in shown), row.cells, strict=True))
        assert cells["waits"].text.split() == ["41", "0", "12"]
        assert ("gpu" in cells) == (beside.gpus is not None)


def test_a_verdict_is_a_word_with_a_sign_and_sorts_by_severity() -> None:
    quiet, slow = replace(api(), id="b", name="quiet"), api()
    verdicts = {
        slow.id: Verdict("cpu-quota", "act", "high", "own CPU quota: throttled 63% of periods", "long"),
        "b": Verdict("idle", "fine", "high", "idle", "long"),
    }
    fleet = FleetSnapshot(ENGINE, (quiet, slow))
    rows = fleet_rows(fleet, Thresholds(), sort="verdict", descending=True, beside=Beside(verdicts))
    place = [column.key for column in columns(gpu=False)].index("verdict")
    assert [tuple(row.cells[place]) for row in rows] == [
        ("✘ own CPU quota: throttled 63% of periods", "act"),
        ("✓ idle", "dim"),
    ]


def test_groups_carry_their_sums_and_those_without_a_project_come_last() -> None:
    fleet = FleetSnapshot(
        ENGINE,
        (
            replace(api(), id="1", name="alone"),
            replace(api(), id="2", name="web", project="shop"),
            replace(api(), id="3", name="db", project="shop"),
        ),
    )
    rows = fleet_rows(fleet, Thresholds(), sort="name", descending=False, grouped=True)
    assert [row.cells[0].text for row in rows] == ["▾ shop", "  db", "  web", "▾ no project", "  alone"]
    assert [cell.text for cell in rows[0].cells if cell.text][1:5] == ["2 of 2", "1.96 cores", "196.0", "424 MB"]


PROCESSES = (
    Process(100, 1, "python3", inner_pid=1, command="python3 -m app", state="S", cpu_percent=3.0, memory_bytes=90),
    Process(101, 100, "python3", inner_pid=7, command="worker", state="D", waits_in="nvme_wait", cpu_percent=88.0),
    Process(102, 101, "sh", inner_pid=9, state="R", run_delay_percent=70.0),
)


def test_processes_are_a_tree_or_sorted_and_know_their_gpu_memory() -> None:
    keys = [column.key for column in process_columns(gpu=True)]
    tree = rows(PROCESSES, {101: 5_000_000_000})
    cells = [dict(zip(keys, row.cells, strict=True)) for row in tree]
    assert [row["command"].text for row in cells] == ["python3 -m app", "  worker", "    sh"]
    assert [row["state"].text for row in cells] == ["sleeping", "nvme_wait", "running"]
    assert [row["gpu"].text for row in cells] == ["–", "5.00 G", "–"]
    assert cells[2]["delay"].look == "act"
    assert [row.key for row in rows(PROCESSES, {}, "cpu")] == ["101", "100", "102"]


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("running", {"stop", "restart", "pause", "kill"}),
        ("paused", {"stop", "restart", "unpause", "kill"}),
        ("exited", {"start", "restart", "remove"}),
    ],
)
def test_only_what_makes_sense_can_be_chosen(state: str, possible: set[str]) -> None:
    listed = choices(api(state=state), read_only=False)
    assert {choice.id for choice in listed if not choice.refused} == possible
    assert all(choice.refused for choice in choices(api(state=state), read_only=True))
    assert len({choice.key for choice in listed}) == len(listed)


def test_marks_stand_at_their_moment_and_the_worst_wins() -> None:
    events = [
        EngineEvent(100.0, "start", "c", "api"),
        EngineEvent(104.5, "die", "c", "api", "exit 137"),
        EngineEvent(104.6, "start", "c", "api"),
        EngineEvent(106.0, "mark", "c", "api", "A"),
        EngineEvent(119.9, "oom", "c", "api"),
    ]
    assert signs(events, until=120.0, step=5.0) == {3: "✘", 2: "A", 0: "✘"}
    words = "".join(part.text for part in last_words(events))
    assert words.startswith("✘ oom ")
    assert words.endswith("and 4 before")
    assert "".join(part.text for part in last_words(events[3:4])).startswith("A mark ")
    assert [part.text for part in last_words([])] == ["none"]
