"""The table of a driven comparison: what was measured of each side, judged, and why the rest was not measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from workbench.measure.compare.driven_causes import (
    build_cause,
    latency_cause,
    ready_cause,
    rebuilt_cause,
    throttled_cause,
    value_of,
)
from workbench.measure.compare.flags import environment_flags, load_flags, noise_flags
from workbench.measure.compare.function_causes import function_cause
from workbench.measure.compare.judged import METHOD, judged
from workbench.measure.flame.diff import ProfileDiff, compare_several
from workbench.measure.units import counted, percent
from workbench.model.behind import StepTimes
from workbench.model.comparison import ComparedRow, Comparison, Flag, How, Matters, Measured, Side
from workbench.model.driven import Action, DrivenPlan, SideName, Subject, What
from workbench.model.profile import Profile
from workbench.model.runs import Better, RunDetail

_USUAL = Matters()
_MANY_FAILED = 1.0
"""Percent of the requests of a load: with more its latency means little."""


@dataclass(frozen=True, slots=True)
class DrivenSide:
    """What was measured of one side."""

    runs: Mapping[What, Sequence[RunDetail]]
    """By pair."""
    steps: Mapping[What, Sequence[StepTimes]]
    """Of the newest build of each kind."""


@dataclass(frozen=True, slots=True)
class Drive:
    """What was measured of both."""

    plan: DrivenPlan
    before: DrivenSide
    after: DrivenSide
    images: Sequence[Measured]
    """Rows of what the images are made of; empty when they were not looked at."""
    about_pulls: str
    """Where the figures of pulling come from."""
    why_no_images: str
    failed: Mapping[Action, str]
    """Why measurements of a kind were given up."""
    touched: Mapping[SideName, str]
    """The file that was changed before a build."""
    profiles: tuple[Profile | None, Profile | None] = (None, None)
    """What each side's functions took under load; `None` where they were not recorded."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One figure of the table."""

    metric: str
    title: str
    unit: str
    what: What
    matters: Matters = _USUAL
    how: How = "statistics"
    better: Better = -1
    scale: float = 1.0
    """Of what is stored, what one of this unit is."""


_ROWS = (
    _Row("build_cold", "build, no cache", "s", "build_cold"),
    _Row("build_touched", "build, source touched", "s", "build_touched"),
    _Row("time_to_ready", "time to ready", "s", "startup", scale=1000.0),
    _Row("latency_p50", "p50", "ms", "load"),
    _Row("latency_p95", "p95", "ms", "load", Matters(0.05)),
    _Row("latency_p99", "p99", "ms", "load", Matters(0.05)),
    _Row("throughput_at_knee", "throughput at the knee", "1/s", "knee", Matters(0.1), better=1),
    _Row("memory_peak", "peak memory", "B", "load", Matters(0.02, 1e6), "range"),
    _Row("cpu_per_request", "CPU per request", "ms", "load"),
    _Row("error_rate", "failed requests", "%", "load", Matters(0.0, 0.1), "range"),
)
_IMAGES = (
    ("size", "image size", "B"),
    ("compressed_size", "compressed", "B"),
    ("pull_estimated", "estimated pull", "s"),
    ("findings_high", "high findings", ""),
    ("findings_medium", "medium findings", ""),
    ("findings_low", "low findings", ""),
)
_FIRST_IMAGES = 3
"""Of them stand before what is timed, the others after it."""
_BY_FUNCTION: Mapping[str, int] = {
    "latency_p50": 1,
    "latency_p95": 1,
    "latency_p99": 1,
    "throughput_at_knee": -1,
    "cpu_per_request": 1,
}
"""Figures that functions may be the cause of, and whether they rise (1) or fall with the CPU that a request takes."""
_ACTIONS: Mapping[What, Action] = {
    "build_cold": "build_cold",
    "build_touched": "build_touched",
    "startup": "run",
    "load": "run",
    "knee": "run",
}


def compare_driven(drive: Drive) -> Comparison:
    """Judge everything that was measured; a row for everything that was not, with the reason."""
    images = _image_rows(drive)
    timed = [_measured(row, drive) for row in _rows(drive)]
    figures = [*images[:_FIRST_IMAGES], *timed, *images[_FIRST_IMAGES:]]
    rows = tuple(_explained(row, drive) for row in _by_functions(judged(figures), drive))
    notes = tuple(note for note in (drive.about_pulls, _about_touch(drive), _about_profiles(drive)) if note)
    sides = [_side(subject, side) for subject, side in _both(drive)]
    return Comparison("driven", sides[0], sides[1], rows, tuple(_flags(drive, rows)), METHOD, notes)


def known_rows(plan: DrivenPlan) -> tuple[ComparedRow, ...]:
    """Every row that a comparison will have, as if it had been measured: what a gate can be held against early."""
    names = [(name, unit) for name, _, unit in _IMAGES] + [(row.metric, row.unit) for row in _ROWS]
    titles = {name: title for name, title, _ in _IMAGES} | {row.metric: _title(row, plan) for row in _ROWS}
    return judged([Measured(name, titles[name], unit, -1, "exact", (1.0,), (1.0,)) for name, unit in names])


def _both(drive: Drive) -> tuple[tuple[Subject, DrivenSide], tuple[Subject, DrivenSide]]:
    return (drive.plan.before, drive.before), (drive.plan.after, drive.after)


def _rows(drive: Drive) -> list[_Row]:
    """Without the one of failures where there were none."""
    runs = [*drive.before.runs["load"], *drive.after.runs["load"]]
    failed = any(value_of(run, "error_rate") for run in runs)
    return [row for row in _ROWS if failed or row.metric != "error_rate"]


def _image_rows(drive: Drive) -> list[Measured]:
    found = {one.metric: one for one in drive.images}
    return [found.get(name, Measured(name, title, unit, -1, "exact", (), ())) for name, title, unit in _IMAGES]


def _title(row: _Row, plan: DrivenPlan) -> str:
    return f"{row.title} at {plan.rate:g}/s" if row.metric.startswith("latency_") else row.title


def _measured(row: _Row, drive: Drive) -> Measured:
    old, new = drive.before.runs[row.what], drive.after.runs[row.what]
    values = [
        tuple(value / row.scale for value in (value_of(run, row.metric) for run in runs) if value is not None)
        for runs in (old, new)
    ]
    cause = _cause(row, drive) if values[0] and values[1] else ""
    title = _title(row, drive.plan)
    return Measured(row.metric, title, row.unit, row.better, row.how, values[0], values[1], row.matters, cause)


def _cause(row: _Row, drive: Drive) -> str:
    old, new = drive.before, drive.after
    runs = old.runs[row.what], new.runs[row.what]
    causes: dict[str, Callable[[], str]] = {
        "build_cold": lambda: build_cause(old.steps["build_cold"], new.steps["build_cold"]),
        "build_touched": lambda: rebuilt_cause(*runs, (old.steps["build_touched"], new.steps["build_touched"])),
        "time_to_ready": lambda: ready_cause(*runs),
        "latency_p50": lambda: latency_cause(*runs),
        "latency_p95": lambda: latency_cause(*runs),
        "latency_p99": lambda: latency_cause(*runs),
        "throughput_at_knee": lambda: latency_cause(old.runs["load"], new.runs["load"]),
    }
    return causes[row.metric]() if row.metric in causes else ""


def _by_functions(rows: Sequence[ComparedRow], drive: Drive) -> list[ComparedRow]:
    """The rows, with functions as causes where these were recorded and differ."""
    before, after = drive.profiles
    cpu = next((row for row in rows if row.metric == "cpu_per_request"), None)
    if before is None or after is None or cpu is None:
        return list(rows)
    found = compare_several([before], [after])
    return [replace(row, cause=_function_cause(row, found, cpu, drive) or row.cause) for row in rows]


def _function_cause(row: ComparedRow, found: ProfileDiff, cpu: ComparedRow, drive: Drive) -> str:
    rises = _BY_FUNCTION.get(row.metric)
    if rises is None or not row.change:
        return ""
    cause = function_cause(found, cpu, rises if row.change > 0 else -rises)
    is_own = row.metric == "cpu_per_request"
    throttled = "" if is_own else throttled_cause(drive.before.runs["load"], drive.after.runs["load"])
    return "; ".join(text for text in (cause, throttled) if text) if cause else ""


def _explained(row: ComparedRow, drive: Drive) -> ComparedRow:
    """With the reason, where it was not measured; no cause where nothing changed."""
    if row.before is not None and row.after is not None:
        return replace(row, cause="") if row.verdict == "same" else row
    return replace(row, words=f"not measured: {_why_not(row, drive)}")


def _why_not(row: ComparedRow, drive: Drive) -> str:
    plan = drive.plan
    what = next((one.what for one in _ROWS if one.metric == row.metric), None)
    if what is None:
        return drive.why_no_images or "stopped before the images were looked at"
    failed = drive.failed.get(_ACTIONS[what])
    if failed is not None:
        return failed
    if what in ("build_cold", "build_touched"):
        if plan.before.context is None or plan.after.context is None:
            return "no build is known, --build DIR DIR names both contexts"
        if not plan.builds:
            return "--builds 0"
    elif not plan.pairs:
        return "--pairs 0"
    elif what != "startup" and not plan.target:
        return "nothing was asked, --url PORT/path says what to ask for"
    elif what == "knee" and plan.knee_most is None:
        return "--knee RATE looks for it"
    runs = drive.before.runs[what], drive.after.runs[what]
    if all(runs) and what == "knee":
        sides = [name for name, value in (("before", row.before), ("after", row.after)) if value is None]
        return f"{' and '.join(sides)} did not keep up with {plan.rate:g}/s, the lowest rate"
    if all(runs):
        return "the engine does not tell it"
    return "stopped before it was measured"


def _side(subject: Subject, side: DrivenSide) -> Side:
    images = {run.conditions.image_id for run in side.runs["startup"] if run.conditions.image_id}
    image = next(iter(images)) if len(images) == 1 else ""
    counts = {what: len(side.runs[what]) for what in ("build_cold", "startup")}
    told = [
        image.removeprefix("sha256:")[:12],
        counted(counts["build_cold"], "cold build") if counts["build_cold"] else "",
        counted(counts["startup"], "start") if counts["startup"] else "",
    ]
    numbers = tuple(sorted(run.summary.id for runs in side.runs.values() for run in runs))
    profiles = tuple(run.summary.id for run in side.runs["profile"])
    # What was built for it is not kept
    image = image if subject.image else ""
    return Side(subject.name, ", ".join(text for text in told if text), numbers, image, profiles)


def _about_touch(drive: Drive) -> str:
    if not any(side.runs["build_touched"] for side in (drive.before, drive.after)):
        return ""
    files = list(dict.fromkeys(drive.touched.values()))
    return f"touched was {' and '.join(files)}, in a copy of the context"


def _about_profiles(drive: Drive) -> str:
    if "profile" in drive.failed:
        return f"no functions are told as causes: {drive.failed['profile']}"
    runs = [side.runs["profile"] for side in (drive.before, drive.after)]
    if not all(runs):
        return ""
    numbers = " and ".join(str(side[-1].summary.id) for side in runs)
    return f"functions are told by py-spy in one more start of each side, which is in no figure: runs {numbers}"


def _flags(drive: Drive, rows: Sequence[ComparedRow]) -> list[Flag]:
    flags = [
        Flag("data", f"{action.replace('_', ' ')} was given up: {reason}", serious=True)
        for action, reason in drive.failed.items()
        if action != "profile"  # no figure lacks for it
    ]
    every = [[run for runs in side.runs.values() for run in runs] for side in (drive.before, drive.after)]
    if all(every):
        newest = [max(side, key=lambda run: run.summary.started_at) for side in every]
        flags += environment_flags(newest[0].environment, newest[1].environment)
        for name, side in zip(("before", "after"), every, strict=True):
            asked = [run for run in side if run.summary.kind != "build"]  # those make the load themselves
            loads = [run.conditions.load_1_minute for run in asked if run.conditions.load_1_minute is not None]
            flags += load_flags(name, median(loads) if loads else None, newest[0].environment.cpu_cores, None)
            flags += _meter_flags(name, [run for run in side if run.summary.kind == "bench"])
    return [*flags, *noise_flags(rows)]


def _meter_flags(side: str, runs: Sequence[RunDetail]) -> list[Flag]:
    flags = []
    failed = [rate for rate in (value_of(run, "error_rate") for run in runs) if rate]
    if failed:
        told = f"requests failed in {len(failed)} of {counted(len(runs), 'load')} {side}, up to {percent(max(failed))}"
        flags.append(Flag("errors", f"{told}: their latency is that of the others", max(failed) > _MANY_FAILED))
    lagged = sum(any(metric.quality == "meter lagged" for metric in run.metrics) for run in runs)
    if lagged:
        told = f"in {lagged} of {counted(len(runs), 'load')} {side}"
        flags.append(Flag("start-lag", f"the meter itself was late {told}", 2 * lagged > len(runs)))
    return flags
