"""Functions of two profiles as table rows. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from screens.profile.words import where
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.flame.diff import FunctionDiff, ProfileDiff
from workbench.measure.flame.diff_words import calls, chance, change, figure, least, verdict
from workbench.model.frame_tree import Place

SORTS = ("worth", "change", "before", "after", "function")
_LOOKS = {
    "more calls": "act", "gained": "act", "new": "act", "fewer calls": "good", "lost": "good", "gone": "good",
}  # fmt: skip


def columns(diff: ProfileDiff) -> tuple[Column, ...]:
    """What there is to tell: calls where they were counted, statistics where there are samples."""
    sampled = bool(diff.before.samples and diff.after.samples)
    counted = any(each.calls_change is not None for each in diff.functions)
    wide = 10 if diff.by_amount else 7
    return (
        Column("function", "function", 16, grow=3, most=60),
        Column("change", "change", wide, "right"),
        Column("before", "before", wide, "right"),
        Column("after", "after", wide, "right"),
        *((Column("calls", "calls" if not diff.by_amount else "allocs", 18, "right", 1),) if counted else ()),
        Column("worth", "verdict", 11),
        *((Column("chance", "q", 7, "right", 2), Column("least", "seen from", 9, "right", 3)) if sampled else ()),
        Column("where", "where", 14, grow=2, most=50, importance=4),
    )


def ordered(
    functions: Sequence[FunctionDiff], sort: str, *, descending: bool, words: str = ""
) -> list[tuple[int, FunctionDiff]]:
    """Functions with their places among all, filtered and sorted; those of most worth first to begin with."""
    return in_order(
        functions, sort, lambda each: (each.total_before, each.total_after), descending=descending, words=words
    )


class Placed(Protocol):
    """Something told of a function."""

    @property
    def place(self) -> Place:
        """The function's."""
        ...


P = TypeVar("P", bound=Placed)


def in_order(
    functions: Sequence[P], sort: str, sides: Callable[[P], tuple[float, float]], *, descending: bool, words: str
) -> list[tuple[int, P]]:
    """What is told of functions with its place among all, filtered and sorted.

    Args:
        functions: Those of most worth first.
        sort: One of `SORTS`.
        sides: The figures before and after.
        descending: The largest first.
        words: What their name or file must contain.
    """
    wanted = words.lower().split()
    found = [
        (place, each)
        for place, each in enumerate(functions)
        if all(word in f"{each.place.name}\n{each.place.file}".lower() for word in wanted)
    ]

    def key(pair: tuple[int, P]) -> float | str:
        place, each = pair
        before, after = sides(each)
        figures: dict[str, float | str] = {
            "worth": -place,
            "change": abs(after - before),
            "before": before,
            "after": after,
            "function": each.place.name.lower(),
        }
        return figures[sort]

    return sorted(found, key=key, reverse=descending)


def rows(found: Iterable[tuple[int, FunctionDiff]], diff: ProfileDiff) -> list[Row]:
    """A row for each function, keyed by its place among all."""
    by_amount = diff.by_amount
    keys = [column.key for column in columns(diff)]
    made = []
    for place, each in found:
        word = verdict(each)
        cells = {
            "function": Cell(each.place.name),
            "change": Cell(change(each.change, by_amount=by_amount), _LOOKS.get(word, "plain")),
            "before": Cell(figure(each.total_before, by_amount=by_amount)),
            "after": Cell(figure(each.total_after, by_amount=by_amount)),
            "calls": Cell(calls(each), "strong" if each.calls_change else "dim"),
            "worth": Cell(word, _LOOKS.get(word, "dim")),
            "chance": Cell(chance(each.q), "dim"),
            "least": Cell(least(each), "dim"),
            "where": Cell(where(each.place), "dim"),
        }
        made.append(Row(str(place), tuple(cells[key] for key in keys)))
    return made
