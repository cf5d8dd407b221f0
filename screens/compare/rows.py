"""A comparison as rows of a table and as text: pure, no widgets."""

from collections.abc import Sequence

from screens.widgets.line import Part
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.compare.words import brief, change, interval, told
from workbench.measure.units import bar
from workbench.model.comparison import ComparedRow, Comparison, Verdict

BAR = 5
INTERVAL = 17
"""Cells of a drawn interval; the middle one is no change."""
COLUMNS = (
    Column("metric", "metric", 14, grow=1, most=22),
    Column("before", "before", 10, "right"),
    Column("before_bar", "", BAR, importance=4),
    Column("after", "after", 10, "right"),
    Column("after_bar", "", BAR, importance=4),
    Column("change", "change", 9, "right"),
    Column("interval", "95% interval", 13, "right", importance=5),
    Column("drawn", "−100%   0   +100%", INTERVAL, importance=2),
    Column("verdict", "verdict and cause", 21, grow=4),
)
LOOKS: dict[Verdict, str] = {
    "better": "good",
    "worse": "act",
    "changed": "strong",
    "same": "dim",
    "inconclusive": "watch",
}
_FIRST: tuple[Verdict, ...] = ("worse", "better", "changed", "inconclusive", "same")


def rows(comparison: Comparison, *, by_verdict: bool = False, words: str = "") -> list[Row]:
    """A row for each figure.

    Args:
        comparison: What was judged.
        by_verdict: The worst first, instead of the order of its kind.
        words: Only rows that contain them.
    """
    wanted = [row for row in comparison.rows if _contains(row, words.lower().split())]
    if by_verdict:
        wanted.sort(key=lambda row: _FIRST.index(row.verdict))
    return [Row(row.metric, cells(row)) for row in wanted]


def _contains(row: ComparedRow, words: Sequence[str]) -> bool:
    text = f"{row.title} {row.metric} {row.words} {row.cause}".lower()
    return all(word in text for word in words)


def cells(row: ComparedRow) -> tuple[Cell, ...]:
    """One row. What did not change is dim, so that what did stands out."""
    quiet = "dim" if row.verdict == "same" else "plain"
    look = LOOKS[row.verdict]
    largest = max(abs(row.before or 0.0), abs(row.after or 0.0))
    bars = [Cell("" if side is None else bar(side / (largest or 1.0), BAR), "dim") for side in _sides(row)]
    figures = [Cell(told(side, row.unit), quiet) for side in _sides(row)]
    words = brief(row)
    verdict = f"{words}   {row.cause}" if row.cause and row.verdict not in ("same", "inconclusive") else words
    return (
        Cell(row.title, quiet),
        figures[0],
        bars[0],
        figures[1],
        bars[1],
        Cell(change(row), look if row.verdict in ("better", "worse", "changed") else quiet),
        Cell(interval(row), quiet),
        Cell(drawn(row), quiet),
        Cell(verdict, look),
    )


def _sides(row: ComparedRow) -> tuple[float | None, float | None]:
    return row.before, row.after


def drawn(row: ComparedRow) -> str:
    """The interval on a fixed scale from −100 to +100 % or points; what lies beyond ends in an arrow."""
    if row.change is None or row.change_unit not in ("%", "points"):
        return ""
    middle = INTERVAL // 2
    line = [" "] * INTERVAL
    line[middle] = "┊"
    low, high = row.interval or (row.change, row.change)
    places = [_place(value) for value in (low, row.change, high)]
    for at in range(places[0], places[2] + 1):
        line[at] = "─"
    line[places[0]] = "◂" if low < -100 else "├"
    line[places[2]] = "▸" if high > 100 else "┤"
    line[places[1]] = "●"
    return "".join(line)


def _place(value: float) -> int:
    middle = INTERVAL // 2
    return middle + round(max(-100.0, min(100.0, value)) / 100 * middle)


def summary(comparison: Comparison) -> list[Part]:
    """How many rows are what, the reasons to doubt counted."""
    parts = []
    for verdict in _FIRST:
        count = sum(row.verdict == verdict for row in comparison.rows)
        if count:
            parts.append(Part(f"{count} {verdict}", LOOKS[verdict]))
    look = {"low": "dim", "some": "watch", "high": "act"}[comparison.noise]
    return [*parts, Part(f"doubt {comparison.noise}", look)]


def doubts(comparison: Comparison) -> list[Part]:
    """Every reason to doubt, the serious ones first, and what else is worth knowing."""
    flags = sorted(comparison.flags, key=lambda flag: not flag.serious)
    told_of = [Part(f"▲ {flag.words}", "act" if flag.serious else "watch") for flag in flags]
    return [*told_of, *(Part(note, "plain") for note in comparison.notes)]
