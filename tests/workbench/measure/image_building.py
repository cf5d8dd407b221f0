"""Whole images in a few words, for tests of the arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.workbench.measure.layer_building import Row, layer, text_file
from workbench.model.image_index import ImageIndex, KeptBodies
from workbench.model.images import ImageDetail, Layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.model.layer_index import LayerIndex

HOUR = 3600.0


def detail(
    *instructions: str | tuple[str, float | None],
    references: tuple[str, ...] = ("app:1",),
    user: str = "",
    environment: tuple[tuple[str, str], ...] = (),
    command: tuple[str, ...] = (),
) -> ImageDetail:
    """Steps; one that starts with `-` makes no layer; with a time of creation, or without."""
    rows = []
    index = 0
    for told in instructions:
        text, created = told if isinstance(told, tuple) else (told, None)
        empty = text.startswith("-")
        rows.append(Layer(None if empty else index, None, text.removeprefix("-"), 0, created))
        index += not empty
    return ImageDetail(
        "sha256:1", references, 0, "amd64", "linux", "", user, "", (), command, (), environment, tuple(rows), "archive"
    )


def image(
    layers: Sequence[LayerIndex], about: ImageDetail | None = None, labels: tuple[tuple[str, str], ...] = ()
) -> ImageIndex:
    return ImageIndex(about or detail(), tuple(layers), "archive", labels=labels)


def shipped(*stack: dict[str, str | bytes | Row]) -> tuple[list[LayerIndex], list[KeptBodies]]:
    """Layers of path -> text or row, and the texts as the bodies that were kept."""
    indexes, kept = [], []
    for files in stack:
        rows = [text_file(path, what) if isinstance(what, str | bytes) else what for path, what in files.items()]
        indexes.append(layer(*rows))
        kept.append(
            {
                path: what.encode() if isinstance(what, str) else what
                for path, what in files.items()
                if isinstance(what, str | bytes)
            }
        )
    return indexes, list(kept)
