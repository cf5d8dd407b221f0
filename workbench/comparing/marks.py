"""The marks A and B on the axis of time: the time up to A is before, the time from B on is after.

What lies between the two is the change itself, a deployment or a restart, and belongs to neither side.
"""

import math
import time
from dataclasses import dataclass, replace
from statistics import median

from workbench.errors import WorkbenchError
from workbench.history import History
from workbench.measure.compare.windows import FIGURES, HOST, PARTS, Window, compare_windows
from workbench.measure.series import Series
from workbench.measure.units import duration
from workbench.model.comparison import Comparison
from workbench.model.containers import Container
from workbench.model.events import EngineEvent

LENGTHS = (30.0, 60.0, 120.0, 300.0, 900.0)
"""Seconds that a side may be long."""
USUAL_SECONDS = 60.0
_GPU = frozenset({"gpu_percent", "gpu_memory_bytes"})


@dataclass(frozen=True, slots=True)
class Spans:
    """Which seconds stand for before and for after, Unix time."""

    before: tuple[float, float]
    after: tuple[float, float]
    growing: bool
    """Whether after is not as long yet as it will be."""


def spans(history: History, seconds: float = USUAL_SECONDS) -> Spans:
    """The two spans that the marks stand for.

    After is shorter while that much has not passed since B. Where nothing more will come, in a recording, or where B
    is in front of A, what lies on the other side of the mark is taken instead.

    Args:
        history: With both marks.
        seconds: How long a side is at most.

    Raises:
        WorkbenchError: when a mark is missing, or nothing was measured.
    """
    marks = history.marks()
    for label, key, side in (("A", "A", "before"), ("B", "B", "after")):
        if label not in marks:
            raise WorkbenchError(f"there is no mark {label}", f"{key} on a container marks {side}")
    span = history.span()
    if span is None:
        raise WorkbenchError("nothing is kept yet")
    first, last = span
    a, b = marks["A"].at, marks["B"].at
    if a > b:  # before lies behind after: both still look away from what is between them
        return Spans((a, min(last, a + seconds)), (max(first, b - seconds), b), growing=False)
    before = max(first, a - seconds), a
    until = min(last, b + seconds)
    since = b
    if history.ended and until - since < seconds:
        since = max(a, until - seconds)
    return Spans(before, (since, until), growing=not history.ended and until < b + seconds)


def compare_marks(history: History, seconds: float = USUAL_SECONDS) -> Comparison:
    """What changed from before A to after B.

    Raises:
        WorkbenchError: when a mark is missing or names no container, or nothing was measured.
    """
    chosen = spans(history, seconds)
    marks = history.marks()
    a, b = marks["A"], marks["B"]
    if not a.container_id or not b.container_id:
        raise WorkbenchError("a mark names no container", "set both on the row of a container, or in one")
    before = window(history, a, chosen.before, _words(chosen.before, a))
    after = window(history, b, chosen.after, _words(chosen.after, b))
    began, ended = sorted((chosen.before[1], chosen.after[0]))
    between = history.events(began, ended, b.container_id)
    compared = compare_windows(before, after, between)
    if a.container_id != b.container_id:
        words = "recreated" if a.name == b.name else "two containers"
        compared = replace(compared, notes=(words, *compared.notes))
    if chosen.growing:
        left = b.at + seconds - chosen.after[1]
        compared = replace(compared, notes=(f"after is still being measured: {duration(left)} to go", *compared.notes))
    return compared


def window(history: History, about: EngineEvent, span: tuple[float, float], words: str) -> Window:
    """What is kept of a container over a span of time.

    Args:
        history: Where it is kept.
        about: Names the container.
        span: Unix time in seconds.
        words: Which span it is.
    """
    # A reading stands for the second before it: one at the very beginning belongs to what was before.
    since, until = math.nextafter(span[0], math.inf), span[1]
    names = dict.fromkeys((*(figure.series for figure in FIGURES), *PARTS))
    found: dict[str, Series] = {}
    for name in names:
        if name in _GPU:
            found[name] = history.container_gpu_series(about.container_id, name, since, until)
        else:
            found[name] = history.series(about.container_id, name, since, until)
    host = {name: _readings(history.host_series(name, since, until)) for name in HOST}
    longest = max(found.values(), key=len)
    steps = [later - earlier for earlier, later in zip(longest.times, longest.times[1:], strict=False)]
    readings = {name: _readings(series) for name, series in found.items()}
    return Window(
        about.name,
        since,
        until,
        words,
        _container(history, about.container_id, until),
        {name: values for name, values in readings.items() if values},
        {name: values for name, values in host.items() if values},
        history.events(since, until, about.container_id),
        median(steps) if steps else 1.0,
        about.container_id,
    )


def _readings(series: Series) -> tuple[float, ...]:
    return tuple(float(value) for value in series.values if not math.isnan(value))


def _container(history: History, container_id: str, at: float) -> Container | None:
    fleet = history.fleet_at(at)
    containers = fleet.containers if fleet else ()
    return next((container for container in containers if container.id == container_id), None)


def _words(span: tuple[float, float], mark: EngineEvent) -> str:
    since, until = span
    at = time.strftime("%H:%M:%S", time.localtime(mark.at))
    where = "up to" if until <= mark.at else "from" if since >= mark.at else "around"
    return f"{duration(until - since)} {where} {mark.detail} {at}"
