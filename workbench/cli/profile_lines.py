"""Lines that were counted, beside their source, as the headless front writes them."""

from itertools import groupby
from typing import TYPE_CHECKING, Literal

from workbench.cli import output, talk
from workbench.measure.text import encodable
from workbench.measure.units import duration
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.model.profile import LineFigures, Profile
    from workbench.model.reading import Reading

_MOST_LINES = 2_000
"""Of one function."""


def document(profile: "Profile") -> list[dict[str, object]]:
    """Every line as JSON."""
    total = sum(line.seconds for line in profile.lines)
    return [
        {
            "function": encodable(line.place.name),
            "file": encodable(line.place.file),
            "line": line.place.line,
            "hits": line.hits,
            "seconds": line.seconds,
            "percent": _percent(line.seconds, total),
        }
        for line in profile.lines
    ]


def tell(profile: "Profile", source: "Callable[[str], Reading[str]]") -> None:
    """A table of each function, the slowest first, with its source where that can be read.

    Args:
        profile: With lines.
        source: Reads a file that the profile names.
    """
    functions = [
        (place, list(lines))
        for place, lines in groupby(profile.lines, key=lambda line: (line.place.file, line.place.name))
    ]
    functions.sort(key=lambda one: -sum(line.seconds for line in one[1]))
    total = sum(line.seconds for line in profile.lines)
    unread: dict[str, str] = {}
    for (file, name), lines in functions:
        seconds = sum(line.seconds for line in lines)
        output.text(f"{name}  {file}:{lines[0].place.line}  {seconds:.6f} s, {_percent(seconds, total):.1f}% of all")
        read = source(file)
        if not isinstance(read, Fresh):
            unread[file] = read.reason
        _table(lines, seconds, read.value.splitlines() if isinstance(read, Fresh) else ())
        output.text("")
    for file, reason in unread.items():
        talk.say(f"{file} is shown without its source: {reason}")
    talk.say(
        f"{profile.target} · {profile.how} · {duration(profile.duration_seconds or 0.0)}"
        f" · {total:.6f} s in {len(functions)} function{'s' * (len(functions) != 1)}"
    )


def _table(lines: "Sequence[LineFigures]", seconds: float, source: "Sequence[str]") -> None:
    columns: list[tuple[str, Literal["left", "right"]]] = [
        ("line", "right"),
        ("hits", "right"),
        ("time s", "right"),
        ("per hit µs", "right"),
        ("%", "right"),
    ]
    columns += [("source", "left")] if source else []
    counted = {line.place.line: line for line in lines}
    first, last = min(counted), max(counted)
    shown = range(first, min(last, first + _MOST_LINES - 1, len(source)) + 1) if source else sorted(counted)
    rows = []
    for number in shown:
        line = counted.get(number)
        row = [str(number), "", "", "", ""]
        if line is not None:
            each = 1e6 * line.seconds / line.hits if line.hits else 0.0
            row[1:] = [str(line.hits), f"{line.seconds:.6f}", f"{each:.2f}", f"{_percent(line.seconds, seconds):.1f}"]
        rows.append([*row, source[number - 1]] if source else row)
    output.table(columns, rows)


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole > 0 else 0.0
