"""The lines of a file that can be shown, and why there are no more: its own, those kept of it, or figures alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from screens.profile.rows import MOST_LINES
from workbench.measure.excerpts import agrees, lines_in
from workbench.model.profile import SourceExcerpt
from workbench.model.reading import Fresh, Reading


@dataclass(frozen=True, slots=True)
class SourceLines:
    """What stands on which line."""

    text: dict[int, str]
    why: str = ""
    """Why it is not the whole file; empty where it is."""


def source_lines(
    file: str, reading: Reading[str], excerpts: Iterable[SourceExcerpt], measured: Collection[int]
) -> SourceLines:
    """The best there is of a file's text.

    Args:
        file: As the profile names it.
        reading: The file as it is now, or why it cannot be read.
        excerpts: What was kept of files when they were profiled.
        measured: The lines that have figures: they are shown, with text or without.
    """
    kept = lines_in(excerpts, file)
    if isinstance(reading, Fresh):
        now = reading.value.splitlines()[:MOST_LINES]
        if agrees(now, kept):
            return SourceLines(dict(enumerate(now, start=1)))
        why = "the profiled functions as they ran: the file has changed since"
    elif kept:
        why = f"the profiled functions as they ran: {reading.reason}"
    else:
        why = f"figures without text: {reading.reason}" if measured else reading.reason
    shown = sorted({*kept, *measured})[:MOST_LINES]
    return SourceLines({line: kept.get(line, "") for line in shown}, why)
