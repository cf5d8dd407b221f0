"""Differences between two images as table rows: pure, no widgets."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from screens.anatomy.rows import has_words, signed
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.side_by_side import setting_rows, step_rows
from workbench.measure.units import quantity
from workbench.model.image_comparison import ImageComparison, LayerDelta, PackageDelta, PathDelta

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
SIDE = 20
"""The least cells of either side."""
SETTING_COLUMNS = (
    Column("kind", "settings", 8),
    Column("name", "setting", 22, grow=1, most=32),
    Column("before", "before", SIDE, grow=2),
    Column("after", "after", SIDE, grow=2),
)
STEP_COLUMNS = (
    Column("kind", "history", 8),
    Column("before_number", "#", 3, "right", importance=2),
    Column("after_number", "#", 3, "right", importance=2),
    Column("before", "before", SIDE, grow=1),
    Column("after", "after", SIDE, grow=1),
    Column("delta", "change", 7, "right"),
)
FATTER = "◀ fattest"


class _Changed(Protocol):
    @property
    def delta_bytes(self) -> int: ...


class _Delta(_Changed, Protocol):
    @property
    def before_bytes(self) -> int: ...

    @property
    def after_bytes(self) -> int: ...


D = TypeVar("D", bound=_Changed)


def _number(number: int | None) -> Cell:
    return Cell("–" if number is None else str(number), "dim")


def _ordered(deltas: Iterable[D], *, by_change: bool) -> list[tuple[int, D]]:
    placed = list(enumerate(deltas))
    return sorted(placed, key=lambda each: -abs(each[1].delta_bytes)) if by_change else placed


def _figures(delta: _Delta) -> tuple[Cell, Cell, Cell]:
    return Cell(quantity(delta.before_bytes), "dim"), Cell(quantity(delta.after_bytes)), _change(delta.delta_bytes)


def _change(size: int) -> Cell:
    return Cell(signed(size) if size else "0", "watch" if size > 0 else "good" if size < 0 else "dim")


def layer_rows(
    layers: Iterable[LayerDelta], fattest: LayerDelta | None, *, by_change: bool, words: str = ""
) -> list[Row]:
    """Layers in the order of the images, or the largest change first; keyed by their place."""
    return [
        Row(
            str(place),
            (
                Cell(one.kind, "dim" if one.kind == "same" else "plain"),
                _number(one.before),
                _number(one.after),
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


def setting_cells(comparison: ImageComparison, *, words: str = "") -> list[Row]:
    """Settings that differ, keyed by their place."""
    return [
        Row(str(row.place), (Cell(row.kind), Cell(row.name, "strong"), Cell(row.before, "dim"), Cell(row.after)))
        for row, one in zip(setting_rows(comparison, SIDE), comparison.configuration, strict=True)
        if has_words(words, one.kind, one.name, one.before or "", one.after or "")
    ]


def step_cells(comparison: ImageComparison, *, by_change: bool, words: str = "") -> list[Row]:
    """Steps of the histories that differ, in their order, or the largest change first; keyed by their place."""
    return [
        Row(
            str(row.place),
            (
                Cell(row.kind),
                _number(row.before_number),
                _number(row.after_number),
                Cell(row.before or "–", "dim"),
                Cell(row.after or "–"),
                _change(row.delta_bytes),
            ),
        )
        for _, row in _ordered(step_rows(comparison, SIDE), by_change=by_change)
        if has_words(
            words,
            row.kind,
            comparison.history[row.place].before_instruction,
            comparison.history[row.place].after_instruction,
        )
    ]
