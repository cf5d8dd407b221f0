"""How far from the left a row differs: what lies behind need not be sent to the terminal again. Pure.

What lies before is always sent: Textual begins a row at its left end.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from rich.cells import cell_len


def reach(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]], width: int) -> int:
    """The cells of a row up to the last one that differs; 0 when none does.

    Args:
        before: Text and look of each run, from the left.
        after: The same for what is drawn now.
        width: Cells of the row, and the answer where characters take more or less than one.
    """
    old, new = _cells(before), _cells(after)
    if old is None or new is None:
        return width
    nothing = ("", "")
    length = max(len(old), len(new))
    for place in reversed(range(length)):
        if (old[place] if place < len(old) else nothing) != (new[place] if place < len(new) else nothing):
            return min(place + 1, width)
    return 0


def _cells(runs: Iterable[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """A character and its look for every cell; `None` where a character takes more or less than one."""
    told = list(runs)
    text = "".join(run for run, _ in told)
    if cell_len(text) != len(text):
        return None
    return list(chain.from_iterable(((character, look) for character in run) for run, look in told))
