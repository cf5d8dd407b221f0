"""The lines of what a step wrote: pure, no widgets."""

from workbench.measure.log_text import without_escapes


def lines_of(log: str) -> list[str]:
    """The lines; of one that was written over itself, what stood there last. Empty ones at the end are left out."""
    lines = [line.removesuffix("\r").rpartition("\r")[2] for line in log.split("\n")]
    while lines and not without_escapes(lines[-1]).strip():
        lines.pop()
    return lines
