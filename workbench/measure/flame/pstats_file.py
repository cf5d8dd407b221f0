"""cProfile's results: marshalled figures of every function and of every pair of caller and callee.

Format: CPython, Lib/cProfile.py, `snapshot_stats`: `(file, line, name): (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})`,
where nc counts all calls, cc those that are not recursive, tt is a function's own time and ct its whole time.
"""

import marshal
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import ProfileError
from workbench.measure.flame.marshal_data import Data, loads
from workbench.model.profile import CallEdge, FunctionFigures, Place

_HOW = "python -m cProfile -o FILE writes one"
_LONGEST = 1e12
"""Seconds; more is no run of anything."""
_BUILT_IN = "~"
"""The file of what is written in C."""


@dataclass(frozen=True, slots=True)
class PstatsFile:
    """What a file says, exactly."""

    functions: tuple[FunctionFigures, ...]
    edges: tuple[CallEdge, ...]


def from_pstats(data: bytes) -> PstatsFile:
    """Read a file's functions and pairs. Nothing in it is run.

    Raises:
        ProfileError: when it is none.
    """
    try:
        table = loads(data)
        if not isinstance(table, dict):
            raise ProfileError("not a cProfile result: no table of functions", _HOW)
        return _figures(table)
    except (TypeError, ValueError, IndexError, OverflowError, UnicodeDecodeError):
        raise ProfileError("not a cProfile result: a figure is missing where one should be", _HOW) from None


def _figures(table: dict[Data, Data]) -> PstatsFile:
    numbers: dict[Data, int] = {}
    functions: list[FunctionFigures] = []
    callers: list[tuple[int, Data, Data]] = []
    for key, value in table.items():
        if not isinstance(value, tuple):
            raise TypeError("a function")
        _, calls, own, total, pairs = value
        if not isinstance(pairs, dict):
            raise TypeError("callers")
        numbers[key] = len(functions)
        callers += [(len(functions), caller, figures) for caller, figures in pairs.items()]
        functions.append(FunctionFigures(_place(key), _seconds(own), _seconds(total), _count(calls)))
    for _, caller, _ in callers:
        if caller not in numbers:
            numbers[caller] = len(functions)
            functions.append(FunctionFigures(_place(caller), 0.0, 0.0))
    edges = [_edge(numbers[caller], callee, figures, functions[callee]) for callee, caller, figures in callers]
    return PstatsFile(tuple(functions), tuple(edges))


def _place(key: Data) -> Place:
    if not isinstance(key, tuple):
        raise TypeError("a function")
    file, line, name = key
    if not (isinstance(file, str) and isinstance(line, int) and isinstance(name, str)):
        raise TypeError("a function")
    return Place(name, "" if file == _BUILT_IN else file, line if 0 <= line < 10**9 else 0)


def _edge(caller: int, callee: int, figures: Data, function: FunctionFigures) -> CallEdge:
    if isinstance(figures, tuple):
        calls, _, own, total = figures
        return CallEdge(caller, callee, _count(calls), _seconds(own), _seconds(total))
    # The profiler written in Python counts a pair's calls alone: its time is taken in proportion.
    calls = _count(figures)
    share = calls / function.calls if function.calls else 0.0
    return CallEdge(caller, callee, calls, function.own * share, function.total * share)


def _seconds(figure: Data) -> float:
    if not isinstance(figure, int | float) or not -_LONGEST < figure < _LONGEST:
        raise TypeError("a time")
    # The clock may have gone back by a hair.
    return max(0.0, float(figure))


def _count(figure: Data) -> int:
    if not isinstance(figure, int) or figure < 0:
        raise TypeError("a count")
    return figure


def to_pstats(functions: Sequence[FunctionFigures], edges: Sequence[CallEdge]) -> bytes:
    """Write exact figures as cProfile does. Recursive calls are not told apart: all count as outermost ones."""
    keys = [(one.place.file or _BUILT_IN, one.place.line, one.place.name) for one in functions]
    callers: list[dict[tuple[str, int, str], tuple[int, int, float, float]]] = [{} for _ in functions]
    for edge in edges:
        calls = edge.calls or 0
        callers[edge.callee][keys[edge.caller]] = (calls, calls, edge.own, edge.total)
    table = {
        key: (one.calls or 0, one.calls or 0, one.own, one.total, called)
        for key, one, called in zip(keys, functions, callers, strict=True)
    }
    return marshal.dumps(table)
