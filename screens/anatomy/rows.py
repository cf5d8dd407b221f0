"""Layers, findings, packages and duplicates of an image as table rows: pure, no widgets."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from screens.widgets.live_table import Cell, Column, Row
from workbench.anatomy import ImageAnatomy
from workbench.measure.units import bar, quantity
from workbench.model.acquired import LayerFigures
from workbench.model.image_index import DuplicateGroup, ImageFinding, Package
from workbench.model.images import ImageDetail

LAYER_COLUMNS = (
    Column("index", "#", 3, "right"),
    Column("instruction", "instruction", 18, grow=1),
    Column("ships", "ships", 7, "right"),
    Column("adds", "adds", 7, "right"),
    Column("hidden", "later hidden", 12, "right", importance=1),
    Column("entries", "paths", 7, "right", importance=6),
    Column("base", "whose", 5, importance=2),
    Column("line", "line", 4, "right", importance=4),
    Column("digest", "diff id", 12, importance=5),
)
FINDING_COLUMNS = (
    Column("severity", "severity", 9),
    Column("bytes", "bytes", 7, "right"),
    Column("message", "finding", 24, grow=3),
    Column("layer", "layer", 5, "right"),
    Column("fix", "fix", 20, importance=1, grow=2, most=70),
)
PACKAGE_COLUMNS = (
    Column("name", "package", 20, grow=1, most=60),
    Column("manager", "by", 5),
    Column("version", "version", 14, importance=2, most=30),
    Column("size", "size", 7, "right"),
    Column("bar", "of largest", 10, importance=3),
    Column("files", "files", 6, "right", importance=1),
    Column("layer", "layer", 5, "right"),
    Column("again", "shipped again", 13, "right", importance=4),
)
DUPLICATE_COLUMNS = (
    Column("wasted", "wasted", 7, "right"),
    Column("size", "each", 7, "right"),
    Column("copies", "copies", 6, "right"),
    Column("path", "first and last path", 24, grow=1),
)
SEVERITIES = {
    "high": ("✘ high", "act"),
    "medium": ("▲ medium", "watch"),
    "low": ("· low", "plain"),
    "info": ("  info", "dim"),
}
PACKAGE_SORTS = ("size", "name", "manager", "files", "layer", "again")
FINDING_SORTS = ("severity", "bytes", "layer")
DUPLICATE_SORTS = ("wasted", "size", "copies", "path")
LARGEST_FIRST = frozenset({"size", "files", "again", "bytes", "wasted", "copies", "severity"})
_RANK = {"high": 3, "medium": 2, "low": 1, "info": 0}


def signed(size: int) -> str:
    """With its sign, `0 ` without one."""
    return ("+" if size > 0 else "") + quantity(size)


def layer_rows(
    image: ImageDetail,
    anatomy: ImageAnatomy | None,
    *,
    empty: bool,
    figures: Mapping[int, LayerFigures],
    reading: bool = False,
) -> list[Row]:
    """The image's steps, base first, each keyed by its position in the history.

    Args:
        image: Its history.
        anatomy: What is known of its layers; `None` before they were read.
        empty: Whether steps that add no layer are shown.
        figures: What is known of single layers before that, by their index.
        reading: Whether the layers are being read, so that what is missing is to come.
    """
    rows = []
    for place, step in enumerate(image.layers):
        if step.index is None:
            if empty:
                blank = Cell("–", "dim")
                rows.append(Row(str(place), (blank, Cell(step.instruction, "dim"), *[blank] * 4, *[Cell("")] * 3)))
            continue
        cells: tuple[Cell, ...]
        digest = Cell((step.diff_id or "").removeprefix("sha256:")[:12], "dim")
        if anatomy is None or step.index >= len(anatomy.analysis.overlay.per_layer):
            unknown = Cell("…" if reading else "–", "dim")
            read = figures.get(step.index)
            # The engine's history counts symbolic links and hard links differently: near, and not the same.
            ships = Cell(f"≈{quantity(step.size_bytes)}", "dim") if read is None else shipped_cell(read.shipped_bytes)
            entries = unknown if read is None else Cell(str(read.entries), "dim")
            cells = (ships, unknown, unknown, entries, Cell(""), Cell(""), digest)
        else:
            cells = (*_figures(anatomy, step.index), digest)
        rows.append(Row(str(place), (Cell(str(step.index), "dim"), Cell(step.instruction), *cells)))
    return rows


def shipped_cell(size: int) -> Cell:
    """What a layer that was read ships."""
    return Cell(quantity(size), "plain" if size else "dim")


def _figures(anatomy: ImageAnatomy, index: int) -> tuple[Cell, ...]:
    analysis = anatomy.analysis
    figures = analysis.overlay.per_layer[index]
    line = analysis.dockerfile_lines[index] if index < len(analysis.dockerfile_lines) else None
    return (
        shipped_cell(figures.shipped),
        Cell(signed(figures.contribution), "plain" if figures.contribution else "dim"),
        Cell(quantity(figures.hidden), "watch" if figures.hidden else "dim"),
        Cell(str(figures.entries), "dim"),
        Cell("" if not analysis.base.layers else "base" if analysis.is_base(index) else "yours", "dim"),
        Cell("" if line is None else str(line), "dim"),
    )


def finding_rows(
    findings: Iterable[ImageFinding], *, sort: str = "severity", descending: bool = True, words: str = ""
) -> list[Row]:
    """Findings keyed by their place among all of them."""
    keys: dict[str, Callable[[ImageFinding], int]] = {
        "severity": lambda finding: _RANK[finding.severity],
        "bytes": lambda finding: finding.reclaimable_bytes,
        "layer": lambda finding: -1 if finding.layer is None else finding.layer,
    }
    chosen = [
        (place, finding)
        for place, finding in enumerate(findings)
        if has_words(words, finding.severity, finding.check, finding.message, finding.fix, *finding.paths)
    ]
    chosen.sort(key=lambda placed: keys[sort](placed[1]), reverse=descending)
    return [
        Row(
            str(place),
            (
                Cell(*SEVERITIES[finding.severity]),
                Cell(quantity(finding.reclaimable_bytes) if finding.reclaimable_bytes else "–"),
                Cell(finding.message, "strong" if finding.severity == "high" else "plain"),
                Cell("–" if finding.layer is None else str(finding.layer), "dim"),
                Cell(finding.fix.split("\n")[0], "dim"),
            ),
        )
        for place, finding in chosen
    ]


def package_rows(
    packages: Iterable[Package], *, sort: str = "size", descending: bool = True, words: str = ""
) -> list[Row]:
    """Packages keyed by their place among all of them."""
    keys: dict[str, Callable[[Package], Any]] = {
        "size": lambda package: package.size_bytes,
        "name": lambda package: package.name.casefold(),
        "manager": lambda package: package.manager,
        "files": lambda package: package.files,
        "layer": lambda package: package.layer,
        "again": lambda package: package.shipped_again_bytes,
    }
    chosen = [
        (place, package)
        for place, package in enumerate(packages)
        if has_words(words, package.name, package.manager, package.version, package.location)
    ]
    key = keys[sort]
    chosen.sort(key=lambda placed: key(placed[1]), reverse=descending)
    largest = max((package.size_bytes for _, package in chosen), default=0) or 1
    return [
        Row(
            str(place),
            (
                Cell(package.name, "strong"),
                Cell(package.manager, "dim"),
                Cell(package.version or "–", "dim"),
                Cell(quantity(package.size_bytes)),
                Cell(bar(package.size_bytes / largest, 10), "dim"),
                Cell(str(package.files), "dim"),
                Cell(str(package.layer), "dim"),
                Cell(
                    quantity(package.shipped_again_bytes) if package.shipped_again_bytes else "0",
                    "watch" if package.shipped_again_bytes else "dim",
                ),
            ),
        )
        for place, package in chosen
    ]


def duplicate_rows(
    groups: Iterable[DuplicateGroup], *, sort: str = "wasted", descending: bool = True, words: str = ""
) -> list[Row]:
    """Groups of equal files keyed by their place among all of them."""
    keys: dict[str, Callable[[DuplicateGroup], Any]] = {
        "wasted": lambda group: group.wasted_bytes,
        "size": lambda group: group.size_bytes,
        "copies": lambda group: len(group.paths) + group.truncated,
        "path": lambda group: group.paths[0],
    }
    chosen = [(place, group) for place, group in enumerate(groups) if has_words(words, *group.paths)]
    key = keys[sort]
    chosen.sort(key=lambda placed: key(placed[1]), reverse=descending)
    return [
        Row(
            str(place),
            (
                Cell(quantity(group.wasted_bytes)),
                Cell(quantity(group.size_bytes)),
                Cell(str(len(group.paths) + group.truncated)),
                Cell(f"{group.paths[0]}  =  {group.paths[-1]}"),
            ),
        )
        for place, group in chosen
    ]


def has_words(words: str, *texts: str) -> bool:
    """Whether every word is somewhere in the texts; capital letters make no difference."""
    everything = "\0".join(texts).casefold()
    return all(word in everything for word in words.casefold().split())
