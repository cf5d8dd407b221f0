"""Differences between two images as table rows: pure, no widgets."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from screens.anatomy.rows import has_words, signed
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.units import quantity
from workbench.model.image_comparison import LayerDelta, PackageDelta, PathDelta

LAYER_COLUMNS = (
    Column("kind", "layers", 8),
    Column("before_index", "#", 3, "right", importance=2),
    Column("after_index", "#", 3, "right", importance=2),
    Column("instruction", "instruction", 20, grow=1),
    Column("before", "before", 7, "right", importance=1),
    Column("after", "after", 7, "right", importance=1),
    Column("delta", "change", 7, "right"),
)
PACKAGE_COLUMNS = (
    Column("kind", "packages", 8),
    Column("name", "name", 20, grow=1),
    Column("version", "version", 20, importance=2, most=40),
    Column("before", "before", 7, "right", importance=1),
    Column("after", "after", 7, "right", importance=1),
    Column("delta", "change", 7, "right"),
)
PATH_COLUMNS = (
    Column("kind", "where", 8),
    Column("path", "path", 20, grow=1),
    Column("before", "before", 7, "right", importance=1),
    Column("after", "after", 7, "right", importance=1),
    Column("delta", "change", 7, "right"),
)
FATTER = "◀ fattest"


class _Delta(Protocol):
    @property
    def before_bytes(self) -> int: ...

    @property
    def after_bytes(self) -> int: ...

    @property
    def delta_bytes(self) -> int: ...


D = TypeVar("D", bound=_Delta)


def _ordered(deltas: Iterable[D], *, by_change: bool) -> list[tuple[int, D]]:
    placed = list(enumerate(deltas))
    return sorted(placed, key=lambda each: -abs(each[1].delta_bytes)) if by_change else placed


def _figures(delta: _Delta) -> tuple[Cell, Cell, Cell]:
    change = delta.delta_bytes
    look = "watch" if change > 0 else "good" if change < 0 else "dim"
    return (
        Cell(quantity(delta.before_bytes), "dim"),
        Cell(quantity(delta.after_bytes)),
        Cell(signed(change) if change else "0", look),
    )


def layer_rows(
    layers: Iterable[LayerDelta], fattest: LayerDelta | None, *, by_change: bool, words: str = ""
) -> list[Row]:
    """Layers in the order of the images, or the largest change first; keyed by their place."""
    return [
        Row(
            str(place),
            (
                Cell(one.kind, "dim" if one.kind == "same" else "plain"),
                Cell("–" if one.before is None else str(one.before), "dim"),
                Cell("–" if one.after is None else str(one.after), "dim"),
                Cell(
                    (f"{FATTER}  " if one is fattest else "") + (one.after_instruction or one.before_instruction),
                    "dim" if one.kind == "same" else "strong" if one is fattest else "plain",
                ),
                *_figures(one),
            ),
        )
        for place, one in _ordered(layers, by_change=by_change)
        if has_words(words, one.kind, one.before_instruction, one.after_instruction)
    ]


def package_rows(
    packages: Iterable[PackageDelta], fattest: PackageDelta | None, *, by_change: bool, words: str = ""
) -> list[Row]:
    """Packages that differ, keyed by their place."""
    return [
        Row(
            str(place),
            (
                Cell(one.kind),
                Cell(
                    (f"{FATTER}  " if one is fattest else "") + f"{one.manager} {one.name}",
                    "strong" if one is fattest else "plain",
                ),
                Cell(" → ".join(version for version in (one.before_version, one.after_version) if version), "dim"),
                *_figures(one),
            ),
        )
        for place, one in _ordered(packages, by_change=by_change)
        if has_words(words, one.kind, one.manager, one.name)
    ]


def path_rows(paths: Iterable[PathDelta], *, by_change: bool, words: str = "") -> list[Row]:
    """Directories that differ, keyed by their place."""
    return [
        Row(str(place), (Cell(one.kind), Cell(f"/{one.path}"), *_figures(one)))
        for place, one in _ordered(paths, by_change=by_change)
        if has_words(words, one.kind, one.path)
    ]
