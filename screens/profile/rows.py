"""Functions, callers and callees, and lines of source as table rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from screens.profile.words import share, where, whose
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.flame.functions import LineFigures, Neighbour
from workbench.measure.flame.origin import origin
from workbench.measure.flame.words import amount, error, seconds
from workbench.measure.units import NOT_MEASURED, bar
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures
from workbench.model.profile import LineFigures as ProfiledLine

MOST_ROWS = 2_000
"""Functions shown at once: nobody reads on, and the filter looks through all."""
MOST_LINES = 20_000
SORTS = ("own", "total", "calls", "each", "function")
DESCENDING = frozenset(SORTS) - {"function"}
SOURCE_COLUMNS = (
    Column("line", "line", 5, "right"),
    Column("heat", "", 4),
    Column("total", "total", 6, "right"),
    Column("own", "self", 6, "right", 1),
    Column("text", "source", 20, grow=1),
)
LINE_COLUMNS = (
    Column("line", "line", 5, "right"),
    Column("hits", "hits", 8, "right"),
    Column("total", "time", 8, "right"),
    Column("each", "per hit", 8, "right", 1),
    Column("heat", "", 4, importance=2),
    Column("share", "share", 6, "right"),
    Column("text", "source", 20, grow=1),
)
_LOOKS = {"own": "plain", "library": "dim", "native": "dim"}


def function_columns(unit: str, *, sampled: bool, called: bool = True) -> tuple[Column, ...]:
    """What the functions' table has for figures of this unit."""
    counted = "allocs" if unit in ("bytes", "allocations") else "calls"
    worded = unit in ("seconds", "bytes")
    wide = 10 if worded else 11
    error = (Column("error", "±", 7, "right", 3),) if sampled else ()
    return (
        Column("function", "function", 18, grow=3, most=60),
        Column("own", "self", 6, "right"),
        Column("total", "total", 6, "right"),
        *error,
        Column("own_amount", "self" if worded else unit, wide, "right", 3),
        *((Column("amount", "total", wide, "right", 4),) if worded else ()),
        *(
            (
                Column("calls", counted, 8, "right", 2),
                Column("each", "each" if counted == "allocs" else "per call", 9, "right", 5),
            )
            if called
            else ()
        ),
        Column("where", "where", 16, grow=2, most=50, importance=1),
        Column("whose", "whose", 9, importance=6, grow=1, most=22),
    )


def neighbour_columns(unit: str) -> tuple[Column, ...]:
    """What the tables of callers and callees have for figures of this unit."""
    return (
        Column("function", "function", 18, grow=3, most=60),
        Column("total", "total", 6, "right"),
        Column("amount", {"seconds": "time", "bytes": "memory"}.get(unit, unit), 11, "right", 2),
        Column("calls", "allocs" if unit in ("bytes", "allocations") else "calls", 8, "right", 1),
        Column("where", "where", 14, grow=2, most=40, importance=3),
    )


def ordered(
    functions: Sequence[FunctionFigures], sort: str, *, descending: bool, words: str = "", unit: str = ""
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
            "each": _per_call(each, unit) or 0.0,
            "function": each.place.name.lower(),
        }
        return (figures[sort],)

    return sorted(found, key=key, reverse=descending)


def function_rows(
    found: Iterable[tuple[int, FunctionFigures]],
    columns: Iterable[Column],
    unit: str,
    whole: float,
    samples: int | None,
) -> list[Row]:
    """A row for each function, keyed by its place among all, with a cell for each column."""
    keys = [column.key for column in columns]
    rows = []
    for place, each in found:
        cells = {
            "function": Cell(each.place.name, _LOOKS[origin(each.place)]),
            "own": Cell(share(each.own, whole), "strong"),
            "total": Cell(share(each.total, whole)),
            "error": Cell(error(each.total, whole, samples), "dim"),
            "own_amount": Cell(_amount(each.own, unit), "dim"),
            "amount": Cell(_amount(each.total, unit), "dim"),
            "calls": Cell(NOT_MEASURED if each.calls is None else f"{each.calls:,}"),
            "each": Cell(_each(each, unit), "dim"),
            "where": Cell(where(each.place), "dim"),
            "whose": Cell(whose(each.place), "dim"),
        }
        rows.append(Row(str(place), tuple(cells[key] for key in keys)))
    return rows


def _amount(value: float, unit: str) -> str:
    """With its unit, or a number alone where the heading names what is counted."""
    return amount(value, unit) if unit in ("seconds", "bytes") else f"{value:,.0f}"


def _per_call(each: FunctionFigures, unit: str) -> float | None:
    # A call is of everything below it, an allocation of nothing else.
    return (each.own if unit == "bytes" else each.total) / each.calls if each.calls else None


def _each(each: FunctionFigures, unit: str) -> str:
    per_call = _per_call(each, unit)
    return NOT_MEASURED if per_call is None else amount(per_call, unit)


def neighbour_rows(found: Iterable[Neighbour], unit: str, whole: float) -> list[Row]:
    """A row for each caller or callee, keyed by its number."""
    return [
        Row(
            str(number),
            (
                Cell(each.place.name, _LOOKS[origin(each.place)]),
                Cell(share(each.total, whole), "strong"),
                Cell(amount(each.total, unit), "dim"),
                Cell(NOT_MEASURED if each.calls is None else f"{each.calls:,}"),
                Cell(where(each.place), "dim"),
            ),
        )
        for number, each in enumerate(found)
    ]


def source_rows(text: Mapping[int, str], heat: Mapping[int, LineFigures], whole: float) -> list[Row]:
    """A row for each line; the bar is on the scale of the whole profile."""
    nothing = LineFigures()
    rows = []
    for number, line in text.items():
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


def line_rows(text: Mapping[int, str], lines: Mapping[int, ProfiledLine], whole: float) -> list[Row]:
    """A row for each line, with what was counted on it; the bar is on the scale of the profiled functions."""
    rows = []
    for number, line in text.items():
        figures = lines.get(number)
        cells = ["", "", "", "", ""]
        if figures is not None:
            each = seconds(figures.seconds / figures.hits) if figures.hits else ""
            heat = bar(figures.seconds / whole, 4) if whole else ""
            cells = [f"{figures.hits:,}", seconds(figures.seconds), each, heat, share(figures.seconds, whole)]
        looks = ("plain", "plain", "dim", "accent", "strong")
        rows.append(
            Row(
                str(number),
                (
                    Cell(str(number), "dim"),
                    *(Cell(cell, look) for cell, look in zip(cells, looks, strict=True)),
                    Cell(line.expandtabs(4), "plain" if figures is not None and figures.hits else "dim"),
                ),
            )
        )
    return rows
