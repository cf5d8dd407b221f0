"""Stored runs: every metric that both sides have."""

from collections.abc import Iterator, Sequence

from workbench.measure.compare.flags import environment_flags, load_flags, noise_flags
from workbench.measure.compare.judged import METHOD, ONE_RUN, judged
from workbench.measure.instants import local_minute
from workbench.measure.units import counted
from workbench.model.comparison import ComparedRow, Comparison, Flag, How, Matters, Measured, Side
from workbench.model.runs import Metric, RunDetail

_TITLES = {"duration": "took"}
_MATTERS = {"latency_p99": Matters(0.05), "latency_p99_9": Matters(0.10)}
_SIZE = Matters(0.01)
_EXACT = frozenset({"size", "final", "wasted", "pull_estimated"})
"""Sizes of files and what is worked out of them, as those called `…_size`: measured again they are the same."""
_ABOUT_THE_MEASURING = frozenset({"samples", "readings"})
"""Metrics that tell how much was measured, not what."""
_MOST_LISTED = 8
"""Runs of a side that are told by number."""


def compare_runs(before: Sequence[RunDetail], after: Sequence[RunDetail]) -> Comparison:
    """Judge every metric that a side has.

    Several runs on a side are repeats: each gives one value to each metric. One run on each side shows its samples, but
    only what is exact has a verdict then.

    Args:
        before: One run at least, oldest first.
        after: One run at least, of the same kind.
    """
    old, new = _metrics(before), _metrics(after)
    names = [name for name in dict.fromkeys((*old, *new)) if name not in _ABOUT_THE_MEASURING]
    other = [name for name in names if name in old and name in new and _version(old[name]) != _version(new[name])]
    figures = [_measured(name, old.get(name, []), new.get(name, [])) for name in names if name not in other]
    rows = judged(figures)
    flags = (*_repeats(before, after, rows), *_flags(before, after, other), *noise_flags(rows))
    return Comparison("runs", _side(before), _side(after), rows, flags, METHOD)


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
    single = len(before) < 2 and len(after) < 2
    old, new = (_values(side, samples=single) for side in (before, after))
    how: How = "statistics"
    if metric.unit == "" or name in _EXACT or name.endswith("_size"):
        if len({*old}) < 2 and len({*new}) < 2:
            how, old, new = "exact", old[:1], new[:1]
        elif not single:  # of several builds: each is exact
            how = "range"
    matters = _SIZE if metric.unit == "B" else _MATTERS.get(name, Matters())
    title = _TITLES.get(name, name.replace("_", " "))
    within = single and how == "statistics"
    return Measured(name, title, metric.unit, metric.better, how, old, new, matters, within_run=within)


def _values(metrics: Sequence[Metric], *, samples: bool) -> tuple[float, ...]:
    if samples and metrics and metrics[0].samples:
        return tuple(sample.value for sample in metrics[0].samples)
    return tuple(metric.value for metric in metrics if metric.value is not None)


def _side(runs: Sequence[RunDetail]) -> Side:
    newest = runs[-1].summary
    listed = ", ".join(str(run.summary.id) for run in runs)
    many = f"runs {listed}" if len(runs) <= _MOST_LISTED else f"{counted(len(runs), 'run')} up to {newest.id}"
    which = f"run {newest.id}" if len(runs) == 1 else many
    label = f"{newest.label}, " if newest.label else ""
    images = {run.conditions.image_id or "" for run in runs}
    image = images.pop() if len(images) == 1 else ""
    numbers = tuple(run.summary.id for run in runs)
    return Side(newest.target.name, f"{label}{which}, {local_minute(newest.started_at)}", numbers, image)


def _repeats(before: Sequence[RunDetail], after: Sequence[RunDetail], rows: Sequence[ComparedRow]) -> Iterator[Flag]:
    """Whether there are enough runs, alike on each side, in an order that tells a change from a machine that drifts."""
    if any(row.words == ONE_RUN for row in rows):
        words = "one run on each side: the machine may have changed; repeat, interleaved"
        yield Flag("repeats", f"{words}; intervals in brackets are only of what was within the two")
    for side, runs in (("before", before), ("after", after)):
        if len({(run.summary.target, run.environment, run.conditions.configuration) for run in runs}) > 1:
            yield Flag("repeats", f"the runs {side} are not all of the same", serious=True)
    times = [[run.summary.started_at for run in runs] for runs in (before, after)]
    if min(map(len, times)) > 1 and (max(times[0]) < min(times[1]) or max(times[1]) < min(times[0])):
        yield Flag("repeats", "one side was measured before the other: the machine may have changed; interleave them")


def _flags(before: Sequence[RunDetail], after: Sequence[RunDetail], other: Sequence[str]) -> Iterator[Flag]:
    yield from environment_flags(before[-1].environment, after[-1].environment)
    for side, runs in (("before", before), ("after", after)):
        newest = runs[-1]
        pressure = dict(newest.conditions.pressure).get("cpu.some.avg10")
        yield from load_flags(side, newest.conditions.load_1_minute, newest.environment.cpu_cores, pressure)
        for status in sorted({run.summary.status for run in runs} - {"complete"}):
            yield Flag("data", f"{'the' if len(runs) == 1 else 'a'} run {side} is {status}", serious=True)
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
