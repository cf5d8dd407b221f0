"""A comparison in words: the figures, the change, the interval, and everything about one row. Pure text."""

from collections.abc import Iterator
from statistics import median, quantiles

from workbench.measure.compare.judged import amount
from workbench.measure.units import NOT_MEASURED, percent, quantity
from workbench.model.comparison import ComparedRow, Comparison

_BINS = 10


def told(value: float | None, unit: str) -> str:
    """A figure, or that it was not measured."""
    return NOT_MEASURED if value is None else amount(value, unit)


def change(row: ComparedRow) -> str:
    """`−76%`, `+31 pts`, `+12.0 ms`."""
    if row.change is None:
        return NOT_MEASURED
    return _signed(row.change, row.change_unit)


def _signed(value: float, unit: str) -> str:
    sign = "+" if value > 0 else ""
    if unit == "%":
        if abs(value) >= 1000:
            return f"×{1 + value / 100:.3g}"
        return sign + percent(value)
    if unit == "points":
        points = amount(value, "%").removesuffix("%")
        return f"{points if points.startswith('<') else sign + points} pts"
    return sign + amount(value, unit)


def interval(row: ComparedRow) -> str:
    """`−71 … −66`, in brackets when it is only of what was within two runs, or how else the change is known."""
    if row.interval is None:
        return "exact" if row.how == "exact" else ""
    low, high = (_bare(end, row.change_unit) for end in row.interval)
    return f"({low} … {high})" if row.within_run else f"{low} … {high}"


def _bare(value: float, unit: str) -> str:
    if unit in ("%", "points"):
        size = abs(value)
        text = f"{size:.0f}" if size >= 9.95 or not size else f"{size:.1f}"
        if size >= 1000:
            text = ">999"
    else:
        text = quantity(abs(value)) if unit in ("B", "B/s") else amount(abs(value), unit)
    sign = "−" if value < 0 and text.strip("0.") else "+" if value > 0 and text.strip("0.") else ""
    return sign + text


def brief(row: ComparedRow) -> str:
    """The verdict for a narrow column: `inconclusive: +3 runs` for what needs about 3 more runs."""
    return row.words.replace("inconclusive: needs about ", "inconclusive: +").replace(" more", "")


def heading(comparison: Comparison) -> str:
    """What is compared with what."""
    before, after = comparison.before, comparison.after
    if before.name == after.name:
        return f"Compare  {before.name}   {before.detail} → {after.detail}"
    sides = [f"{side.name} ({side.detail})" if side.detail else side.name for side in (before, after)]
    return f"Compare  {sides[0]} → {sides[1]}"


def page(row: ComparedRow, comparison: Comparison) -> str:
    """Everything about one row: the figures, both distributions side by side, and how it was judged."""
    lines = [f"{told(row.before, row.unit)} → {told(row.after, row.unit)}   {change(row)}   {row.words}"]
    if row.cause:
        lines.append(f"cause: {row.cause}")
    if row.interval is not None:
        of = "every reading against every other" if row.how == "range" else "95% interval of the change"
        of += ", as far as it shows within the two runs" if row.within_run else ""
        unit = {"%": "%", "points": " points"}.get(row.change_unit, "")
        lines.append(f"{of}: {interval(row)}{unit}")
    if row.p is not None:
        p = f"{row.p:.3f}" if row.p >= 0.001 else "below 0.001"
        lines.append(f"p {p}, adjusted for all rows; {len(row.before_values)} and {len(row.after_values)} values")
    lines += ["", *_quantiles(row), "", *_distributions(row)]
    lines += ["", *(f"▲ {flag.words}" for flag in comparison.flags), *comparison.notes, "", comparison.method]
    return "\n".join(lines)


def _quantiles(row: ComparedRow) -> Iterator[str]:
    sides = [sorted(side) for side in row.readings]
    if min(map(len, sides)) < 2:
        return
    yield f"{'':14}{'before':>14}{'after':>14}"
    tables = [[side[0], *quantiles(side, n=4, method="inclusive"), side[-1]] for side in sides]
    for name, old, new in zip(("least", "a quarter", "median", "three quarters", "most"), *tables, strict=True):
        yield f"{name:14}{told(old, row.unit):>14}{told(new, row.unit):>14}"
    yield f"{'readings':14}{len(sides[0]):>14}{len(sides[1]):>14}"


def _distributions(row: ComparedRow) -> Iterator[str]:
    """Both histograms on one scale, side by side."""
    old, new = row.readings
    if min(len(old), len(new)) < 2:
        return
    low, high = min(*old, *new), max(*old, *new)
    if low == high:
        return
    step = (high - low) / _BINS
    counts = [[0] * _BINS for _ in range(2)]
    for side, values in zip(counts, (old, new), strict=True):
        for value in values:
            side[min(_BINS - 1, int((value - low) / step))] += 1
    middles = [_bin(median(side), low, step) for side in (old, new)]
    yield f"{'':12} {'before':<22} after"
    for place in range(_BINS):
        shares = [
            _bar(side[place] / max(side)) + (" ◂ median" if middle == place else "")
            for side, middle in zip(counts, middles, strict=True)
        ]
        yield f"{told(low + place * step, row.unit):>12} {shares[0]:<32}{shares[1]}".rstrip()


def _bar(share: float) -> str:
    return "▇" * max(1, round(20 * share)) if share else ""


def _bin(value: float, low: float, step: float) -> int:
    return min(_BINS - 1, int((value - low) / step))
