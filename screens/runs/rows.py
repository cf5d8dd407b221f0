"""Runs as rows of a table and as text: pure, no widgets."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from screens.verdicts import SIGNS
from screens.widgets.live_table import Cell, Column, LateRow
from workbench.measure.compare.judged import amount
from workbench.measure.instants import local_minute
from workbench.measure.units import NOT_MEASURED, duration, quantity
from workbench.model.runs import RunDetail, RunSummary
from workbench.run_book import Course

COLUMNS = (
    Column("chosen", "", 1),
    Column("id", "run", 5, "right"),
    Column("when", "when", 16),
    Column("kind", "kind", 12),
    Column("target", "target", 16, grow=3, most=40),
    Column("label", "label", 10, importance=1, grow=1, most=24),
    Column("took", "took", 11, "right", importance=3),
    Column("commit", "commit", 9, importance=4),
    Column("environment", "where", 6, importance=5),
    Column("status", "status", 11, importance=2),
    Column("note", "note", 10, importance=6, grow=2),
)
SORTS = ("when", "target", "kind", "took", "label")
DESCENDING = frozenset({"when", "took"})
_SEVERITY = {"failed": "act", "interrupted": "watch"}
"""Its sign stands before the kind of a run that is not complete: narrow screens have no column for the status."""


def matching(runs: Iterable[RunSummary], words: str) -> list[RunSummary]:
    """Those that contain every word somewhere."""
    wanted = words.lower().split()
    return [run for run in runs if all(word in _text(run) for word in wanted)] if wanted else list(runs)


def _text(run: RunSummary) -> str:
    pinned = "pinned" if run.pinned else ""
    parts = (str(run.id), run.kind, run.target.name, run.label, run.note, run.status, pinned, run.git_commit or "")
    return " ".join(parts).lower()


def ordered(runs: Sequence[RunSummary], sort: str, *, descending: bool) -> list[RunSummary]:
    """Sorted by a column; those that are equal stay newest first."""
    keys = {
        "when": lambda run: run.started_at,
        "target": lambda run: run.target.name.lower(),
        "kind": lambda run: run.kind,
        "took": lambda run: -1.0 if run.ended_at is None else run.ended_at - run.started_at,
        "label": lambda run: run.label.lower(),
    }
    return sorted(runs, key=keys[sort], reverse=descending)


def rows(runs: Sequence[RunSummary], chosen: Collection[int], sides: Mapping[int, str]) -> list[LateRow]:
    """A row for each run, with the side of a comparison that it is on; its cells are made when it is seen."""
    return [
        LateRow(str(run.id), partial(_cells, run, sides.get(run.id) or ("●" if run.id in chosen else "")))
        for run in runs
    ]


def _cells(run: RunSummary, mark: str) -> tuple[Cell, ...]:
    look = "plain" if run.status == "complete" else "dim"
    commit = f"{run.git_commit[:7]}{'+' if run.git_dirty else ''}" if run.git_commit else ""
    status = {"complete": "", "failed": "failed", "interrupted": "interrupted"}[run.status]
    sign, sign_look = SIGNS[_SEVERITY[run.status]] if run.status in _SEVERITY else ("", look)
    return (
        Cell(mark, "accent"),
        Cell(str(run.id), look),
        Cell(local_minute(run.started_at), look),
        Cell(f"{sign} {run.kind}".lstrip(), sign_look),
        Cell(run.target.name, look),
        Cell(run.label, look),
        Cell(took(run), look),
        Cell(commit, "dim"),
        Cell(run.environment[:6], "dim"),
        Cell(", ".join(word for word in ("pinned" if run.pinned else "", status) if word), look),
        Cell(run.note, "dim"),
    )


def took(run: RunSummary) -> str:
    """How long it took: `0.8 s`, `2 min 05 s`."""
    if run.ended_at is None:
        return NOT_MEASURED
    seconds = run.ended_at - run.started_at
    return f"{seconds:.1f} s" if 0 <= seconds < 9.95 else duration(seconds)


def facts(run: RunDetail) -> list[str]:
    """What there is to know of a run beside its figures, in two or three lines."""
    summary, where, how = run.summary, run.environment, run.conditions
    machine = [
        where.cpu_model or "",
        f"{where.cpu_cores} cores" if where.cpu_cores else "",
        quantity(where.memory_bytes, "B") if where.memory_bytes else "",
        f"kernel {where.kernel}" if where.kernel else "",
        f"{where.engine} {where.engine_version or ''}".strip() if where.engine else "",
    ]
    commit = f"commit {how.git_commit[:12]}{' with changes' if how.git_dirty else ''}" if how.git_commit else ""
    files = [f"{artifact.kind} {quantity(artifact.size_bytes, 'B')}" for artifact in run.artifacts]
    settings = [f"{name} {value}" for name, value in how.configuration]
    lines = [[commit, *settings], ["where:", *machine], ["files:", *files] if files else [], [summary.note]]
    return [text for line in lines if (text := _joined(line))]


def _joined(words: Iterable[str]) -> str:
    told = [word for word in words if word]
    if told and told[0].endswith(":"):
        return f"{told[0]} {' · '.join(told[1:])}" if len(told) > 1 else ""
    return " · ".join(told)


def course_words(course: Course) -> str:
    """The newest figure and the last change of level: `142 MB   −12% at run 41`."""
    trend = course.trend
    newest = amount(trend.values[-1], trend.unit)
    if not course.points:
        return newest
    point = course.points[-1]
    share = f"{100 * (point.after / point.before - 1):+.0f}%".replace("-", "−") if point.before else "changed"
    return f"{newest}   {share} at run {trend.runs[point.place]}"


def course_look(course: Course) -> str:
    """Green and red for the last change of level, where one direction is better."""
    if not course.points or not course.trend.better:
        return "plain"
    point = course.points[-1]
    return "good" if (point.after > point.before) == (course.trend.better > 0) else "act"


def marks(course: Course, columns: int) -> dict[int, str]:
    """A sign where the level changes, by how many columns it is from the newest one."""
    count = len(course.trend.values)
    return {columns - 1 - _column(point.place, count, columns): "▲" for point in course.points} if columns else {}


def spread_out(values: Sequence[float], columns: int) -> list[float]:
    """As many figures as columns: each value stands for several, or the last of several for one."""
    count = len(values)
    return [values[min(count - 1, at * count // columns)] for at in range(columns)] if count and columns else []


def _column(place: int, count: int, columns: int) -> int:
    return min(columns - 1, -(-place * columns // count))
