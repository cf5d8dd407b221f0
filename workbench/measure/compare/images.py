"""Two images: their bytes, layers, packages and findings, which are exact."""

import math
from collections import Counter
from collections.abc import Sequence

from workbench.measure.compare.judged import METHOD, judged
from workbench.measure.text import shorten
from workbench.measure.units import quantity
from workbench.model.comparison import Comparison, Matters, Measured, Side
from workbench.model.image_comparison import ImageComparison, LayerDelta, PackageDelta
from workbench.model.image_index import ImageFinding
from workbench.model.pull import PullEstimate
from workbench.model.runs import Better

_SIZE = Matters(0.01)
_COUNT = Matters(0.0)
_LONGEST = 60
_MOST_NAMED = 3
_NAMED_SHARE = 0.05
"""Of the whole change that a package must make up to be named beside its layer."""
_TELLING_SHARE = 0.2
"""Of the whole change that a layer or package must make up to be its cause."""


def compare_two_images(
    compared: ImageComparison,
    findings: tuple[Sequence[ImageFinding], Sequence[ImageFinding]],
    packages: tuple[int, int],
    pulls: tuple[PullEstimate, PullEstimate] | None = None,
) -> Comparison:
    """Judge what an image ships before and after.

    Args:
        compared: Both side by side.
        findings: What the checks found in each.
        packages: How many each has.
        pulls: What pulling each would take; `None` when that was not estimated.
    """
    figures = image_figures(compared, findings, packages, pulls)
    return Comparison(
        "images",
        Side(compared.before),
        Side(compared.after),
        judged(figures),
        method=METHOD,
        notes=(about_pulls(*pulls),) if pulls else (),
    )


def image_figures(
    compared: ImageComparison,
    findings: tuple[Sequence[ImageFinding], Sequence[ImageFinding]],
    packages: tuple[int, int],
    pulls: tuple[PullEstimate, PullEstimate] | None = None,
) -> list[Measured]:
    """The same figures, not yet judged."""
    cause = _cause(compared)
    old, new = compared.before_bytes, compared.after_bytes
    before, after = (Counter(finding.severity for finding in side) for side in findings)
    layers = [sum(1 for one in compared.layers if getattr(one, side) is not None) for side in ("before", "after")]
    return [
        _exact("size", "image size", "B", -1, old.shipped, new.shipped, cause),
        *(_pull_figures(*pulls, cause) if pulls else ()),
        _exact("final", "final file system", "B", -1, old.final, new.final),
        _exact("wasted", "wasted", "B", -1, old.wasted, new.wasted),
        _exact("layers", "layers", "", 0, layers[0], layers[1]),
        _exact("packages", "packages", "", 0, packages[0], packages[1]),
        *(
            _exact(
                f"findings_{severity}",
                f"{severity} findings",
                "",
                -1,
                before[severity],
                after[severity],
                _gone_and_new(*([one for one in side if one.severity == severity] for side in findings)),
            )
            for severity in ("high", "medium", "low")
        ),
    ]


def about_pulls(before: PullEstimate, after: PullEstimate) -> str:
    """Where the figures of pulling come from, in one sentence."""
    bits = quantity(8 * after.bandwidth_bytes_per_second, "bit/s")
    error = max(before.error_percent, after.error_percent)
    return f"pulling is estimated: samples packed with gzip (±{error:.0f}%), {bits}, three downloads at once"


def _pull_figures(before: PullEstimate, after: PullEstimate, cause: str) -> list[Measured]:
    """Packed size and time; a change within what both estimates may be off is none."""
    off = Matters(max(0.01, math.hypot(before.error_percent, after.error_percent) / 100))
    sizes = float(before.compressed_bytes), float(after.compressed_bytes)
    return [
        Measured("compressed_size", "compressed", "B", -1, "exact", sizes[:1], sizes[1:], off, cause),
        Measured("pull_estimated", "estimated pull", "s", -1, "exact", (before.seconds,), (after.seconds,), off),
    ]


def _exact(
    metric: str, title: str, unit: str, better: Better, before: float, after: float, cause: str = ""
) -> Measured:
    matters = _SIZE if unit == "B" else _COUNT
    return Measured(metric, title, unit, better, "exact", (float(before),), (float(after),), matters, cause)


def _cause(compared: ImageComparison) -> str:
    """The package, else the layer, that makes up most of the change in its direction."""
    whole = compared.delta_bytes
    if not whole:
        return ""
    sign = 1 if whole > 0 else -1
    made: tuple[Sequence[PackageDelta | LayerDelta], ...] = (compared.packages, compared.layers)
    for each in made:
        most = max(each, key=lambda one: sign * one.delta_bytes, default=None)
        if most is not None and sign * most.delta_bytes >= _TELLING_SHARE * abs(whole):
            told = f"{_name(most)} {_signed(most.delta_bytes)}"
            return told if isinstance(most, PackageDelta) else f"{told}{_largest(compared.packages, sign, whole)}"
    return ""


def _largest(packages: Sequence[PackageDelta], sign: int, whole: int) -> str:
    """The packages that changed most in a direction, in brackets, where they are worth naming."""
    named = sorted(packages, key=lambda one: -sign * one.delta_bytes)[:_MOST_NAMED]
    named = [one for one in named if sign * one.delta_bytes >= _NAMED_SHARE * abs(whole)]
    return f" ({', '.join(f'{one.name} {_signed(one.delta_bytes)}' for one in named)})" if named else ""


def _signed(size: int) -> str:
    return f"{'+' if size > 0 else ''}{quantity(size, 'B')}"


def _gone_and_new(before: Sequence[ImageFinding], after: Sequence[ImageFinding]) -> str:
    """The checks that find nothing any more, and those that found nothing before, the largest first."""
    old, new = ({one.check: one for one in side} for side in (before, after))
    told = []
    for words, side, other in (("gone", old, new), ("new", new, old)):
        names = [one for name, one in side.items() if name not in other]
        names.sort(key=lambda one: -one.reclaimable_bytes)
        if names:
            listed = ", ".join(one.check.replace("_", " ") for one in names[:_MOST_NAMED])
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            told.append(f"{words}: {listed}{more}")
    return "; ".join(told)


def _name(one: PackageDelta | LayerDelta) -> str:
    if isinstance(one, PackageDelta):
        versions = " → ".join(version for version in (one.before_version, one.after_version) if version)
        return f"{one.manager} {one.name} {versions}".strip()
    number = one.before if one.after is None else one.after
    return f"layer {number}: {shorten(one.after_instruction or one.before_instruction, _LONGEST)}"
