"""What can be drawn over time, by name: what it is called, its unit, its scale, and the figures it is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.measure.figures import CONTAINER_FIGURES, HOST_FIGURES, Figure, container_row, host_row
from workbench.model.containers import Container
from workbench.model.host import HostSnapshot

MetricKind = Literal["share", "bytes", "rate", "count"]
"""`share` is percent on a scale of 0 to 100, `bytes` a size, `rate` something a second, `count` a number of things."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One line of a chart: `scale · figure`, or `scale · figure / of`."""

    name: str
    title: str
    unit: str
    kind: MetricKind
    figure: str
    """Of `CONTAINER_FIGURES`, or of `HOST_FIGURES`."""
    of: str = ""
    """The figure it is a share of; empty for none."""
    scale: float = 1.0

    def get(self, container: Container, cpus: int = 0) -> float | None:
        """The metric of a container now; `None` is not measured.

        Args:
            container: With its usage.
            cpus: Cores of the machine: what a container without a quota has; 0 when not known.
        """
        row = container_row(container)
        return None if row is None else self._from(row, CONTAINER_FIGURES, cpus)

    def get_host(self, host: HostSnapshot) -> float | None:
        """The metric of the machine now; `None` is not measured."""
        return self._from(host_row(host), HOST_FIGURES, 0)

    def _from(self, row: Sequence[Figure], names: Sequence[str], cpus: int) -> float | None:
        value = row[names.index(self.figure)]
        if not self.of:
            return None if value is None else self.scale * value
        whole = row[names.index(self.of)]
        if whole is None and self.of == "cpu_limit_cores":
            whole = cpus
        return None if value is None or not whole else self.scale * value / whole


def _by_name(*metrics: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in metrics}


def _plain(
    figure: str, title: str, unit: str, kind: MetricKind, *, name: str = "", of: str = "", scale: float = 1.0
) -> Metric:
    return Metric(name or figure, title, unit, kind, figure, of, scale)


METRICS = _by_name(
    _plain("cpu_percent", "CPU", "cores", "count", name="cpu_cores", scale=0.01),
    _plain("cpu_percent", "CPU, of limit", "%", "share", name="cpu_share", of="cpu_limit_cores"),
    _plain("throttled_percent", "throttled", "%", "share"),
    _plain("throttled_seconds_per_second", "throttled time", "s/s", "rate"),
    _plain("run_delay_seconds_per_second", "run delay", "s/s", "rate"),
    _plain("busiest_task_percent", "busiest thread", "%", "share"),
    _plain("memory_used_bytes", "memory", "B", "bytes"),
    _plain(
        "memory_used_bytes", "memory, of limit", "%", "share", name="memory_share", of="memory_limit_bytes", scale=100
    ),
    _plain("anonymous_bytes", "anonymous memory", "B", "bytes"),
    _plain("shared_bytes", "shared memory", "B", "bytes"),
    _plain("file_active_bytes", "active page cache", "B", "bytes"),
    _plain("file_inactive_bytes", "inactive page cache", "B", "bytes"),
    _plain("kernel_bytes", "kernel memory", "B", "bytes"),
    _plain("refaults_per_second", "refaults", "/s", "rate"),
    _plain("major_faults_per_second", "major faults", "/s", "rate"),
    _plain("oom_kills", "OOM kills", "", "count"),
    _plain("pressure_cpu_some", "CPU pressure", "%", "share"),
    _plain("pressure_cpu_full", "CPU pressure, all", "%", "share"),
    _plain("pressure_memory_some", "memory pressure", "%", "share"),
    _plain("pressure_memory_full", "memory pressure, all", "%", "share"),
    _plain("pressure_io_some", "disk pressure", "%", "share"),
    _plain("pressure_io_full", "disk pressure, all", "%", "share"),
    _plain("network_received_bytes_per_second", "received", "B/s", "rate"),
    _plain("network_sent_bytes_per_second", "sent", "B/s", "rate"),
    _plain("network_dropped_per_second", "dropped packets", "/s", "rate"),
    _plain("network_errors_per_second", "network errors", "/s", "rate"),
    _plain("block_read_bytes_per_second", "read", "B/s", "rate"),
    _plain("block_written_bytes_per_second", "written", "B/s", "rate"),
    _plain("pids", "PIDs", "", "count"),
    _plain("pids", "PIDs, of limit", "%", "share", name="pids_share", of="pids_limit", scale=100),
)
"""Of a container, by name."""
HOST_METRICS = _by_name(
    _plain("cpu_percent", "host CPU", "%", "share", name="cpu_share"),
    _plain("load_1_minute", "load, 1 min", "", "count"),
    _plain("memory_used_bytes", "host memory", "B", "bytes"),
    _plain("memory_used_bytes", "host memory", "%", "share", name="memory_share", of="memory_total_bytes", scale=100),
    _plain("swap_used_bytes", "swap", "B", "bytes"),
    _plain("pressure_cpu_some", "host CPU pressure", "%", "share"),
    _plain("pressure_memory_some", "host memory pressure", "%", "share"),
    _plain("pressure_io_some", "host disk pressure", "%", "share"),
    _plain("disk_read_bytes_per_second", "disks read", "B/s", "rate"),
    _plain("disk_written_bytes_per_second", "disks written", "B/s", "rate"),
    _plain("disk_busy_percent", "busiest disk", "%", "share"),
    _plain("network_received_bytes_per_second", "received", "B/s", "rate"),
    _plain("network_sent_bytes_per_second", "sent", "B/s", "rate"),
)
"""Of the machine, by name; what a container has too has the same name, so that the two stand side by side."""

Column = Callable[[str], Sequence[float]]
"""The values of a figure over time, NaN where there are none."""


def column_of(metric: Metric, column: Column, cpus: int = 0) -> Sequence[float]:
    """A metric over time out of the figures it is made of.

    Args:
        metric: Which.
        column: Gives a figure's values.
        cpus: Cores of the machine, 0 when not known.
    """
    values = column(metric.figure)
    scale = metric.scale
    if not metric.of:
        return values if scale == 1.0 else [scale * value for value in values]
    nan = float("nan")
    none = float(cpus) if metric.of == "cpu_limit_cores" and cpus else nan
    wholes = (whole if whole == whole else none for whole in column(metric.of))
    return [scale * value / whole if whole else nan for value, whole in zip(values, wholes, strict=True)]
