"""Figures as people read them: decimal bytes, percent, time. Pure text, no markup."""

import math

NOT_MEASURED = "–"
_PREFIXES = ("", "k", "M", "G", "T", "P")


def quantity(value: float | None, unit: str = "") -> str:
    """Three significant digits with a decimal prefix: `1.53 G`, `982 k`, `12`.

    Args:
        value: The figure in `unit`s; `None` and what is no number give `–`.
        unit: Appended to the prefix: `B` gives `1.53 GB`.
    """
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    size = abs(float(value))
    for prefix in _PREFIXES:
        if size < 999.5 or prefix == _PREFIXES[-1]:
            break
        size /= 1000
    if prefix == "":
        digits = f"{size:.0f}"
    elif size < 9.995:
        digits = f"{size:.2f}"
    elif size < 99.95:
        digits = f"{size:.1f}"
    else:
        digits = f"{size:.0f}"
    sign = "−" if value < 0 and digits.strip("0.") else ""
    return f"{sign}{digits} {prefix}{unit}".rstrip()


def percent(value: float | None) -> str:
    """A whole percentage, one decimal below ten: `61%`, `0.4%`; `None` gives `–`, zero gives `0%`.

    What is above zero and would round to it reads `<0.1%`: it was measured, and it was not nothing.
    """
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    size = abs(value)
    digits = "0" if size == 0 else "<0.1" if size < 0.05 else f"{size:.1f}" if size < 9.95 else f"{size:.0f}"
    sign = "−" if value < 0 and size >= 0.05 else ""
    return f"{sign}{digits}%"


def duration(seconds: float) -> str:
    """The two largest units: `4 s`, `2 min 05 s`, `3 h 12 min`, `5 d 3 h`; less than none is none."""
    if not math.isfinite(seconds):
        return NOT_MEASURED
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def bar(share: float | None, width: int) -> str:
    """A horizontal bar on a fixed scale, `width` characters: a flat half looks like a half.

    Args:
        share: 0 to 1, clamped; `None` and what is no number give blanks.
        width: Characters in all; none below one.
    """
    if share is None or math.isnan(share) or width < 1:
        return " " * width
    full = round(min(max(share, 0.0), 1.0) * width)
    if share > 0 and full == 0:
        return "▂" + "▁" * (width - 1)
    return "▇" * full + "▁" * (width - full)


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural unless it is one: `1 layer`, `3 layers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
