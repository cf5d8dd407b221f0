"""cProfile results of several processes become one. Nothing in them is run: they are read as data."""

import marshal
from collections.abc import Iterable

from workbench.errors import ProfileError
from workbench.measure.flame.marshal_data import Data, loads

_HOW = "record it again"


def merged_pstats(results: Iterable[bytes]) -> bytes:
    """Figures of all of them added up, in cProfile's own format.

    Raises:
        ProfileError: when one is no such result.
    """
    figures: dict[Data, tuple[Data, ...]] = {}
    for content in results:
        table = loads(content)
        if not isinstance(table, dict):
            raise ProfileError("not a cProfile result: no table of functions", _HOW)
        for key, value in table.items():
            if not isinstance(value, tuple) or len(value) != 5:
                raise ProfileError("not a cProfile result: no figures of a function", _HOW)
            figures[key] = _added(figures.get(key), value)
    return marshal.dumps(figures)


def _added(before: tuple[Data, ...] | None, value: tuple[Data, ...]) -> tuple[Data, ...]:
    callers = value[4]
    if not isinstance(callers, dict):
        raise ProfileError("not a cProfile result: no callers of a function", _HOW)
    if before is None:
        return (*value[:4], dict(callers))
    pairs = before[4] if isinstance(before[4], dict) else {}
    for caller, more in callers.items():
        pairs[caller] = _sum(pairs[caller], more) if caller in pairs else more
    return (*_sum(before[:4], value[:4]), pairs)


def _sum(first: Data, second: Data) -> tuple[Data, ...]:
    if not (isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second)):
        raise ProfileError("not a cProfile result: no figures of a pair", _HOW)
    total: list[Data] = []
    for one, other in zip(first, second, strict=True):
        if not (isinstance(one, int | float) and isinstance(other, int | float)):
            raise ProfileError("not a cProfile result: a figure is no number", _HOW)
        total.append(one + other)
    return tuple(total)
