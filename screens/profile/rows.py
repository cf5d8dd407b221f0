"""Functions, callers and callees, and lines of source as table rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from screens.profile.words import amount, seconds, share, where, whose
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.flame.functions import LineFigures, Neighbour
from workbench.measure.flame.origin import origin
from workbench.measure.units import NOT_MEASURED, bar
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures, Profile

MOST_ROWS = 2_000
"""Functions shown at once: nobody reads on, and the filter looks through all."""
MOST_LINES = 20_000
FUNCTION_COLUMNS = (
    Column("function", "function", 18, grow=3, most=60),
    Column("own", "self", 6, "right"),
    Column("total", "total", 6, "right"),
    Column("amount", "self", 11, "right", 3),
    Column("calls", "calls", 8, "right", 2),
    Column("each", "per call", 9, "right", 4),
    Column("where", "where", 16, grow=2, most=50, importance=1),
    Column("whose", "whose", 9, importance=5, grow=1, most=22),
)
SORTS = ("own", "total", "calls", "each", "function")
DESCENDING = frozenset(SORTS) - {"function"}
NEIGHBOUR_COLUMNS = (
    Column("function", "function", 18, grow=3, most=60),
    Column("total", "total", 6, "right"),
    Column("amount", "time", 11, "right", 2),
    Column("calls", "calls", 8, "right", 1),
    Column("where", "where", 14, grow=2, most=40, importance=3),
)
SOURCE_COLUMNS = (
    Column("line", "line", 5, "right"),
    Column("heat", "", 4),
    Column("total", "total", 6, "right"),
    Column("own", "self", 6, "right", 1),
    Column("text", "source", 20, grow=1),
)
_LOOKS = {"own": "plain", "library": "dim", "native": "dim"}


def ordered(
    functions: Sequence[FunctionFigures], sort: str, *, descending: bool, words: str = ""
) -> list[tuple[int, FunctionFigures]]:
    """Functions with their places among all, filtered and sorted."""
    wanted = words.lower().split()
    found = [
        (place, each)
        for place, each in enumerate(functions)
        if all(word in f"{each.place.name}\n{each.place.file}".lower() for word in wanted)
    ]

    def key(pair: tuple[int, FunctionFigures]) -> tuple[float | str, ...]:
        each = pair[1]
        figures: dict[str, float | str] = {
            "own": each.own,
            "total": each.total,
            "calls": -1 if each.calls is None else each.calls,
            "each": _per_call(each) or 0.0,
            "function": each.place.name.lower(),
        }
        return (figures[sort],)

    return sorted(found, key=key, reverse=descending)


def function_rows(found: Iterable[tuple[int, FunctionFigures]], profile: Profile, whole: float) -> list[Row]:
    """A row for each function, keyed by its place among all."""
    return [
        Row(
            str(place),
            (
                Cell(each.place.name, _LOOKS[origin(each.place)]),
                Cell(share(each.own, whole), "strong"),
                Cell(share(each.total, whole)),
                Cell(amount(each.own, profile.unit), "dim"),
                Cell(NOT_MEASURED if each.calls is None else f"{each.calls:,}"),
                Cell(_each(each, profile), "dim"),
                Cell(where(each.place), "dim"),
                Cell(whose(each.place), "dim"),
            ),
        )
        for place, each in found
    ]


def _per_call(each: FunctionFigures) -> float | None:
    return each.total / each.calls if each.calls else None


def _each(each: FunctionFigures, profile: Profile) -> str:
    per_call = _per_call(each)
    if per_call is None:
        return NOT_MEASURED
    return seconds(per_call) if profile.unit == "seconds" else amount(per_call, profile.unit)


def neighbour_rows(found: Iterable[Neighbour], profile: Profile, whole: float) -> list[Row]:
    """A row for each caller or callee, keyed by its number."""
    return [
        Row(
            str(number),
            (
                Cell(each.place.name, _LOOKS[origin(each.place)]),
                Cell(share(each.total, whole), "strong"),
                Cell(amount(each.total, profile.unit), "dim"),
                Cell(NOT_MEASURED if each.calls is None else f"{each.calls:,}"),
                Cell(where(each.place), "dim"),
            ),
        )
        for number, each in enumerate(found)
    ]


def source_rows(text: str, heat: Mapping[int, LineFigures], whole: float) -> list[Row]:
    """A row for each line; the bar is on the scale of the whole profile."""
    nothing = LineFigures()
    rows = []
    for number, line in enumerate(text.splitlines()[:MOST_LINES], start=1):
        figures = heat.get(number, nothing)
        hot = figures.total > 0
        rows.append(
            Row(
                str(number),
                (
                    Cell(str(number), "dim"),
                    Cell(bar(figures.total / whole, 4) if hot and whole else "", "accent"),
                    Cell(share(figures.total, whole) if hot else "", "strong"),
                    Cell(share(figures.own, whole) if figures.own > 0 else ""),
                    Cell(line.expandtabs(4), "plain" if hot else "dim"),
                ),
            )
        )
    return rows


def hottest_line(place: Place, heat: Mapping[int, LineFigures]) -> int:
    """The line to look at first: the function's own, or the file's hottest."""
    if place.line:
        return place.line
    return max(heat, key=lambda line: heat[line].own, default=1)
