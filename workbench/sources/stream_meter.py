"""One container measured from what its engine tells: samples that a stream or a poll brings."""

import time
from typing import Protocol

from workbench.measure.rates import Counters, usage_between
from workbench.model.containers import ContainerUsage
from workbench.sources.stats import decode_counters
from workbench.sources.watch import Place, Samples


class Sampler(Protocol):
    """Brings samples of one container, on a thread that is not the reader's."""

    samples: Samples | None
    cpu_limit_cores: float | None
    place: Place | None

    def close(self) -> None:
        """Stop, at once. Callable from another thread, and twice."""
        ...


class StreamMeter:
    """Turns what a sampler saw since the last look into usage.

    Args:
        sampler: Closed with the meter.
        source: Where its samples come from, in words.
    """

    def __init__(self, sampler: Sampler, source: str) -> None:
        self.source = source
        self._sampler = sampler
        self._seen: Samples | None = None
        self._before: Counters | None = None
        self._usage: ContainerUsage | None = None

    @property
    def cpu_limit_cores(self) -> float | None:
        """Its CPU quota in cores; `None` when it has none or it is not known yet."""
        return self._sampler.cpu_limit_cores

    @property
    def place(self) -> Place | None:
        """Where inspect says that it runs; `None` before it has been asked."""
        return self._sampler.place

    @property
    def age_seconds(self) -> float:
        """How long ago came what `usage` told last."""
        return time.monotonic() - self._seen.came_at if self._seen else 0.0

    def usage(self, machine_memory_bytes: int) -> ContainerUsage | None:
        """Over the time since the last look that brought something new; `None` when nothing was measured."""
        samples = self._sampler.samples
        if samples is None:
            return None
        if samples is self._seen:
            return self._usage
        now = decode_counters(samples.newest)
        if self._seen is None or self._seen.run != samples.run:
            self._before = None if samples.first is samples.newest else decode_counters(samples.first)
        self._seen = samples
        self._usage = usage_between(self._before, now, machine_memory_bytes) if now else None
        self._before = now
        return self._usage

    def close(self) -> None:
        """Stop, at once. Callable from another thread, and twice."""
        self._sampler.close()
