"""An analysed image in words and tables, for reading."""

from collections.abc import Sequence
from typing import Literal

from workbench.checks.reclaimable import reclaimable
from workbench.checks.rules import Judged
from workbench.checks.verdict import Verdict
from workbench.cli import output
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.text import shorten
from workbench.measure.units import counted, percent, quantity
from workbench.model.image_index import ImageFinding

MOST_PACKAGES = 15
MOST_DUPLICATES = 10
MOST_PATHS = 5
"""Of each finding; `--json` has up to 50."""
_LONGEST_INSTRUCTION = 100
_GRADES = {
    "target": "on target",
    "good": "good",
    "fair": "larger than good",
    "review": "review needed",
}

Columns = Sequence[tuple[str, Literal["left", "right"]]]


def show_image(analysis: ImageAnalysis, findings: Sequence[ImageFinding], verdict: Verdict) -> None:
    """Write everything that is worth a first look."""
    _head(analysis)
    _layers(analysis)
    _totals(analysis, findings)
    _packages(analysis)
    _duplicates(analysis)
    show_findings(findings)
    _verdict(verdict)


def heading(text: str) -> None:
    """Write an empty line and a heading."""
    output.text("")
    output.text(text)


def _head(analysis: ImageAnalysis) -> None:
    index, detail, base = analysis.index, analysis.index.detail, analysis.base
    output.text(" ".join(detail.references) or detail.id)
    for name, value in (
        ("id", detail.id),
        ("platform", f"{detail.operating_system}/{detail.architecture}"),
        ("created", detail.created),
        ("read", _how(analysis)),
        ("base", f"{base.name or 'unnamed'}, {counted(base.layers, 'layer')}, told by {base.known_by}"),
        ("lines", "of the Dockerfile, told by the attached provenance" if analysis.lines_by == "provenance" else ""),
        *(("note", note) for note in index.notes),
    ):
        if value and (name != "base" or base.layers):
            output.text(f"  {name:<9}{value}")


def _how(analysis: ImageAnalysis) -> str:
    index = analysis.index
    cached = f", {counted(index.layers_from_cache, 'layer')} from the cache" if index.layers_from_cache else ""
    spared = f", {quantity(index.bytes_spared, 'B')} spared" if index.bytes_spared else ""
    return f"by {index.acquired_via}{cached}{spared}"


def _layers(analysis: ImageAnalysis) -> None:
    heading("Layers, base first")
    lines = analysis.dockerfile_lines or (None,) * len(analysis.index.layers)
    line: Columns = (("Line", "right"),) if any(lines) else ()
    figures: Columns = (("Shipped", "right"), ("Adds", "right"), ("Hidden", "right"), ("Entries", "right"))
    columns: Columns = (("#", "right"), ("", "left"), *figures, *line, ("Instruction", "left"))
    rows = [
        [
            str(number),
            "base" if analysis.is_base(number) else "",
            quantity(layer.shipped, "B"),
            quantity(layer.contribution, "B"),
            quantity(layer.hidden, "B"),
            str(layer.entries),
            *([str(lines[number] or "")] if any(lines) else []),
            shorten(analysis.instruction(number), _LONGEST_INSTRUCTION),
        ]
        for number, layer in enumerate(analysis.overlay.per_layer)
    ]
    output.table(columns, rows)


def _totals(analysis: ImageAnalysis, findings: Sequence[ImageFinding]) -> None:
    totals = analysis.bytes
    heading("Bytes of regular files")
    rows = (
        ("shipped", totals.shipped, "in all layers: what is pulled and stored"),
        ("final", totals.final, "seen in the merged file system, each hard-linked file once"),
        ("hidden", totals.hidden, "shipped and not seen"),
        ("  removed", totals.removed, "deleted by a later layer"),
        ("  overwritten", totals.overwritten, "replaced by other content"),
        ("  copied up", totals.copied_up, "shipped again with the same content: chmod, chown, COPY again"),
        ("duplicate", totals.duplicate, "all but one of equal files at different paths"),
        ("wasted", totals.wasted, "hidden or duplicate"),
        ("reclaimable", reclaimable(analysis, findings), "what the findings below come to, each byte once"),
    )
    output.table(
        (("", "left"), ("", "right"), ("Bytes", "right"), ("", "left")),
        [(name, quantity(size, "B"), str(size), told) for name, size, told in rows],
    )
    output.text(f"efficiency {percent(100 * totals.efficiency)}: final per shipped")


def _packages(analysis: ImageAnalysis) -> None:
    if not analysis.packages:
        return
    more = len(analysis.packages) - MOST_PACKAGES
    heading(f"Packages, the largest first{f', {more} more in --json' if more > 0 else ''}")
    output.table(
        (("Size", "right"), ("", "left"), ("Package", "left"), ("Version", "left"), ("Layer", "right")),
        [
            (quantity(one.size_bytes, "B"), one.manager, one.name, one.version, str(one.layer))
            for one in analysis.packages[:MOST_PACKAGES]
        ],
    )
    owned = analysis.bytes.final - analysis.unowned_bytes
    share = percent(100 * owned / analysis.bytes.final) if analysis.bytes.final else "0%"
    output.text(f"packages own {share} of what is seen; {quantity(analysis.unowned_bytes, 'B')} belong to none")


def _duplicates(analysis: ImageAnalysis) -> None:
    groups = [group for group in analysis.duplicates.groups if group.wasted_bytes >= 100_000]
    if not groups:
        return
    more = len(groups) - MOST_DUPLICATES
    heading(f"Equal files, the largest waste first{f', {more} more in --json' if more > 0 else ''}")
    output.table(
        (("Waste", "right"), ("Copies", "right"), ("Paths", "left")),
        [
            (quantity(one.wasted_bytes, "B"), str(len(one.nodes)), "  ".join(f"/{path}" for path in one.paths[:2]))
            for one in groups[:MOST_DUPLICATES]
        ],
    )


def show_findings(findings: Sequence[ImageFinding]) -> None:
    """Write each finding with its layer, its paths and its fix."""
    heading(f"{counted(len(findings), 'finding')}" if findings else "Nothing found")
    for one in findings:
        output.text(f"{one.severity.upper():<7}{one.message}  [{one.check}]")
        if one.layer is not None:
            output.text(f"       layer {one.layer}  {shorten(one.instruction, _LONGEST_INSTRUCTION)}")
        for path in one.paths[:MOST_PATHS]:
            output.text(f"       /{path}")
        if len(one.paths) > MOST_PATHS:
            output.text(f"       … {len(one.paths) - MOST_PATHS} more")
        for line in one.fix.splitlines():
            output.text(f"     → {line}")


def _verdict(verdict: Verdict) -> None:
    guessed = f", guessed: {verdict.guessed}; choose with --kind" if verdict.guessed else ""
    heading(f"Verdict: {_GRADES[verdict.shipped]} for a {verdict.kind} image{guessed}")
    limits = (verdict.target_bytes, verdict.good_bytes, verdict.review_bytes)
    target, good, review = (quantity(limit, "B") for limit in limits)
    output.text(f"  target below {target}, good below {good}, review above {review}")
    output.text(f"  it ships {quantity(verdict.shipped_bytes, 'B')}, which is what is judged")
    if verdict.final != verdict.shipped:
        told = _GRADES[verdict.final]
        output.text(f"  with nothing hidden it would ship {quantity(verdict.final_bytes, 'B')}: {told}")


def show_rules(analysis: ImageAnalysis, judged: Sequence[Judged], source: str) -> None:
    """Write how each rule was kept."""
    index, totals = analysis.index, analysis.bytes
    output.text(" ".join(index.detail.references) or index.detail.id)
    output.text("judged on exact numbers, which are not those that dive works out:")
    output.text(f"  efficiency           {totals.efficiency:.4f}   final per shipped bytes")
    output.text(f"  wastedBytes          {totals.wasted}   hidden and duplicate bytes")
    output.text("  userWastedPercent    what layers above the base waste, per byte they ship")
    output.text(f"rules of dive: {source}")
    output.text("")
    output.table(
        (("", "left"), ("Rule", "left"), ("Limit", "left"), ("Measured", "left"), ("", "left")),
        [(one.status.upper(), one.rule, one.limit, one.measured, one.note) for one in judged],
    )
    output.text("")
    output.text(rules_result(judged))


def rules_result(judged: Sequence[Judged]) -> str:
    """One line: whether all passed, and how many did not."""
    failed, skipped = (sum(one.status == status for one in judged) for status in ("fail", "skip"))
    told = f"{len(judged) - failed - skipped} passed, {failed} failed, {skipped} skipped"
    return f"result: {'FAIL' if failed else 'PASS'} ({told})"
