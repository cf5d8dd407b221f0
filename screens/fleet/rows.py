"""Containers as table rows: pure, no widgets."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from screens.levels import level
from screens.verdicts import SIGNS
from screens.widgets.live_table import AnyRow, Cell, Column, LateRow, Row
from workbench.measure.units import NOT_MEASURED, bar, duration, percent, quantity
from workbench.model.containers import Container, EngineInfo, FleetSnapshot, Pressure
from workbench.model.gpu import GpuProcess, GpuSnapshot
from workbench.model.verdicts import Verdict
from workbench.settings import Thresholds

BAR = 6
BROAD = 160
"""Columns of a screen from which on names and verdicts have the room that most need, before less important columns are
shown."""
_AT_EASE = {"name": 20, "verdict": 42}
_GPU = Column("gpu", "gpu", 13, importance=3)
_COLUMNS = (
    Column("name", "name", 14, grow=1, most=36),
    Column("state", "state", 10, importance=3),
    Column("cpu", "cpu of limit", 13),
    Column("docker_cpu", "cpu %", 6, "right", importance=8),
    Column("trend", "last 2 min", 12, importance=6),
    Column("memory", "mem of limit", 13),
    Column("limit", "limit", 7, "right", importance=10),
    Column("waits", "waits c/m/i", 11, "right", importance=4),
    Column("network", "net kB/s", 12, "right", importance=2),
    Column("block", "io MB/s", 11, "right", importance=5),
    Column("pids", "pids", 5, "right", importance=7),
    Column("verdict", "verdict", 20, importance=1, grow=9, most=47),
    Column("image", "image", 20, importance=9, grow=1, most=60),
    Column("project", "project", 10, importance=11, grow=1, most=20),
)
TREND_CELLS = 12
TREND_SECONDS = 5.0
"""To a column of dots, of which a cell has two."""
SORTABLE = (
    *("name", "state", "cpu", "memory", "waits", "network", "block", "pids", "verdict", "gpu", "image", "project"),
)
LARGEST_FIRST = frozenset({"cpu", "memory", "waits", "network", "block", "pids", "verdict", "gpu"})
_SEVERITIES = ("unknown", "fine", "watch", "act")
GROUP = "project:"
"""Before the project's name in the key of its row."""
_RUNNING = frozenset({"running", "paused", "restarting"})
_often_the_same = lru_cache(maxsize=500)
"""Most containers do nothing, and what they use is drawn each second."""
AGE_STEP = 5
"""Seconds: an age that is told each second would paint its row each second."""
_EXIT = re.compile(r"Exited \((\d+)\)")


@dataclass(frozen=True, slots=True)
class GpuUse:
    """What a container's processes use of all GPUs."""

    indexes: tuple[int, ...]
    percent: float | None
    """Sum over its processes and GPUs."""
    memory_bytes: int


def no_trend(_: Container) -> str:
    """Where there is no room for one."""
    return ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the table shows of a container that is not in the engine's list."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """The most telling one by container id."""
    trend: Callable[[Container], str] = no_trend
    """Draws the CPU of the last minutes."""
    gpus: Mapping[str, GpuUse] | None = None
    """By container id; `None` on a machine without GPUs."""
    old_after: float = math.inf
    """Seconds from which on the figures of one container are drawn as old, with their age."""
    drawn: dict[str, tuple[tuple[object, ...], tuple[Cell, ...]]] = field(default_factory=dict)
    """By container id: what its row was made of, and its cells. Filled here, kept by whoever draws again."""


_NOTHING_BESIDE = Beside()


def columns(*, gpu: bool, width: int = 0) -> tuple[Column, ...]:
    """The table's columns; the GPU's only where there is one.

    Args:
        gpu: Whether there is one.
        width: Cells of the table.
    """
    chosen = [
        replace(column, width=_AT_EASE.get(column.key, column.width)) if width >= BROAD else column
        for column in _COLUMNS
    ]
    if gpu:
        chosen.insert(next(index for index, column in enumerate(chosen) if column.key == "network"), _GPU)
    return tuple(chosen)


def gpu_use(snapshot: GpuSnapshot) -> dict[str, GpuUse]:
    """What each container uses of the GPUs, by container id."""
    mine: dict[str, list[tuple[int, GpuProcess]]] = {}
    for device in snapshot.devices:
        for process in device.processes:
            if process.container_id:
                mine.setdefault(process.container_id, []).append((device.index, process))
    return {
        container_id: GpuUse(
            tuple(sorted({index for index, _ in found})),
            _sum(process.sm_percent for _, process in found),
            sum(process.memory_bytes or 0 for _, process in found),
        )
        for container_id, found in mine.items()
    }


def _sum(figures: Iterable[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def cpu_share(container: Container, cpus: int) -> float | None:
    """CPU used over the container's quota, or over the machine when it has none; 1 is all of it."""
    if container.usage is None or container.usage.cpu_percent is None:
        return None
    return container.usage.cpu_percent / 100 / (container.cpu_limit_cores or cpus or 1)


def memory_share(container: Container) -> float | None:
    """Memory used over the limit; 1 is all of it."""
    usage = container.usage
    if usage is None or usage.memory_used_bytes is None or not usage.memory_limit_bytes:
        return None
    return usage.memory_used_bytes / usage.memory_limit_bytes


def state_cell(container: Container) -> Cell:
    """The state in a word: `running`, `healthy`, `exited 137`."""
    if container.state == "running":
        if "(unhealthy)" in container.status:
            return Cell("unhealthy", "act")
        if "(healthy)" in container.status:
            return Cell("healthy", "good")
        return Cell("running")
    if container.state == "exited":
        code = _EXIT.match(container.status)
        return Cell(f"exited {code[1]}", "dim" if code[1] == "0" else "watch") if code else Cell("exited", "dim")
    return Cell(
        container.state,
        "act" if container.state in ("dead", "restarting") else "watch" if container.state == "paused" else "dim",
    )


@_often_the_same
def _share(share: float | None, figure: str, watch: float, act: float) -> Cell:
    return Cell(f"{bar(share, BAR)} {figure}", level(None if share is None else 100 * share, watch, act))


@_often_the_same
def _rate_pair(first: float | None, second: float | None, unit: float, marks: str) -> Cell:
    if first is None and second is None:
        return Cell(NOT_MEASURED, "dim")

    def figure(value: float | None) -> str:
        if value is None:
            return NOT_MEASURED
        scaled = value / unit
        if scaled >= 9999.5:
            return f"{scaled / 1000:.0f}k"
        return f"{scaled:.1f}" if 0.05 <= scaled < 9.95 else f"{scaled:.0f}"

    text = f"{figure(first)}{marks[0]} {figure(second)}{marks[1]}"
    return Cell(text, "dim" if not (first or second) else "plain")


@_often_the_same
def _limit(limit_bytes: int | None, machine_bytes: int) -> Cell:
    if limit_bytes is not None and machine_bytes and limit_bytes >= machine_bytes:
        return Cell("none", "dim")
    return Cell(quantity(limit_bytes), "dim")


@_often_the_same
def _waits(pressure: Pressure, watch: float, act: float) -> Cell:
    figures = (pressure.cpu_some, pressure.memory_some, pressure.io_some)
    look = level(max((figure for figure in figures if figure is not None), default=None), watch, act)
    text = " ".join([f"{NOT_MEASURED if figure is None else format(figure, '.0f'):>3}" for figure in figures])
    return Cell(text, "dim" if not any(figures) else look)


def _verdict(container: Container, verdict: Verdict | None) -> Cell:
    """What there is to say of it: narrow screens have no column for its state, so one that is not well is told here."""
    state = state_cell(container)
    if container.state not in _RUNNING and (verdict is None or verdict.severity not in ("act", "watch")):
        return Cell(container.status, "dim")
    unwell = container.state in _RUNNING and state.text not in ("running", "healthy")
    if verdict is None or (unwell and verdict.severity not in ("act", "watch")):
        return Cell(state.text, state.look) if unwell else Cell("")
    sign, look = SIGNS[verdict.severity]
    words = f"{state.text} · {verdict.word}" if unwell else verdict.word
    return Cell(f"{sign} {words}", "dim" if verdict.severity in ("fine", "unknown") else look)


def _gpu(use: GpuUse | None) -> Cell:
    if use is None:
        return Cell(NOT_MEASURED, "dim")
    return Cell(f"{','.join(map(str, use.indexes))}: {percent(use.percent)} {quantity(use.memory_bytes)}")


def row(container: Container, engine: EngineInfo, limits: Thresholds, beside: Beside, indent: str = "") -> LateRow:
    """One container as a row in the order of `columns`."""
    return LateRow(container.id, partial(_cells, container, engine, limits, beside, indent))


def _cells(
    container: Container, engine: EngineInfo, limits: Thresholds, beside: Beside, indent: str
) -> tuple[Cell, ...]:
    """The cells of a row, the very same as before when it is made of the same."""
    trend = beside.trend(container) if container.usage else ""
    verdict, gpu = beside.verdicts.get(container.id), (beside.gpus or {}).get(container.id)
    made_of = (container, verdict, trend, gpu, indent, engine, limits, beside.gpus is None, beside.old_after)
    known = beside.drawn.get(container.id)
    if known is not None and known[0] == made_of:
        return known[1]
    cells = _fresh_cells(container, engine, limits, beside, indent, trend)
    beside.drawn[container.id] = made_of, cells
    return cells


def _fresh_cells(
    container: Container, engine: EngineInfo, limits: Thresholds, beside: Beside, indent: str, trend: str
) -> tuple[Cell, ...]:
    usage = container.usage
    cpu, memory = cpu_share(container, engine.cpus), memory_share(container)
    absent = Cell(NOT_MEASURED, "dim")
    running = container.state in ("running", "paused")
    found = (
        Cell(indent + container.name, "strong" if running else "dim"),
        state_cell(container),
        absent if cpu is None else _share(cpu, f"{percent(100 * cpu):>5}", limits.cpu_watch, limits.cpu_act),
        Cell(f"{usage.cpu_percent:.1f}", "plain") if usage and usage.cpu_percent is not None else absent,
        Cell(trend, "dim"),
        absent
        if usage is None or usage.memory_used_bytes is None
        else _share(memory, f"{quantity(usage.memory_used_bytes):>6}", limits.memory_watch, limits.memory_act),
        _limit(usage.memory_limit_bytes, engine.memory_bytes) if usage else absent,
        _waits(usage.pressure, limits.pressure_watch, limits.pressure_act) if usage and usage.pressure else absent,
        *(() if beside.gpus is None else (_gpu(beside.gpus.get(container.id)),)),
        _rate_pair(usage.network_received_bytes_per_second, usage.network_sent_bytes_per_second, 1e3, "↓↑")
        if usage
        else absent,
        _rate_pair(usage.block_read_bytes_per_second, usage.block_written_bytes_per_second, 1e6, "rw")
        if usage
        else absent,
        Cell(str(usage.pids)) if usage and usage.pids is not None else absent,
        _verdict(container, beside.verdicts.get(container.id)),
        Cell(container.image, "dim"),
        Cell(container.project or NOT_MEASURED, "dim"),
    )
    if usage is None or container.usage_age_seconds < beside.old_after:
        return found
    shown = columns(gpu=beside.gpus is not None)
    return tuple(_as_old(cell, column, container.usage_age_seconds) for cell, column in zip(found, shown, strict=True))


def _as_old(cell: Cell, column: Column, age: float) -> Cell:
    """A cell of a container whose figures are old; the verdict on them tells how old."""
    if column.key != "verdict":
        return Cell(cell.text, "dim")
    return Cell(f"{duration(age - age % AGE_STEP)} old · {cell.text}".removesuffix(" · "), "dim")


def _total(first: float | None, second: float | None) -> float:
    return (first or 0.0) + (second or 0.0)


def sort_key(column: str, cpus: int, beside: Beside) -> Callable[[Container], tuple[object, ...]]:
    """The key that sorts containers by a column, names breaking ties."""

    def figure(container: Container) -> object:
        usage = container.usage
        match column:
            case "cpu":
                return cpu_share(container, cpus) or 0.0
            case "memory":
                return (usage.memory_used_bytes if usage else 0) or 0
            case "waits":
                pressure = usage.pressure if usage else None
                return (
                    max(pressure.cpu_some or 0.0, pressure.memory_some or 0.0, pressure.io_some or 0.0)
                    if pressure
                    else 0.0
                )
            case "verdict":
                verdict = beside.verdicts.get(container.id)
                return _SEVERITIES.index(verdict.severity) if verdict else -1
            case "gpu":
                use = (beside.gpus or {}).get(container.id)
                return (use.percent or 0.0, use.memory_bytes) if use else (0.0, 0)
            case "network":
                return (
                    _total(usage.network_received_bytes_per_second, usage.network_sent_bytes_per_second)
                    if usage
                    else 0.0
                )
            case "block":
                return _total(usage.block_read_bytes_per_second, usage.block_written_bytes_per_second) if usage else 0.0
            case "pids":
                return (usage.pids if usage else 0) or 0
            case "image":
                return container.image
            case "project":
                return container.project or ""
            case "state":
                return container.state
            case _:
                return container.name.casefold()

    return lambda container: (figure(container), container.name.casefold(), container.id)


def matching(containers: Iterable[Container], words: str) -> list[Container]:
    """The containers whose name, image, state, project or id contain every word, whatever the case."""
    wanted = words.casefold().split()
    if not wanted:
        return list(containers)
    return [
        container
        for container in containers
        if all(
            word
            in " ".join(
                (container.name, container.image, container.state, container.project or "", container.id[:12])
            ).casefold()
            for word in wanted
        )
    ]


def rows(
    fleet: FleetSnapshot,
    limits: Thresholds,
    *,
    sort: str,
    descending: bool,
    words: str = "",
    stopped: bool = True,
    grouped: bool = False,
    beside: Beside = _NOTHING_BESIDE,
) -> list[AnyRow]:
    """The fleet as rows: filtered, those that run before those that do not, sorted within each.

    Grouped, each compose project is a row with its sums, and its containers are below it.
    """
    chosen = [container for container in matching(fleet.containers, words) if stopped or container.state in _RUNNING]
    by = sort_key(sort, fleet.engine.cpus, beside)
    ordered = sorted(chosen, key=by, reverse=descending)
    ordered.sort(key=lambda container: container.state not in _RUNNING)
    if not grouped:
        return [row(container, fleet.engine, limits, beside) for container in ordered]
    projects: dict[str | None, list[Container]] = {}
    for container in ordered:
        projects.setdefault(container.project, []).append(container)
    found: list[AnyRow] = []
    for project, members in sorted(projects.items(), key=lambda project: project[0] is None):
        found.append(_group(project, members, beside))
        found += [row(container, fleet.engine, limits, beside, "  ") for container in members]
    return found


def _group(project: str | None, members: Sequence[Container], beside: Beside) -> Row:
    """The sums of a project's containers. CPU is in cores: shares of different quotas cannot be added up."""
    used = [container.usage for container in members if container.usage]
    cpu = _sum(usage.cpu_percent for usage in used)
    memory = _sum(usage.memory_used_bytes for usage in used)
    running = sum(container.state in _RUNNING for container in members)
    figures = {
        "name": f"▾ {project or 'no project'}",
        "state": f"{running} of {len(members)}",
        "cpu": NOT_MEASURED if cpu is None else f"{cpu / 100:.2f} cores",
        "docker_cpu": NOT_MEASURED if cpu is None else f"{cpu:.1f}",
        "memory": quantity(memory, "B"),
        "pids": str(sum(usage.pids or 0 for usage in used)),
    }
    shown = columns(gpu=beside.gpus is not None)
    return Row(f"{GROUP}{project or ''}", tuple(Cell(figures.get(column.key, ""), "heading") for column in shown))
