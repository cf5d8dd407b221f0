"""What pulling an image takes."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PullLayer:
    """A layer as a registry sends it."""

    compressed_bytes: int
    unpacked_bytes: int
    is_here: bool = False
    """Whether the engine has it already, and pulls nothing."""


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """When a layer was downloaded and unpacked, in seconds since the pull began; `None` where that was not seen."""

    download_began: float | None
    download_ended: float | None
    extract_began: float | None
    extract_ended: float | None


@dataclass(frozen=True, slots=True)
class PullEstimate:
    """A pull as it would go."""

    image: str
    image_id: str
    """Empty when the engine does not have it."""
    source: Literal["registry", "estimated"]
    """Where the compressed sizes come from."""
    error_percent: float
    """How far they may be off, by the spread of the samples; 0 for a registry's own."""
    layers: tuple[PullLayer, ...]
    """Base first."""
    bandwidth_bytes_per_second: float
    extract_bytes_per_second: float
    times: tuple[LayerTimes, ...]
    seconds: float

    @property
    def compressed_bytes(self) -> int:
        """Of all layers, whether they are here or not."""
        return sum(layer.compressed_bytes for layer in self.layers)

    @property
    def pulled_bytes(self) -> int:
        """Of the layers that are not here."""
        return sum(layer.compressed_bytes for layer in self.layers if not layer.is_here)


@dataclass(frozen=True, slots=True)
class TimedPull:
    """A pull as it went."""

    image: str
    image_id: str
    seconds: float
    layers: tuple[tuple[str, int | None, LayerTimes], ...]
    """Short id, compressed bytes as the engine tells, and times, in the order of the image."""
    began_at: float
    """Unix time in seconds."""

    @property
    def bytes_per_second(self) -> float | None:
        """While anything was downloaded; `None` when the engine tells no sizes."""
        begins = [times.download_began for _, _, times in self.layers if times.download_began is not None]
        ends = [times.download_ended for _, _, times in self.layers if times.download_ended is not None]
        size = sum(size or 0 for _, size, _ in self.layers)
        return size / (max(ends) - min(begins)) if begins and ends and size and max(ends) > min(begins) else None
