"""What a row has no room for, line by line: pure, no widgets."""

from screens.anatomy.words import KINDS, MARK_WORDS, mode_text
from workbench.anatomy import ImageAnatomy
from workbench.measure.changes import LayerChanges
from workbench.measure.file_history import file_history, in_words
from workbench.measure.overlay import LayerBytes
from workbench.measure.units import counted, percent, quantity
from workbench.model.acquired import LayerFigures
from workbench.model.image_index import DuplicateGroup, ImageFinding, Package
from workbench.model.images import Layer
from workbench.model.layer_index import HARDLINK, SYMLINK

MOST_PATHS = 200


def layer_text(step: Layer, anatomy: ImageAnatomy | None, read: LayerFigures | None = None) -> str:
    """Everything there is to say of one step of the history; before all layers were read, what is known of its own."""
    lines = [step.instruction, ""]
    if step.index is None:
        lines.append("This step adds no layer: it only changes the image's configuration")
    elif (anatomy is None or step.index >= len(anatomy.changes)) and read is not None:
        shipped = f"{_bytes(read.shipped_bytes)} shipped in {counted(read.entries, 'path')}"
        lines.append(f"layer {step.index} · {shipped}")
    elif anatomy is None or step.index >= len(anatomy.changes):
        lines.append(f"layer {step.index} · {_bytes(step.size_bytes)}")
    else:
        figures = anatomy.analysis.overlay.per_layer[step.index]
        lines += [
            f"layer {step.index} · {_bytes(figures.shipped)} shipped in {counted(figures.entries, 'path')}",
            _effect(figures),
            changes_in_words(anatomy.changes[step.index]),
        ]
        lines += [
            f"{change.kind} {change.manager} {change.name} "
            + " → ".join(version for version in (change.previous_version, change.version) if version)
            for change in anatomy.analysis.package_changes
            if change.layer == step.index
        ]
    if step.diff_id:
        lines.append(step.diff_id)
    return "\n".join(lines)


def _effect(figures: LayerBytes) -> str:
    adds, hidden = quantity(figures.contribution, "B"), quantity(figures.hidden, "B")
    return f"{adds} added to what is seen · {hidden} of it hidden later"


def changes_in_words(changes: LayerChanges) -> str:
    """How many paths of each change: `120 added, 3 removed`."""
    counts = [f"{count} {word}" for mark, word in MARK_WORDS.items() if (count := changes.count(mark))]
    return ", ".join(counts) or "nothing changed"


def node_text(anatomy: ImageAnatomy, node: int, layer: int | None) -> str:
    """One path of the tree.

    Args:
        anatomy: The image.
        node: The path's node.
        layer: The layer whose changes are shown; `None` in the merged system.
    """
    analysis = anatomy.analysis
    overlay = analysis.overlay
    first = ["/" + overlay.path(node)]
    entry = overlay.entry(node)
    change = anatomy.changes[layer].at(node) if layer is not None else None
    if change is not None and layer is not None and change.number >= 0:
        entry = overlay.layers[layer].entry(change.number, overlay.path(node))
    facts: list[str] = []
    if entry is not None and entry.kind in KINDS:
        facts.append(f"{mode_text(entry.kind, entry.mode)} {entry.uid}:{entry.gid}")
        if entry.kind in (SYMLINK, HARDLINK):
            first.append(f"→ {entry.link}")
    if change is not None:
        facts.append(
            f"{quantity(change.shipped, 'B')} shipped, {quantity(change.hidden, 'B')} hidden by layer {layer}"
            + (f", {MARK_WORDS[change.mark]}" if change.mark in MARK_WORDS else "")
        )
    else:
        size = analysis.sizes[node]
        facts.append(f"{_bytes(size)}, {percent(100 * size / (overlay.final_bytes or 1))} of all")
    if (paths := overlay.paths_to(node)) > 1:
        facts.append(f"one of {paths} hard links")
    if package := analysis.owner(node):
        facts.append(f"{package.manager} {package.name} {package.version}".strip())
    history = in_words(file_history(overlay, anatomy.changes, node))
    return "\n".join([" ".join(first), " · ".join(facts), *([history] if history else [])])


def finding_text(finding: ImageFinding, *, whole: bool) -> str:
    """A finding with its fix and where it is.

    Args:
        finding: The finding.
        whole: With every path, and the instruction; else what fits a few lines.
    """
    lines = [finding.message, "", finding.fix] if whole else [finding.fix]
    if whole:
        told = [f"severity {finding.severity}", f"check {finding.check}"]
        if finding.reclaimable_bytes:
            told.append(f"{_bytes(finding.reclaimable_bytes)} to gain")
        lines += ["", " · ".join(told)]
        if finding.layer is not None:
            lines.append(f"layer {finding.layer}: {finding.instruction}".rstrip(": "))
        if finding.paths:
            lines += ["", *(f"/{path}" for path in finding.paths)]
    elif finding.paths:
        lines.append(" ".join(f"/{path}" for path in finding.paths[:5]))
    return "\n".join(lines)


def package_text(anatomy: ImageAnatomy, package: Package) -> str:
    """A package, and what every layer did to it."""
    lines = [
        f"{package.manager} {package.name} {package.version}".strip()
        + f" · {_bytes(package.size_bytes)} in {counted(package.files, 'file')}"
        + (f" · in /{package.location}" if package.location else "")
    ]
    if package.shipped_again_bytes:
        lines.append(
            f"{quantity(package.shipped_again_bytes, 'B')} of its files in lower layers too: hidden and still shipped"
        )
    for change in anatomy.analysis.package_changes:
        if (change.manager, change.name, change.location) == (package.manager, package.name, package.location):
            versions = " → ".join(version for version in (change.previous_version, change.version) if version)
            lines.append(f"{change.kind} in layer {change.layer}  {versions}".rstrip())
    return "\n".join(lines)


def duplicate_text(group: DuplicateGroup) -> str:
    """Every path of one content."""
    lines = [f"{len(group.paths) + group.truncated} copies of {_bytes(group.size_bytes)}"]
    lines += [f"/{path}" for path in group.paths[:MOST_PATHS]]
    if group.truncated:
        lines.append(f"and {group.truncated} more")
    return "\n".join(lines)


def why_wasted(anatomy: ImageAnatomy) -> str:
    """What the wasted bytes are: `161 M removed, 38 M copied up`; `nothing` when there are none."""
    told = anatomy.analysis.bytes
    parts = (
        (told.removed, "removed"),
        (told.overwritten, "overwritten"),
        (told.copied_up, "copied up"),
        (told.duplicate, "duplicate"),
    )
    return ", ".join(f"{quantity(size)} {word}" for size, word in parts if size) or "nothing"


def _bytes(size: int) -> str:
    return f"{quantity(size, 'B')} ({size:,} bytes)"
