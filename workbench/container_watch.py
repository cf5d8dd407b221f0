"""What one container uses while it is measured: readings once a second beside the measurement."""

import time
from typing import TYPE_CHECKING

from workbench.feed import Feed
from workbench.measure.averages import mean_usage
from workbench.model.containers import ContainerUsage
from workbench.model.latency import TargetFigures
from workbench.model.reading import Fresh, Reading
from workbench.sources.fleet import FleetSource
from workbench.sources.gpu import GpuSource

if TYPE_CHECKING:
    from workbench.model.containers import FleetSnapshot
    from workbench.model.gpu import GpuSnapshot
    from workbench.sources.engine import Engine

INTERVAL_SECONDS = 1.0


class ContainerWatch:
    """Reads from now on until it is closed.

    Args:
        engine: Whose container.
        container_id: In full.
    """

    def __init__(self, engine: "Engine", container_id: str) -> None:
        self._id = container_id
        self._usages: list[tuple[float, ContainerUsage]] = []
        self._gpu: list[tuple[float, float | None, int | None]] = []
        self._feeds = (
            Feed(FleetSource(engine), INTERVAL_SECONDS, _nobody_waits, on_reading=self._hear_fleet),
            Feed(GpuSource(), INTERVAL_SECONDS, _nobody_waits, on_reading=self._hear_gpus),
        )
        for feed in self._feeds:
            feed.start()

    def close(self) -> None:
        """Read no more."""
        for feed in self._feeds:
            feed.close()

    def figures(self, begin: float, end: float, answers: int) -> TargetFigures:
        """What it used in some seconds; those that a reading covers by more than half count.

        Args:
            begin: Unix time in seconds.
            end: The same.
            answers: How many requests it answered in that time.
        """
        usages = [usage for at, usage in self._usages if begin <= at - usage.interval_seconds / 2 <= end]
        mean = mean_usage(usages)
        gpu = [(busy, memory) for at, busy, memory in self._gpu if begin <= at <= end]
        if mean is None:
            mean = ContainerUsage(0.0)
        cores = mean.cpu_cores
        return TargetFigures(
            seconds=mean.interval_seconds,
            cpu_percent=mean.cpu_percent,
            cpu_per_request_ms=cores * (end - begin) * 1000 / answers if cores is not None and answers else None,
            memory_peak_bytes=_most([usage.memory_used_bytes for usage in usages]),
            throttled_percent=mean.throttled_percent,
            throttled_seconds=_of(mean.throttled_seconds_per_second, mean.interval_seconds),
            run_delay_seconds=_of(mean.run_delay_seconds_per_second, mean.interval_seconds),
            gpu_percent=_mean([busy for busy, _ in gpu]),
            gpu_memory_peak_bytes=_most([memory for _, memory in gpu]),
        )

    def _hear_fleet(self, reading: "Reading[FleetSnapshot]") -> None:
        if not isinstance(reading, Fresh):
            return
        found = next((each for each in reading.value.containers if each.id == self._id), None)
        if found is None or found.usage is None:
            return
        # One that has an age may have been told by the reading before; one that rests has the same usage each time
        if not found.usage_age_seconds or not self._usages or self._usages[-1][1] is not found.usage:
            self._usages.append((time.time(), found.usage))

    def _hear_gpus(self, reading: "Reading[GpuSnapshot]") -> None:
        if not isinstance(reading, Fresh):
            return
        own = [one for device in reading.value.devices for one in device.processes if one.container_id == self._id]
        if own:
            busy = [one.sm_percent for one in own if one.sm_percent is not None]
            memory = [one.memory_bytes for one in own if one.memory_bytes is not None]
            self._gpu.append((time.time(), sum(busy) if busy else None, sum(memory) if memory else None))


def _nobody_waits() -> None:
    """Every reading is heard; news of them wakes nobody."""


def _of(rate: float | None, seconds: float) -> float | None:
    return None if rate is None else rate * seconds


def _mean(values: "list[float | None]") -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _most(values: "list[int | None]") -> int | None:
    return max((value for value in values if value is not None), default=None)
