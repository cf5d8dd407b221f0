"""Bars on a common axis of time, as text of a fixed width: what the cells of a timeline hold. Pure."""

_ENDS = (30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
"""Ends of an axis in seconds; beyond them it is doubled. It grows seldom, for every row is painted again then."""


def time_bar(begin: float, end: float, axis: float, width: int, fill: str) -> str:
    """A bar from one moment to another; at least one cell, wherever it is on the axis.

    Args:
        begin: Seconds.
        end: Seconds.
        axis: The seconds that the whole width stands for.
        width: Cells.
        fill: The character of a cell that is filled.
    """
    if width < 1 or axis <= 0:
        return ""
    first = min(width - 1, max(0, int(begin / axis * width)))
    last = min(width, max(first + 1, round(end / axis * width)))
    return " " * first + fill * (last - first) + " " * (width - last)


def axis_end(seconds: float) -> float:
    """The end of an axis that holds so many seconds, in one of few lengths."""
    for end in _ENDS:
        if seconds <= end:
            return end
    end = _ENDS[-1]
    while end < seconds:
        end *= 2
    return end


def scale(axis: float, width: int, unit: str) -> str:
    """What stands over the bars: 0, the middle where there is room, and the end with its unit."""
    end = f"{axis:.3g} {unit}"
    if width < len(end) + 3:
        return end if width >= len(end) else ""
    middle = f"{axis / 2:.3g}"
    place = width // 2
    text = "0" + " " * (width - 1 - len(end)) + end
    if place > 3 and place + len(middle) + 2 < width - len(end):
        text = text[:place] + middle + text[place + len(middle) :]
    return text
