"""What differs between two profiles, in words, for both fronts."""

from workbench.measure.flame.diff import FunctionDiff, ProfileDiff
from workbench.measure.flame.significance import FALSE_ALARMS
from workbench.measure.flame.words import amount, size
from workbench.measure.units import NOT_MEASURED, percent

SLIGHT = 0.005
"""A change of less than half a point, or of less than this part of the larger profile, is none worth a colour."""
LARGE = 0.05


def figure(value: float, *, by_amount: bool) -> str:
    """A share, `32%`, or an amount, `12.5 MiB`."""
    return size(value) if by_amount else percent(100 * value)


def change(value: float, *, by_amount: bool) -> str:
    """What was gained: `+12%`, `−3.4%`, `+12.5 MiB`, `0%`; a share in points of the whole."""
    if by_amount:
        return f"{_sign(value)}{size(abs(value))}"
    return f"{_sign(value)}{percent(100 * abs(value))}"


def _sign(value: float) -> str:
    return "+" if value > 0 else "−" if value < 0 else ""


def verdict(each: FunctionDiff) -> str:
    """What a function's difference is worth, in a word or two."""
    if each.calls_change:
        return "more calls" if each.calls_change > 0 else "fewer calls"
    if each.q is not None and each.q >= FALSE_ALARMS:
        return "chance"
    if each.before is None:
        return "new"
    if each.after is None:
        return "gone"
    return "gained" if each.change > 0 else "lost" if each.change < 0 else "the same"


def chance(q: float | None) -> str:
    """A q value: `<0.001`, `0.03`; nothing where there is no statistics to it."""
    if q is None:
        return NOT_MEASURED
    return "<0.001" if q < 0.001 else f"{q:.2g}"


def least(each: FunctionDiff) -> str:
    """The smallest change that could have been seen: `±2.1%`."""
    return NOT_MEASURED if each.detectable is None else f"±{percent(100 * each.detectable)}"


def calls(each: FunctionDiff) -> str:
    """Calls before and after: `80,000 → 400`."""
    counts = [
        NOT_MEASURED if known is None or known.calls is None else f"{known.calls:,}"
        for known in (each.before, each.after)
    ]
    if each.calls_change is None:
        return NOT_MEASURED
    return " → ".join("0" if count == NOT_MEASURED else count for count in counts)


def totals(diff: ProfileDiff) -> str:
    """What both are of: `1672 samples → 1601 samples`."""
    both = (diff.before, diff.stacks.before), (diff.after, diff.stacks.after)
    return " → ".join(amount(tree.total[0], profile.unit) for profile, tree in both)


def weight(diff: ProfileDiff, value: float) -> str:
    """How much a change is: `much-more`, `more`, nothing, `less`, `much-less`."""
    whole = max(diff.stacks.before.total[0], diff.stacks.after.total[0], 1.0) if diff.by_amount else 1.0
    part = value / whole
    if abs(part) < SLIGHT:
        return ""
    return f"{'much-' if abs(part) >= LARGE else ''}{'more' if part > 0 else 'less'}"
