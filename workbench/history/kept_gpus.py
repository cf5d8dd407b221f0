"""What is kept of the GPUs: whole snapshots, and by the second what each is used for and what each container uses."""

from array import array
from collections import OrderedDict

from workbench.history.kept_machine import SECONDS, KeptSnapshots
from workbench.history.ticks import Ticks
from workbench.measure.figure_rows import FigureRows
from workbench.measure.figures import Figure
from workbench.measure.series import Series
from workbench.model.gpu import GpuDevice, GpuSnapshot

DEVICE_FIGURES = ("utilisation_percent", "sm_active_percent", "memory_used_bytes", "power_watts", "temperature_celsius")
"""Of each GPU, by the name of its field."""
CONTAINER_FIGURES = ("gpu_percent", "gpu_memory_bytes")
"""Of each container, summed over its processes and all GPUs."""
MOST_KEPT = 128
"""GPUs and containers; those that were not seen for longest give way."""


class KeptGpus(KeptSnapshots[GpuSnapshot]):
    """Not thread-safe."""

    def __init__(self) -> None:
        super().__init__(GpuSnapshot)
        self._ticks = Ticks(SECONDS)
        self._rows: OrderedDict[int | str, FigureRows] = OrderedDict()
        """By a GPU's index or a container's id."""

    @property
    def data_bytes(self) -> int:
        """About the memory that it takes."""
        return super().data_bytes + self._ticks.data_bytes + sum(rows.data_bytes for rows in self._rows.values())

    def add(self, at: float, value: GpuSnapshot) -> bool:
        """Keep a reading, newer than all before; whether a minute is over with it."""
        tick = self._ticks.add(at)
        for device in value.devices:
            self._keep(tick, device.index, _of_device(device))
        for container_id, row in _of_containers(value).items():
            self._keep(tick, container_id, row)
        return super().add(at, value)

    def device_series(self, index: int, figure: str, since: float, until: float) -> Series:
        """One of `DEVICE_FIGURES` of a GPU over time; empty when there is no such GPU."""
        return self._series(index, DEVICE_FIGURES.index(figure), since, until)

    def container_series(self, container_id: str, figure: str, since: float, until: float) -> Series:
        """One of `CONTAINER_FIGURES` of a container over time; empty when it never used a GPU."""
        return self._series(container_id, CONTAINER_FIGURES.index(figure), since, until)

    def _keep(self, tick: int, key: int | str, row: tuple[Figure, ...]) -> None:
        if key not in self._rows:
            self._rows[key] = FigureRows(len(row), SECONDS)
            while len(self._rows) > MOST_KEPT:
                self._rows.popitem(last=False)
        self._rows.move_to_end(key)
        self._rows[key].add(tick, row)

    def _series(self, key: int | str, place: int, since: float, until: float) -> Series:
        rows = self._rows.get(key)
        if rows is None:
            return Series()
        first = max(self._ticks.first, rows.oldest)
        count = self._ticks.next - first
        values = array("f", rows.column(place, first, count))
        return Series(self._ticks.times(first, count), values).between(since, until)


def _of_device(device: GpuDevice) -> tuple[Figure, ...]:
    return (
        device.utilisation_percent,
        device.sm_active_percent,
        device.memory_used_bytes,
        device.power_watts,
        device.temperature_celsius,
    )


def _of_containers(snapshot: GpuSnapshot) -> dict[str, tuple[Figure, ...]]:
    used: dict[str, tuple[Figure, ...]] = {}
    for device in snapshot.devices:
        for process in device.processes:
            if process.container_id:
                percent, memory = used.get(process.container_id, (None, None))
                used[process.container_id] = (
                    _plus(percent, process.sm_percent),
                    _plus(memory, process.memory_bytes),
                )
    return used


def _plus(total: Figure, more: Figure) -> Figure:
    return total if more is None else more + (total or 0.0)
