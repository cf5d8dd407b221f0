"""What the attached cProfile writes, as cProfile's own format: a file that `pstats` reads.

Its rows are `_lsprof`'s entries: `(place, (calls, recursive, own, total), ((place, figures), …))`, the last of what it
calls; a place is `(file, line, name)`, or the name alone of what is written in C. What was of the payload is left out.
"""

import marshal

from workbench.errors import ProfileError
from workbench.measure.flame.marshal_data import Data, loads

_PROFILER = "_lsprof.Profiler"
_INJECTED = ("<string>", 1, "<module>")
"""By which the main thread is made to call the payload."""
_Key = tuple[str, int, str]
_Figures = tuple[int, int, float, float]
"""Calls, those that are not recursive, own and total seconds."""


def as_pstats(rows: bytes, ours: str) -> bytes:
    """The same in cProfile's format; functions of one place and name are added up.

    Args:
        rows: As the payload wrote them. Hostile.
        ours: The file that the payload's functions are of.

    Raises:
        ProfileError: when they are not what it writes.
    """
    try:
        return marshal.dumps(_table(loads(rows), ours))
    except (TypeError, ValueError, IndexError, KeyError):
        raise ProfileError("the attached profiler's figures cannot be read", "record it again") from None


def calls_in(rows: bytes) -> int:
    """How many calls there are in all.

    Raises:
        ProfileError: when they are not what the payload writes.
    """
    try:
        return sum(_figures(figures)[0] for _, figures, _ in _rows(loads(rows)))
    except (TypeError, ValueError, IndexError):
        raise ProfileError("the attached profiler's figures cannot be read", "record it again") from None


def _table(data: Data, ours: str) -> dict[_Key, tuple[int, int, float, float, dict[_Key, _Figures]]]:
    functions: dict[_Key, _Figures] = {}
    pairs: dict[_Key, dict[_Key, _Figures]] = {}
    rows = [(_key(place), _figures(figures), callees) for place, figures, callees in _rows(data)]
    for key, figures, _ in rows:
        functions[key] = _plus(functions.get(key), figures)
    for caller, _, callees in rows:
        for place, of_pair in callees:
            key, more = _key(place), _figures(of_pair)
            if caller[0] == ours or (caller == _INJECTED and key[0] == ours):
                ours_is = caller if key[0] == ours else key
                functions[ours_is] = _minus(functions[ours_is], more)
            else:
                callers = pairs.setdefault(key, {})
                callers[caller] = _plus(callers.get(caller), more)
    return {
        key: (figures[1], figures[0], figures[2], figures[3], dict(pairs.get(key, {})))
        for key, figures in functions.items()
        if key[0] != ours and figures[0] > 0 and _PROFILER not in key[2]
    }


def _rows(data: Data) -> list[tuple[Data, Data, tuple[tuple[Data, Data], ...]]]:
    if not isinstance(data, tuple):
        raise TypeError("rows")
    found = []
    for row in data:
        place, figures, callees = _parts(row, 3)
        found.append((place, figures, tuple(_pair(callee) for callee in _parts(callees))))
    return found


def _pair(value: Data) -> tuple[Data, Data]:
    place, figures = _parts(value, 2)
    return place, figures


def _parts(value: Data, length: int | None = None) -> tuple[Data, ...]:
    if not isinstance(value, tuple) or (length is not None and len(value) != length):
        raise TypeError("a row")
    return value


def _key(place: Data) -> _Key:
    if isinstance(place, str):
        return "~", 0, place
    file, line, name = _parts(place, 3)
    if not (isinstance(file, str) and isinstance(line, int) and isinstance(name, str)):
        raise TypeError("a place")
    return file, line, name


def _figures(value: Data) -> _Figures:
    calls, recursive, own, total = _parts(value, 4)
    if not (isinstance(calls, int) and isinstance(recursive, int)):
        raise TypeError("calls")
    if not (isinstance(own, int | float) and isinstance(total, int | float)):
        raise TypeError("seconds")
    return calls, calls - recursive, own, total


def _plus(before: _Figures | None, more: _Figures) -> _Figures:
    if before is None:
        return more
    return before[0] + more[0], before[1] + more[1], before[2] + more[2], before[3] + more[3]


def _minus(before: _Figures, less: _Figures) -> _Figures:
    own, total = max(0.0, before[2] - less[2]), max(0.0, before[3] - less[3])
    return before[0] - less[0], before[1] - less[1], own, total
