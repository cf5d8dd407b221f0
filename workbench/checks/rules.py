"""Rules that an image must keep to pass in CI."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from workbench.measure.analysis import ImageAnalysis
from workbench.measure.byte_sizes import Limit
from workbench.measure.units import percent, quantity
from workbench.model.image_index import ImageFinding

Status = Literal["pass", "fail", "skip"]
Severity = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class DiveRules:
    """The rules of dive, by its names; `None` is switched off."""

    lowest_efficiency: float | None = 0.9
    highest_wasted_bytes: int | None = None
    highest_user_wasted_percent: float | None = 0.1
    """A share from 0 to 1, in spite of its name."""


@dataclass(frozen=True, slots=True)
class OwnRules:
    """The workbench's rules; `None` is switched off."""

    max_size: int | None = None
    """Shipped bytes."""
    max_wasted: Limit | None = None
    """Hidden and duplicate bytes; a share is one of what ships."""
    max_growth: Limit | None = None
    """Shipped bytes more than the other image's; a share is one of the other's."""
    max_findings: dict[Severity, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule and how the image keeps it."""

    rule: str
    origin: Literal["dive", "workbench"]
    status: Status
    limit: str
    measured: str
    note: str = ""
    """Why it was skipped."""


def user_wasted_share(analysis: ImageAnalysis) -> float:
    """Waste that layers above the base made, per byte they ship; the first layer is the base when none is known.

    Theirs are the bytes they hide, in the base too, and the copies they write of files that are there already.
    """
    overlay = analysis.overlay
    base = max(analysis.base.layers, 1)
    shipped = sum(layer.shipped for layer in overlay.per_layer[base:])
    wasted = sum(gone.size for gone in overlay.hidden if gone.hidden_by >= base)
    for group in analysis.duplicates.groups:
        own = sum(overlay.body_layer[node] >= base for node in group.nodes)
        wasted += min(own, len(group.nodes) - 1) * group.size_bytes
    return wasted / shipped if shipped else 0.0


def judge_dive(analysis: ImageAnalysis, rules: DiveRules) -> tuple[Judged, ...]:
    """Judge dive's rules on our numbers."""
    totals = analysis.bytes
    efficiency, share = totals.efficiency, user_wasted_share(analysis)

    def one(rule: str, limit: float | None, measured: float, *, kept: bool, told: Callable[[float], str]) -> Judged:
        if limit is None:
            return Judged(rule, "dive", "skip", "", told(measured), "disabled")
        return Judged(rule, "dive", "pass" if kept else "fail", told(limit), told(measured))

    low, most, high = rules.lowest_efficiency, rules.highest_wasted_bytes, rules.highest_user_wasted_percent
    return (
        one("lowestEfficiency", low, efficiency, kept=low is None or efficiency >= low, told=_ratio),
        one("highestWastedBytes", most, totals.wasted, kept=most is None or totals.wasted <= most, told=_bytes),
        one("highestUserWastedPercent", high, share, kept=high is None or share <= high, told=_ratio),
    )


def judge_own(
    analysis: ImageAnalysis, findings: Sequence[ImageFinding], rules: OwnRules, against: ImageAnalysis | None = None
) -> tuple[Judged, ...]:
    """Judge the workbench's rules; those that are off are not told.

    Args:
        analysis: The image.
        findings: What the checks found in it.
        rules: The limits.
        against: The image that growth is measured from.
    """
    return tuple(_own(analysis, findings, rules, against))


def _own(
    analysis: ImageAnalysis, findings: Sequence[ImageFinding], rules: OwnRules, against: ImageAnalysis | None
) -> Iterator[Judged]:
    shipped, wasted = analysis.bytes.shipped, analysis.bytes.wasted
    if rules.max_size is not None:
        yield _judged("max_size", Limit(rules.max_size), shipped, shipped)
    if rules.max_wasted is not None:
        yield _judged("max_wasted", rules.max_wasted, wasted, shipped)
    if rules.max_growth is not None and against is None:
        note = "name the image to measure from with --against"
        yield Judged("max_growth", "workbench", "skip", str(rules.max_growth), "", note)
    elif rules.max_growth is not None and against is not None:
        yield _judged("max_growth", rules.max_growth, shipped - against.bytes.shipped, against.bytes.shipped)
    for severity, most in rules.max_findings.items():
        number = sum(finding.severity == severity for finding in findings)
        status: Status = "pass" if number <= most else "fail"
        yield Judged(f"max_findings_{severity}", "workbench", status, str(most), str(number))


def _judged(rule: str, limit: Limit, size: int, whole: int) -> Judged:
    """A size against a limit; with nothing to take a share of, any byte is too many."""
    if limit.share is None:
        kept = limit.size_bytes is None or size <= limit.size_bytes
        measured = _bytes(size)
    else:
        kept = size <= limit.share * whole
        measured = f"{_bytes(size)}, {percent(100 * size / whole) if whole else 'of nothing'}"
    return Judged(rule, "workbench", "pass" if kept else "fail", str(limit), measured)


def _ratio(value: float) -> str:
    return f"{value:.4f}"


def _bytes(value: float) -> str:
    return f"{quantity(value, 'B')} ({value:.0f} B)"
