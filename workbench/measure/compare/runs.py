"""Stored runs: every metric that both sides have."""

from collections.abc import Iterator, Sequence

from workbench.measure.compare.flags import environment_flags, load_flags, noise_flags
from workbench.measure.compare.judged import METHOD, judged
from workbench.measure.instants import local_minute
from workbench.measure.units import counted
from workbench.model.comparison import Comparison, Flag, How, Matters, Measured, Side
from workbench.model.runs import Metric, RunDetail

_TITLES = {"duration": "took"}
_MATTERS = {"latency_p99": Matters(0.05), "latency_p99_9": Matters(0.10)}
_SIZE = Matters(0.01)
_EXACT = frozenset({"size", "final", "wasted"})
"""Sizes of files, as those called `…_size`: measured again they are the same."""
_ABOUT_THE_MEASURING = frozenset({"samples", "readings"})
"""Metrics that tell how much was measured, not what."""


def compare_runs(before: Sequence[RunDetail], after: Sequence[RunDetail]) -> Comparison:
    """Judge every metric that a side has.

    Several runs on a side are repeats: each gives one value to each metric. A single run gives its samples.

    Args:
        before: One run at least, oldest first.
        after: One run at least, of the same kind.
    """
    old, new = _metrics(before), _metrics(after)
    names = [name for name in dict.fromkeys((*old, *new)) if name not in _ABOUT_THE_MEASURING]
    other = [name for name in names if name in old and name in new and _version(old[name]) != _version(new[name])]
    figures = [_measured(name, old.get(name, []), new.get(name, [])) for name in names if name not in other]
    rows = judged(figures)
    return Comparison(
        "runs", _side(before), _side(after), rows, (*_flags(before, after, other), *noise_flags(rows)), METHOD
    )


def _metrics(runs: Sequence[RunDetail]) -> dict[str, list[Metric]]:
    found: dict[str, list[Metric]] = {}
    for run in runs:
        for metric in run.metrics:
            found.setdefault(metric.name, []).append(metric)
    return found


def _version(metrics: Sequence[Metric]) -> int:
    return metrics[-1].definition_version


def _measured(name: str, before: Sequence[Metric], after: Sequence[Metric]) -> Measured:
    metric = (*after, *before)[0]
    old, new = _values(before), _values(after)
    exact = metric.unit == "" or name in _EXACT or name.endswith("_size")
    how: How = "exact" if exact and max(len(old), len(new)) < 2 else "statistics"
    matters = _SIZE if metric.unit == "B" else _MATTERS.get(name, Matters())
    title = _TITLES.get(name, name.replace("_", " "))
    return Measured(name, title, metric.unit, metric.better, how, old, new, matters)


def _values(metrics: Sequence[Metric]) -> tuple[float, ...]:
    if len(metrics) == 1 and metrics[0].samples:
        return tuple(sample.value for sample in metrics[0].samples)
    return tuple(metric.value for metric in metrics if metric.value is not None)


def _side(runs: Sequence[RunDetail]) -> Side:
    newest = runs[-1].summary
    which = f"run {newest.id}" if len(runs) == 1 else f"{counted(len(runs), 'run')} up to {newest.id}"
    label = f"{newest.label}, " if newest.label else ""
    return Side(newest.target.name, f"{label}{which}, {local_minute(newest.started_at)}")


def _flags(before: Sequence[RunDetail], after: Sequence[RunDetail], other: Sequence[str]) -> Iterator[Flag]:
    yield from environment_flags(before[-1].environment, after[-1].environment)
    for side, runs in (("before", before), ("after", after)):
        newest = runs[-1]
        pressure = dict(newest.conditions.pressure).get("cpu.some.avg10")
        yield from load_flags(side, newest.conditions.load_1_minute, newest.environment.cpu_cores, pressure)
        if newest.summary.status != "complete":
            yield Flag("data", f"the run {side} is {newest.summary.status}", serious=True)
        bad = sorted({f"{metric.name} {metric.quality}" for run in runs for metric in run.metrics if metric.quality})
        if bad:
            yield Flag("data", f"{side}: {', '.join(bad[:3])}")
    if other:
        yield Flag("definition", f"measured in another way by now, left out: {', '.join(other[:3])}")
    old, new = (dict(runs[-1].conditions.configuration) for runs in (before, after))
    changed = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    if changed:
        words = [f"{name} {old.get(name, 'none')} → {new.get(name, 'none')}" for name in changed[:3]]
        yield Flag("definition", f"measured otherwise: {', '.join(words)}", serious=True)
