"""The only module that writes to stdout: data, never narration."""

import shutil
import sys
from collections.abc import Sequence
from typing import Any, Literal

from workbench.measure.text import printable


def text(line: str) -> None:
    """Write one line, made fit for a terminal."""
    sys.stdout.write(printable(line) + "\n")


def markup(line: str) -> None:
    """Write one line of a page in HTML, for a file: whoever made it has escaped what is foreign, line ends stay."""
    sys.stdout.write(line.encode("utf-8", "replace").decode() + "\n")


def json(document: object) -> None:
    """Write one JSON document: dataclasses, mappings and sequences of plain values, indented."""
    import msgspec  # 26 ms, only when JSON is asked for

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def json_line(document: object) -> None:
    """Write one JSON document as one line."""
    import msgspec

    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")


def flush() -> None:
    """Hand on what was written, now: whoever reads it may be waiting, or gone."""
    sys.stdout.flush()


def size() -> tuple[int, int] | None:
    """Columns and lines of the terminal that it goes to; `None` when that is a pipe or a file."""
    if not sys.stdout.isatty():
        return None
    columns, lines = shutil.get_terminal_size()
    return columns, lines


def next_page(*, first: bool) -> None:
    """Begin a page that stands in place of the one before it; in a pipe an empty line parts them."""
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[H\x1b[J")
    elif not first:
        sys.stdout.write("\n")


def table(columns: Sequence[tuple[str, Literal["left", "right"]]], rows: Sequence[Sequence[str]]) -> None:
    """Write an aligned table. On a terminal it is fitted to the width; in a pipe nothing is cut.

    Args:
        columns: Heading and alignment of each.
        rows: Cells, hostile text allowed.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    piped = not sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=10_000 if piped else None)
    grid: Any = Table(box=None if piped else SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading, justify in columns:
        grid.add_column(Text(heading), justify=justify, no_wrap=piped, overflow="ellipsis")
    for row in rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    console.print(grid)
