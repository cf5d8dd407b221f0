"""What line_profiler counted in all processes: lines with hits and seconds, and a tree of functions and lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

import msgspec

from workbench.errors import ProfileError
from workbench.measure.flame.building import TreeBuilder
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import LineFigures

MOST_LINES = 200_000
_MOST_BYTES = 64 << 20
"""Of one process's: more than its lines need with the longest of usual names."""

_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 60)]
Counted = tuple[str, _Count, str, _Count, _Count, _Count]
"""File, the function's first line, its name, the line, hits, time in units."""


_State = Literal["not imported", "no such function", "found"]
_STATES: tuple[_State, ...] = get_args(_State)
"""The last that any process says is what holds."""


_Seconds = Annotated[float, msgspec.Meta(ge=0, lt=1e9)]


class _Read(msgspec.Struct):
    """As `profilers/agents/lines/sitecustomize.py` writes it."""

    pid: int
    unit: Annotated[float, msgspec.Meta(gt=0, le=1)]
    functions: dict[str, _State]
    lines: list[Counted]
    cost: tuple[_Seconds, _Seconds, _Seconds] = (0.0, 0.0, 0.0)
    """Seconds that a counted line takes longer, that another takes longer, and of CPU time; zero is not told."""


@dataclass(frozen=True, slots=True)
class LineCost:
    """What counting lines cost, as far as it is counted."""

    counted_percent: float
    """CPU time on top of the program's own, for the lines that were counted: the least that it can be."""
    counted_line_seconds: float
    """How much longer one of them took."""
    other_line_seconds: float
    """How much longer any other line of the program took: how many there were nobody counts."""


@dataclass(frozen=True, slots=True)
class LineTimes:
    """All processes together."""

    lines: tuple[LineFigures, ...]
    """By file and line."""
    tree: FrameTree
    """Functions, and below each its lines; seconds."""
    processes: int
    missing: tuple[tuple[str, str], ...] = ()
    """Functions that no process found, and why."""
    cost: LineCost | None = None
    """`None` where no process told it."""


def from_lines(documents: Sequence[bytes]) -> LineTimes:
    """Put together what every process counted, one after the other.

    Raises:
        ProfileError: when one is not as the agent writes it, or there are too many lines.
    """
    states: dict[str, _State] = {}
    costs: list[tuple[int, float, float, float]] = []

    def rows() -> Iterator[tuple[Counted, float]]:
        for document in documents:
            one = _decoded(document)
            for name, state in one.functions.items():
                states[name] = max(states.get(name, _STATES[0]), state, key=_STATES.index)
            if one.cost[0] and one.cost[2]:
                costs.append((sum(row[4] for row in one.lines), *one.cost))
            for row in one.lines:
                yield row, one.unit

    found = line_times(rows(), len(documents))
    missing = tuple((name, state) for name, state in states.items() if state != "found")
    return replace(found, missing=missing, cost=_cost(costs))


def _decoded(document: bytes) -> _Read:
    # A row is a list of its own, so that it is known how many there are before there is a tuple for each
    if document.count(b"[") > 2 * MOST_LINES or len(document) > _MOST_BYTES:
        raise _too_many()
    try:
        return msgspec.json.decode(document, type=_Read)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"not what line_profiler's agent writes: {error}", "record it again") from None


def _too_many() -> ProfileError:
    return ProfileError(f"more than {MOST_LINES:,} lines", "profile fewer functions")


def _cost(told: Sequence[tuple[int, float, float, float]]) -> LineCost | None:
    """From counted lines times what one cost more, timed by each process itself: 100 s / (CPU time - s).

    Args:
        told: Of each process the lines that were counted, then what it told, in seconds.
    """
    hits = sum(count for count, *_ in told)
    spent = sum(count * seconds for count, seconds, _, _ in told)
    used = sum(cpu for *_, cpu in told)
    if not hits or spent >= used:
        return None
    others = sum(count * seconds for count, _, seconds, _ in told)
    return LineCost(100 * spent / (used - spent), spent / hits, others / hits)


def line_times(rows: Iterable[tuple[Counted, float]], processes: int = 1) -> LineTimes:
    """Add up lines.

    Args:
        rows: Each with its unit of time in seconds.
        processes: How many were profiled.

    Raises:
        ProfileError: when there are too many.
    """
    added: dict[tuple[str, int, str, int], tuple[int, float]] = {}
    for (file, first, name, line, hits, time), unit in rows:
        known = added.get((file, first, name, line), (0, 0.0))
        added[file, first, name, line] = (known[0] + hits, known[1] + time * unit)
        if len(added) > MOST_LINES:
            raise _too_many()
    builder = TreeBuilder()
    lines = []
    for (file, first, name, line), (hits, seconds) in sorted(added.items()):
        lines.append(LineFigures(Place(name, file, line), hits, seconds))
        function = builder.intern(Place(name, file, first))
        builder.stack([function, builder.intern(Place(f"{name}:{line}", file, line))], seconds)
    return LineTimes(tuple(lines), builder.finish(), processes)
