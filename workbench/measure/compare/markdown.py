"""A comparison as a table in Markdown. Everything foreign stands in code spans that it cannot leave."""

from collections.abc import Iterator

from workbench.measure.compare.words import change, interval, told
from workbench.measure.text import printable, shorten
from workbench.model.comparison import Comparison

_HARMLESS = {ord("`"): "\N{MODIFIER LETTER GRAVE ACCENT}", ord("|"): "\N{DIVIDES}"}
_LONGEST = 120


def markdown_lines(comparison: Comparison) -> Iterator[str]:
    """The lines of a comment for a pull request."""
    before, after = comparison.before, comparison.after
    yield f"### {_code(before.name)} → {_code(after.name)}"
    yield ""
    if before.detail or after.detail:
        yield f"Before: {_code(before.detail)}. After: {_code(after.detail)}."
        yield ""
    yield "| | before | after | change | 95% interval | verdict | cause |"
    yield "|---|---:|---:|---:|---:|---|---|"
    for row in comparison.rows:
        figures = (told(row.before, row.unit), told(row.after, row.unit), change(row), interval(row))
        # Why a figure is missing may be in a builder's or a container's words
        words = _code(row.words) if row.change is None else _strong(row.verdict, row.words)
        yield f"| {row.title} | {' | '.join(figures)} | {words} | {_code(row.cause)} |"
    yield ""
    for flag in comparison.flags:
        yield f"- {'**Doubt**' if flag.serious else 'Doubt'}: {_code(flag.words)}"
    for note in comparison.notes:
        yield f"- {_code(note)}"
    if comparison.flags or comparison.notes:
        yield ""
    yield comparison.method


def _strong(verdict: str, words: str) -> str:
    return f"**{words}**" if verdict in ("better", "worse", "changed") else words


def _code(text: str) -> str:
    return f"`{shorten(printable(text), _LONGEST).translate(_HARMLESS)}`" if text else ""
