"""An image as it was acquired: its index, the package databases in its layers and a way to its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from workbench.model.image_index import ImageIndex, KeptBodies
from workbench.model.images import ImageDetail
from workbench.model.layer_index import LayerIndex

Stage = Literal["inspect", "cache", "tar-split", "helper", "waiting", "stream", "archive", "packages", "done"]
"""What is being done. `waiting`: the engine writes its own copy of an image before it sends the first byte."""


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """What is known of one layer as soon as it was read, before the others were."""

    index: int
    """Its place among the layers, base first."""
    shipped_bytes: int
    """Sum of the bodies of its regular files."""
    entries: int


@dataclass(frozen=True, slots=True)
class AcquireProgress:
    """How far an acquisition is."""

    stage: Stage
    message: str = ""
    """One sentence for a status line, without a full stop."""
    detail: ImageDetail | None = None
    """What inspect tells, as soon as it is known."""
    layers_done: int = 0
    layers_total: int = 0
    bytes_done: int = 0
    bytes_total: int | None = None
    """`None` when not known."""
    bytes_per_second: float | None = None
    layer: LayerIndex | None = None
    """The layer that has just been completed, told once each; `None` in between."""
    figures: tuple[LayerFigures, ...] = ()
    """Of every layer that is complete so far, in their order. Fewer than `layers_done` where it is not known yet which
    of the image's layers one is."""


class FileReader(Protocol):
    """Gives the content of single files of an acquired image."""

    def read_file(self, layer: int, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a regular file of one layer.

        Args:
            layer: Index of the layer whose body is wanted.
            path: As in the layer's index.
            limit: Most bytes.

        Raises:
            WorkbenchError: when it cannot be had from here, with the reason.
        """
        ...

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        """The content of a regular file of one layer, piece by piece.

        Raises:
            WorkbenchError: when it cannot be had from here, with the reason.
        """
        ...

    def close(self) -> None:
        """Let go of what was opened for it. Callable twice."""
        ...


@dataclass(frozen=True, slots=True)
class AcquiredImage:
    """An image with everything that analyses need of it."""

    index: ImageIndex
    contents: tuple[KeptBodies, ...]
    """For each layer, base first."""
    files: FileReader
