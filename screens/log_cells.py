"""A line of a log as a cell: without colours of its own, in the look of how bad it sounds."""

from screens.widgets.columns import Cell
from workbench.measure.log_text import log_level, without_escapes

_LOOKS = {"error": "act", "warning": "watch", "": "plain"}


def log_cell(line: str) -> Cell:
    """The cell of a line as it was written."""
    text = without_escapes(line)
    return Cell(text.replace("\t", "    "), _LOOKS[log_level(text)])
