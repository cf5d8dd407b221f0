"""Reasons to doubt a comparison, found in its rows and in what surrounded the measuring."""

from collections.abc import Iterator, Sequence

from workbench.measure.statistics.noise import (
    NOISY_SHARE,
    VERY_NOISY_SHARE,
    drifts,
    first_is_slow,
    outliers,
)
from workbench.measure.units import counted, percent
from workbench.model.comparison import ComparedRow, Flag
from workbench.model.runs import Environment

_NAMES = {
    "host_id": "another machine",
    "cpu_model": "another CPU",
    "cpu_cores": "cores",
    "cpu_governor": "CPU governor",
    "memory_bytes": "memory",
    "kernel": "kernel",
    "cgroup_version": "cgroup version",
    "engine": "engine",
    "engine_version": "engine's version",
    "storage_driver": "storage driver",
}


def noise_flags(rows: Sequence[ComparedRow]) -> Iterator[Flag]:
    """What the values themselves show: scatter, outliers, a slow first one, drift."""
    for row in rows:
        if row.how != "statistics":
            continue
        for side, values, scatter in (
            ("before", row.before_values, row.before_spread),
            ("after", row.after_values, row.after_spread),
        ):
            if scatter is not None and scatter > NOISY_SHARE and row.verdict == "inconclusive":
                words = f"{row.title} {side} scatters by {percent(100 * scatter)}"
                yield Flag("spread", words, scatter > VERY_NOISY_SHARE)
            if first_is_slow(values):
                yield Flag("first-run", f"{row.title} {side}: the first value stands out, caches were cold")
            elif far := outliers(values):
                yield Flag("outliers", f"{row.title} {side} has {counted(far, 'outlier')}, kept")
            if drifts(values) and row.verdict != "same":
                yield Flag("drift", f"{row.title} {side} drifts while it is measured")


def environment_flags(before: Environment, after: Environment) -> Iterator[Flag]:
    """What is different where the two were measured."""
    if before.fingerprint == after.fingerprint:
        return
    if before.host_id != after.host_id:
        yield Flag("environment", "measured on two machines", serious=True)
        return
    for name, words in _NAMES.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            told = [str(value) if value is not None else "not known" for value in (old, new)]
            yield Flag("environment", f"{words} {told[0]} → {told[1]}", old is not None and new is not None)


def load_flags(side: str, load: float | None, cores: int | None, cpu_pressure: float | None) -> Iterator[Flag]:
    """Whether the machine had other things to do."""
    if load is not None and cores and load > cores / 2:
        yield Flag("load", f"load {load:.1f} on {counted(cores, 'core')} {side}", load > cores)
    if cpu_pressure is not None and cpu_pressure > 10:
        yield Flag("pressure", f"tasks waited for a CPU {percent(cpu_pressure)} of the time {side}")
