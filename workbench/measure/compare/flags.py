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
from workbench.model.comparison import ComparedRow, Flag, FlagKind
from workbench.model.runs import ELSEWHERE, Environment

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

_KINDS = {
    "first-run": "the first value stands out, caches were cold",
    "outliers": "outliers, kept",
    "drift": "drifts while it is measured",
}
_MOST = 3
"""Names in one flag."""


def noise_flags(rows: Sequence[ComparedRow], *, runs: bool = True) -> Iterator[Flag]:
    """What the values themselves show: scatter, outliers, a slow first one, drift. One flag for each kind.

    Args:
        rows: What was judged; rows without a change are left in peace.
        runs: Whether each value is a run of its own; else they are readings of something that goes on, which always
            scatter, and of which none is the first.
    """
    scatter: list[tuple[float, str]] = []
    found: dict[FlagKind, list[str]] = {"first-run": [], "outliers": [], "drift": []}
    for row in rows:
        if row.how != "statistics" or row.verdict == "same":
            continue
        worst = max(row.before_spread or 0.0, row.after_spread or 0.0)
        if worst > NOISY_SHARE and row.verdict == "inconclusive":
            scatter.append((worst, row.title))
        for side, values in (("before", row.before_values), ("after", row.after_values)):
            if runs and first_is_slow(values):
                found["first-run"].append(f"{row.title} {side}")
            elif outliers(values):
                found["outliers"].append(f"{row.title} {side}")
            if drifts(values):
                found["drift"].append(f"{row.title} {side}")
    if scatter:
        scatter.sort(reverse=True)
        told = [f"{title} by {percent(100 * share)}" for share, title in scatter]
        yield Flag("spread", f"scatters: {_listed(told)}", runs and scatter[0][0] > VERY_NOISY_SHARE)
    for kind, names in found.items():
        if names:
            yield Flag(kind, f"{_KINDS[kind]}: {_listed(names)}")


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return ", ".join(words[:_MOST]) + more


def environment_flags(before: Environment, after: Environment) -> Iterator[Flag]:
    """What is different where the two were measured."""
    unknown = [side for side, where in (("before", before), ("after", after)) if where.host_id == ELSEWHERE]
    if unknown:
        yield Flag("environment", f"where it was built is not known: {' and '.join(unknown)}", serious=True)
        return
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
