"""What line_profiler counted in all processes: lines with hits and seconds, and a tree of functions and lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

import msgspec

from workbench.errors import ProfileError
from workbench.measure.flame.building import TreeBuilder
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import LineFigures

MOST_LINES = 200_000

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
    """Put together what every process counted.

    Raises:
        ProfileError: when one is not as the agent writes it.
    """
    try:
        each = [msgspec.json.decode(document, type=_Read) for document in documents]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"not what line_profiler's agent writes: {error}", "record it again") from None
    names = dict.fromkeys(name for one in each for name in one.functions)
    states = {name: max((one.functions.get(name, _STATES[0]) for one in each), key=_STATES.index) for name in names}
    return line_times(
        ((row, one.unit) for one in each for row in one.lines),
        len(each),
        tuple((name, state) for name, state in states.items() if state != "found"),
        _cost(each),
    )


def _cost(each: Sequence[_Read]) -> LineCost | None:
    """From counted lines times what one cost more, timed by each process itself: 100 s / (CPU time - s)."""
    told = [(sum(row[4] for row in one.lines), *one.cost) for one in each if one.cost[0] and one.cost[2]]
    hits = sum(count for count, *_ in told)
    spent = sum(count * seconds for count, seconds, _, _ in told)
    used = sum(cpu for *_, cpu in told)
    if not hits or spent >= used:
        return None
    others = sum(count * seconds for count, _, seconds, _ in told)
    return LineCost(100 * spent / (used - spent), spent / hits, others / hits)


def line_times(
    rows: Iterable[tuple[Counted, float]],
    processes: int = 1,
    missing: tuple[tuple[str, str], ...] = (),
    cost: LineCost | None = None,
) -> LineTimes:
    """Add up lines.

    Args:
        rows: Each with its unit of time in seconds.
        processes: How many were profiled.
        missing: Functions that none had.
        cost: What counting them cost.

    Raises:
        ProfileError: when there are too many.
    """
    added: dict[tuple[str, int, str, int], tuple[int, float]] = {}
    for (file, first, name, line, hits, time), unit in rows:
        known = added.get((file, first, name, line), (0, 0.0))
        added[file, first, name, line] = (known[0] + hits, known[1] + time * unit)
        if len(added) > MOST_LINES:
            raise ProfileError(f"more than {MOST_LINES:,} lines", "profile fewer functions")
    builder = TreeBuilder()
    lines = []
    for (file, first, name, line), (hits, seconds) in sorted(added.items()):
        lines.append(LineFigures(Place(name, file, line), hits, seconds))
        function = builder.intern(Place(name, file, first))
        builder.stack([function, builder.intern(Place(f"{name}:{line}", file, line))], seconds)
    return LineTimes(tuple(lines), builder.finish(), processes, missing, cost)
