"""Containers as table rows: pure, no widgets."""

import re
from collections.abc import Callable, Iterable

from screens.levels import level
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.units import NOT_MEASURED, bar, percent, quantity
from workbench.model.containers import Container, EngineInfo, FleetSnapshot
from workbench.settings import Thresholds

BAR = 6
COLUMNS = (
    Column("name", "name", 14, grow=3, most=40),
    Column("state", "state", 10, importance=1),
    Column("cpu", "cpu of limit", 13),
    Column("docker_cpu", "cpu %", 6, "right", importance=6),
    Column("memory", "mem of limit", 13),
    Column("limit", "limit", 7, "right", importance=7),
    Column("network", "net kB/s", 12, "right", importance=2),
    Column("block", "io MB/s", 11, "right", importance=4),
    Column("pids", "pids", 5, "right", importance=3),
    Column("image", "image", 13, importance=5, grow=2, most=60),
    Column("project", "project", 10, importance=8, grow=1, most=20),
)
SORTABLE = ("name", "state", "cpu", "memory", "network", "block", "pids", "image", "project")
LARGEST_FIRST = frozenset({"cpu", "memory", "network", "block", "pids"})
_EXIT = re.compile(r"Exited \((\d+)\)")


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


def _limit(limit_bytes: int | None, machine_bytes: int) -> Cell:
    if limit_bytes is not None and machine_bytes and limit_bytes >= machine_bytes:
        return Cell("none", "dim")
    return Cell(quantity(limit_bytes), "dim")


def row(container: Container, engine: EngineInfo, limits: Thresholds) -> Row:
    """One container as a row in the order of `COLUMNS`."""
    usage = container.usage
    cpu, memory = cpu_share(container, engine.cpus), memory_share(container)
    absent = Cell(NOT_MEASURED, "dim")
    running = container.state in ("running", "paused")
    return Row(
        container.id,
        (
            Cell(container.name, "strong" if running else "dim"),
            state_cell(container),
            absent
            if cpu is None
            else Cell(f"{bar(cpu, BAR)} {percent(100 * cpu):>5}", level(100 * cpu, limits.cpu_watch, limits.cpu_act)),
            Cell(f"{usage.cpu_percent:.1f}", "plain") if usage and usage.cpu_percent is not None else absent,
            absent
            if usage is None or usage.memory_used_bytes is None
            else Cell(
                f"{bar(memory, BAR)} {quantity(usage.memory_used_bytes):>6}",
                level(None if memory is None else 100 * memory, limits.memory_watch, limits.memory_act),
            ),
            _limit(usage.memory_limit_bytes, engine.memory_bytes) if usage else absent,
            _rate_pair(usage.network_received_bytes_per_second, usage.network_sent_bytes_per_second, 1e3, "↓↑")
            if usage
            else absent,
            _rate_pair(usage.block_read_bytes_per_second, usage.block_written_bytes_per_second, 1e6, "rw")
            if usage
            else absent,
            Cell(str(usage.pids)) if usage and usage.pids is not None else absent,
            Cell(container.image, "dim"),
            Cell(container.project or NOT_MEASURED, "dim"),
        ),
    )


def _total(first: float | None, second: float | None) -> float:
    return (first or 0.0) + (second or 0.0)


def sort_key(column: str, cpus: int) -> Callable[[Container], tuple[object, ...]]:
    """The key that sorts containers by a column, names breaking ties."""

    def figure(container: Container) -> object:
        usage = container.usage
        match column:
            case "cpu":
                return cpu_share(container, cpus) or 0.0
            case "memory":
                return (usage.memory_used_bytes if usage else 0) or 0
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
) -> list[Row]:
    """The fleet as rows: filtered, those that run before those that do not, sorted within each."""
    chosen = matching(fleet.containers, words)
    running = [container for container in chosen if container.state in ("running", "paused", "restarting")]
    others = (
        [container for container in chosen if container.state not in ("running", "paused", "restarting")]
        if stopped
        else []
    )
    by = sort_key(sort, fleet.engine.cpus)
    ordered = sorted(running, key=by, reverse=descending) + sorted(others, key=by, reverse=descending)
    return [row(container, fleet.engine, limits) for container in ordered]
