"""GPUs, their slices and their processes as table rows: pure, no widgets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from screens.levels import level, severity_look
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.throttling import severity
from workbench.measure.units import NOT_MEASURED, bar, percent, quantity
from workbench.model.gpu import GpuDevice, GpuProcess, MigDevice
from workbench.settings import Thresholds

BAR = 5
DEVICE_COLUMNS = (
    Column("gpu", "gpu", 13, grow=1, most=34),
    Column("util", "utilisation", 11),
    Column("sm", "SMs", 5, "right", importance=5),
    Column("memory", "memory", 19),
    Column("temperature", "°C", 6, "right", importance=3),
    Column("power", "power W", 8, "right", importance=2),
    Column("clock", "SM MHz", 9, "right", importance=6),
    Column("pcie", "PCIe", 9, importance=7),
    Column("held", "held back by", 18, importance=1, grow=3, most=60),
)
PROCESS_COLUMNS = (
    Column("container", "container", 14, grow=3, most=40),
    Column("process", "process", 10, grow=1, most=24),
    Column("pid", "pid", 7, "right"),
    Column("gpu", "gpu", 4, "right"),
    Column("memory", "memory", 12),
    Column("sm", "SM", 11),
    Column("traffic", "mem i/o", 7, "right", importance=2),
    Column("kind", "kind", 8, importance=3),
)
SORTABLE = ("memory", "sm", "container", "process", "pid", "gpu")
LARGEST_FIRST = frozenset({"memory", "sm"})
_ABSENT = Cell(NOT_MEASURED, "dim")
_NEAR_CELSIUS = 5.0
"""How near to slowing down is worth a watch."""


class Place(NamedTuple):
    """A GPU, or a slice of one."""

    gpu: int
    mig: int | None = None

    @property
    def text(self) -> str:
        """`0`, `0:2`."""
        return str(self.gpu) if self.mig is None else f"{self.gpu}:{self.mig}"

    @classmethod
    def of(cls, text: str) -> "Place":
        """The place that a row of the devices is called by."""
        gpu, _, mig = text.partition(":")
        return cls(int(gpu), int(mig) if mig else None)


class User(NamedTuple):
    """A process on a place, with what its container is called."""

    place: Place
    process: GpuProcess
    container: str
    """Empty when it is in none, or that cannot be told."""
    known: bool
    """Whether the engine on screen has that container."""
    memory_total_bytes: int | None

    @property
    def key(self) -> str:
        """What its row is called."""
        return f"{self.process.pid}@{self.place.text}"


def device_rows(devices: Iterable[GpuDevice], limits: Thresholds) -> list[Row]:
    """Every GPU, and below each its slices."""
    rows: list[Row] = []
    for device in devices:
        rows.append(_device_row(device, limits))
        rows += [_slice_row(device, part, limits) for part in device.mig_devices]
    return rows


def short_name(name: str) -> str:
    """A GPU's name without what they all begin with."""
    return name.removeprefix("NVIDIA ")


def _device_row(device: GpuDevice, limits: Thresholds) -> Row:
    name = Cell(f"{device.index} {short_name(device.name)}", "strong")
    if device.problem:
        problem = Cell(device.problem, "act")
        return Row(Place(device.index).text, (name, *[_ABSENT] * (len(DEVICE_COLUMNS) - 2), problem))
    return Row(
        Place(device.index).text,
        (
            name,
            _share(device.utilisation_percent),
            _percent(device.sm_active_percent),
            _memory(device.memory_used_bytes, device.memory_total_bytes, limits),
            Cell(_of(device.temperature_celsius, device.slowdown_celsius), heat_look(device)),
            Cell(_of(device.power_watts, device.power_limit_watts)),
            Cell(_of(device.sm_clock_mhz, device.sm_clock_max_mhz)),
            _link(device),
            _held(device.throttle_reasons),
        ),
    )


def _slice_row(device: GpuDevice, part: MigDevice, limits: Thresholds) -> Row:
    place = Place(device.index, part.index)
    # `NVIDIA H100 MIG 1g.10gb`: the chip stands in the row above.
    name = part.name.partition(" MIG ")[2] or short_name(part.name)
    return Row(
        place.text,
        (
            Cell(f"  {place.text} {name}"),
            _ABSENT,
            _percent(part.sm_active_percent),
            _memory(part.memory_used_bytes, part.memory_total_bytes, limits),
            *[_ABSENT] * (len(DEVICE_COLUMNS) - 4),
        ),
    )


def heat_look(device: GpuDevice) -> str:
    """How near the temperature is to where the GPU slows itself down."""
    if device.temperature_celsius is None or device.slowdown_celsius is None:
        return "plain"
    return level(device.temperature_celsius, device.slowdown_celsius - _NEAR_CELSIUS, device.slowdown_celsius)


def _held(reasons: Sequence[str]) -> Cell:
    if not reasons:
        return _ABSENT
    return Cell(", ".join(reasons), severity_look(severity(reasons[0])))


def _share(value: float | None) -> Cell:
    return _ABSENT if value is None else Cell(f"{bar(value / 100, BAR)} {percent(value):>5}")


def _percent(value: float | None) -> Cell:
    return _ABSENT if value is None else Cell(percent(value))


def _memory(used: int | None, total: int | None, limits: Thresholds) -> Cell:
    if used is None or not total:
        return _ABSENT
    look = level(100 * used / total, limits.memory_watch, limits.memory_act)
    return Cell(f"{bar(used / total, BAR)} {quantity(used).replace(' G', '')}/{quantity(total)}", look)


def _of(value: float | None, limit: float | None) -> str:
    if value is None:
        return NOT_MEASURED
    return f"{value:.0f}" if limit is None else f"{value:.0f}/{limit:.0f}"


def _link(device: GpuDevice) -> Cell:
    if device.pcie_generation is None or device.pcie_width is None:
        return _ABSENT
    most = f"/{device.pcie_generation_max}" if device.pcie_generation_max is not None else ""
    return Cell(f"{device.pcie_generation}{most} ×{device.pcie_width}", link_look(device))


def link_look(device: GpuDevice) -> str:
    """Narrower than it can be is a card that sits badly; a slow generation is only a GPU that idles."""
    narrow = device.pcie_width is not None and device.pcie_width < (device.pcie_width_max or 0)
    return "watch" if narrow else "plain"


def users(devices: Iterable[GpuDevice], names: Mapping[str, str]) -> list[User]:
    """Every process on every GPU.

    Args:
        devices: The GPUs.
        names: Names of the engine's containers by their ids.
    """
    found: list[User] = []
    for device in devices:
        totals = {part.index: part.memory_total_bytes for part in device.mig_devices}
        for process in device.processes:
            container_id = process.container_id
            total = device.memory_total_bytes if process.mig_index is None else totals.get(process.mig_index)
            container = names.get(container_id, container_id[:12]) if container_id else ""
            place = Place(device.index, process.mig_index)
            found.append(User(place, process, container, container_id in names, total))
    return found


def chosen_users(everyone: Iterable[User], words: str, only: Place | None) -> list[User]:
    """Those that contain every word, whatever the case, on one GPU or slice or on all.

    A GPU that is in slices has the processes of all of them.
    """
    wanted = words.casefold().split()
    return [
        user
        for user in everyone
        if (only is None or user.place == only or (only.mig is None and user.place.gpu == only.gpu))
        and all(
            word in f"{user.container} {user.process.name} {user.process.pid} {user.process.kind}".casefold()
            for word in wanted
        )
    ]


def process_rows(chosen: Iterable[User], *, sort: str, descending: bool) -> list[Row]:
    """Processes as rows, sorted, PIDs breaking ties."""

    def key(user: User) -> tuple[object, ...]:
        process = user.process
        first: object
        match sort:
            case "memory":
                first = process.memory_bytes or 0
            case "sm":
                first = process.sm_percent or 0.0
            case "container":
                first = (not user.container, user.container.casefold())
            case "process":
                first = process.name.casefold()
            case "gpu":
                first = (user.place.gpu, -1 if user.place.mig is None else user.place.mig)
            case _:
                first = process.pid
        return (first, process.pid, user.place.text)

    return [_process_row(user) for user in sorted(chosen, key=key, reverse=descending)]


def _process_row(user: User) -> Row:
    process = user.process
    held = process.memory_bytes
    if held is None:
        memory = _ABSENT
    else:
        share = held / user.memory_total_bytes if user.memory_total_bytes else None
        memory = Cell(f"{bar(share, BAR)} {quantity(held):>6}")
    return Row(
        user.key,
        (
            Cell(user.container, "strong" if user.known else "plain") if user.container else _ABSENT,
            Cell(process.name) if process.name else _ABSENT,
            Cell(str(process.pid)),
            Cell(user.place.text),
            memory,
            _share(process.sm_percent),
            _percent(process.memory_percent),
            Cell(process.kind, "dim"),
        ),
    )
