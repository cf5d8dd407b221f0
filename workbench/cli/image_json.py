"""An analysed image as JSON, schema 1: an interface that programs rely on."""

from collections.abc import Iterator, Sequence
from typing import Any

from workbench.checks.reclaimable import reclaimable
from workbench.checks.rules import Judged
from workbench.checks.verdict import Verdict
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import ROOT
from workbench.model.image_comparison import ImageComparison, PathDelta, StepDelta
from workbench.model.image_index import ImageFinding
from workbench.model.layer_index import (
    BLOCK,
    CHARACTER,
    DIRECTORY,
    FIFO,
    FILE,
    HARDLINK,
    SYMLINK,
)

SCHEMA = 1
_TYPES = {
    FILE: "file",
    DIRECTORY: "directory",
    SYMLINK: "symlink",
    HARDLINK: "hardlink",
    CHARACTER: "character",
    BLOCK: "block",
    FIFO: "fifo",
}

Document = dict[str, Any]
"""What becomes a JSON object."""


def image_document(
    analysis: ImageAnalysis, findings: Sequence[ImageFinding], verdict: Verdict, *, with_files: bool = False
) -> Document:
    r"""The whole analysis. Text that has no encoding stands with backslashes: the byte FF as `\udcff`.

    Args:
        analysis: The image.
        findings: What the checks found.
        verdict: How its size was judged.
        with_files: Whether every entry of the merged file system is listed.
    """
    index, totals, overlay = analysis.index, analysis.bytes, analysis.overlay
    lines = analysis.dockerfile_lines or (None,) * len(index.layers)
    document: Document = {
        "schema": SCHEMA,
        "reference": index.detail.references[0] if index.detail.references else index.detail.id,
        "references": index.detail.references,
        "image_id": index.detail.id,
        "platform": f"{index.detail.operating_system}/{index.detail.architecture}",
        "acquired_via": index.acquired_via,
        "layers_from_cache": index.layers_from_cache,
        "bytes_spared": index.bytes_spared,
        "notes": index.notes,
        "bytes": {
            "shipped": totals.shipped,
            "final": totals.final,
            "hidden": totals.hidden,
            "removed": totals.removed,
            "overwritten": totals.overwritten,
            "copied_up": totals.copied_up,
            "duplicate": totals.duplicate,
            "wasted": totals.wasted,
            "reclaimable": reclaimable(analysis, findings),
        },
        "efficiency": totals.efficiency,
        "base": {"layers": analysis.base.layers, "name": analysis.base.name, "known_by": analysis.base.known_by},
        "dockerfile_lines_by": analysis.lines_by,
        "layers": [
            {
                "index": number,
                "diff_id": layer.diff_id,
                "instruction": analysis.instruction(number),
                "shipped": told.shipped,
                "contribution": told.contribution,
                "hidden": told.hidden,
                "entries": told.entries,
                "base": analysis.is_base(number),
                "dockerfile_line": lines[number],
            }
            for number, (layer, told) in enumerate(zip(index.layers, overlay.per_layer, strict=True))
        ],
        "wasted_paths": [
            {
                "path": overlay.path(gone.node),
                "bytes": gone.size,
                "kind": gone.kind,
                "written_by": gone.written_by,
                "hidden_by": gone.hidden_by,
            }
            for gone in sorted(overlay.hidden, key=lambda gone: -gone.size)
        ],
        "duplicates": [
            {
                "bytes": group.wasted_bytes,
                "size": group.size_bytes,
                "paths": [overlay.path(node) for node in group.nodes] or group.paths,
            }
            for group in analysis.duplicates.groups
        ],
        "duplicate_groups_omitted": analysis.duplicates.omitted,
        "packages": [
            {
                "manager": package.manager,
                "name": package.name,
                "version": package.version,
                "bytes": package.size_bytes,
                "layer": package.layer,
                "files": package.files,
                "shipped_again": package.shipped_again_bytes,
                "location": package.location,
            }
            for package in analysis.packages
        ],
        "unowned_bytes": analysis.unowned_bytes,
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity,
                "bytes": finding.reclaimable_bytes,
                "layer": finding.layer,
                "instruction": finding.instruction,
                "paths": finding.paths,
                "message": finding.message,
                "fix": finding.fix,
            }
            for finding in findings
        ],
        "verdict": {
            "kind": verdict.kind,
            "guessed": verdict.guessed,
            "grade": verdict.shipped,
            "grade_of_final": verdict.final,
            "target": verdict.target_bytes,
            "good": verdict.good_bytes,
            "review": verdict.review_bytes,
        },
    }
    if with_files:
        document["files"] = list(_files(analysis))
    return _encodable(document)


def _files(analysis: ImageAnalysis) -> Iterator[Document]:
    """Every live path but the root, as the merged file system has it.

    The first path of an inode has its size and is a file; its other paths are hard links to it, of size 0, so that
    all sizes come to the final bytes.
    """
    overlay = analysis.overlay
    first: dict[tuple[int, int], int] = {}
    for node in overlay.live_files():
        if overlay.paths_to(node) > 1:
            first[overlay.body_layer[node], overlay.body_number[node]] = node
    for node in range(ROOT + 1, len(overlay.names)):
        if not overlay.alive[node]:
            continue
        entry = overlay.entry(node)
        body = (overlay.body_layer[node], overlay.body_number[node])
        kind, size, link = DIRECTORY, 0, ""
        if body[0] >= 0:
            kind, size = FILE, overlay.size(node)
            if first.get(body, node) != node:
                kind, size, link = HARDLINK, 0, overlay.path(first[body])
        elif entry is not None:
            kind, link = entry.kind, entry.link
        yield {
            "path": overlay.path(node),
            "size": size,
            "type": _TYPES.get(kind, "file"),
            "mode": entry.mode if entry else None,
            "uid": entry.uid if entry else None,
            "gid": entry.gid if entry else None,
            "layer": overlay.entry_layer[node] if entry else None,
            "link": link,
        }


def comparison_document(told: ImageComparison) -> Document:
    """Two images side by side; `before` is the one that was named with `--against`."""
    before, after = told.before_bytes, told.after_bytes
    sums = ("shipped", "final", "hidden", "duplicate", "wasted")
    return _encodable(
        {
            "schema": SCHEMA,
            "before": told.before,
            "after": told.after,
            "bytes": {
                name: {
                    "before": getattr(before, name),
                    "after": getattr(after, name),
                    "delta": getattr(after, name) - getattr(before, name),
                }
                for name in sums
            },
            "layers": [_step(one) for one in told.layers],
            "packages": [
                {
                    "kind": one.kind,
                    "manager": one.manager,
                    "name": one.name,
                    "before_version": one.before_version,
                    "after_version": one.after_version,
                    "before_bytes": one.before_bytes,
                    "after_bytes": one.after_bytes,
                    "delta": one.delta_bytes,
                }
                for one in told.packages
            ],
            "directories": [_path(one) for one in told.directories],
            "files": [_path(one) for one in told.files],
            "files_omitted": told.files_omitted,
            "configuration": [
                {"kind": one.kind, "name": one.name, "before": one.before, "after": one.after}
                for one in told.configuration
            ],
            "history": [_step(one) for one in told.history],
        }
    )


def _step(one: StepDelta) -> Document:
    return {
        "kind": one.kind,
        "before": one.before,
        "after": one.after,
        "before_instruction": one.before_instruction,
        "after_instruction": one.after_instruction,
        "before_bytes": one.before_bytes,
        "after_bytes": one.after_bytes,
        "delta": one.delta_bytes,
    }


def _path(one: PathDelta) -> Document:
    return {
        "path": one.path,
        "kind": one.kind,
        "before_bytes": one.before_bytes,
        "after_bytes": one.after_bytes,
        "delta": one.delta_bytes,
    }


def rules_document(judged: Sequence[Judged], source: str) -> Document:
    """How the rules were kept."""
    return _encodable(
        {
            "passed": all(one.status != "fail" for one in judged),
            "dive_rules_from": source,
            "rules": [
                {
                    "rule": one.rule,
                    "origin": one.origin,
                    "status": one.status,
                    "limit": one.limit,
                    "measured": one.measured,
                    "note": one.note,
                }
                for one in judged
            ],
        }
    )


def _encodable(document: Document) -> Document:
    """The same with every text fit for UTF-8."""
    return {name: _fit(inner) for name, inner in document.items()}


def _fit(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _fit(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(inner) for inner in value]
    return value
