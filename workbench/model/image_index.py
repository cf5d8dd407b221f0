"""An image with every entry of every layer: what all acquisition ways end in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.model.images import ImageDetail
from workbench.model.layer_index import LayerIndex
from workbench.model.provenance import Provenance

KeptBodies = Mapping[str, bytes]
"""Path to content of the few files of a layer that are kept: package databases and small files that checks read."""

AcquiredVia = Literal["cache", "tar-split", "stream", "archive"]


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """Configuration, history and layer indexes of one image."""

    detail: ImageDetail
    layers: tuple[LayerIndex, ...]
    """Base first; as many as the image has file-system layers."""
    acquired_via: AcquiredVia
    """The way the layers that were not in the cache came; `cache` when all were."""
    labels: tuple[tuple[str, str], ...] = ()
    healthcheck: bool = False
    """Whether the configuration has a health check."""
    settings: tuple[tuple[str, str], ...] = ()
    """What else containers inherit from the configuration, by name: `health check`, `volumes`, `stop signal`; secrets
    masked."""
    layers_from_cache: int = 0
    bytes_spared: int = 0
    """Bytes of layer content that need not be read, thanks to the cache or to tar-split."""
    notes: tuple[str, ...] = ()
    """What a reader should know of how it was read: a fallback and its reason, a blob that did not fit."""
    provenance: Provenance | None = None
    """What its builder attested; `None` when nothing is attached, or nothing that tells of the Dockerfile."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that owns files of the merged file system."""

    manager: str
    """`deb`, `rpm`, `apk`, `pip`, `conda`, `npm`, or `root` for a curated directory such as CUDA."""
    name: str
    version: str
    """Empty when not known."""
    size_bytes: int
    """Bytes of its live files, each hard-linked inode once."""
    files: int
    layer: int
    """The layer that brought the version that is there now."""
    shipped_again_bytes: int = 0
    """Bytes of its files in lower layers that an upgrade hid: both copies are shipped."""
    location: str = ""
    """The directory its file list is relative to, such as a site-packages; empty for one that is the whole system's."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Live files of the same size and content at different paths, hard links and empty files aside."""

    size_bytes: int
    """Of one copy."""
    paths: tuple[str, ...]
    """Sorted."""
    truncated: int = 0
    """How many more paths there are than `paths` lists."""
    nodes: tuple[int, ...] = field(default=(), repr=False)
    """The overlay's node of every copy, those without a path here included, in the order of their paths."""

    @property
    def wasted_bytes(self) -> int:
        """All copies but one."""
        return (len(self.paths) + self.truncated - 1) * self.size_bytes


@dataclass(frozen=True, slots=True)
class PackageChange:
    """What a layer did to a package."""

    layer: int
    kind: Literal["arrived", "upgraded", "removed"]
    manager: str
    name: str
    version: str
    """After the layer; empty when removed or not known."""
    previous_version: str
    """Before the layer; empty when it arrived or is not known."""
    shipped_bytes: int = 0
    """Bodies of the package's files that this layer ships."""
    hidden_bytes: int = 0
    """Bodies of the package's files in lower layers that this layer hides."""
    location: str = ""


@dataclass(frozen=True, slots=True)
class BaseSplit:
    """Where the base image ends and one's own layers begin."""

    layers: int = 0
    """How many layers, from the bottom, are the base's; 0 when no base is known."""
    name: str = ""
    """The base's reference; empty when not known."""
    known_by: Literal["local image", "shared layers", "annotation", "history", "unknown"] = "unknown"
    """What tells where the base ends: a local image that is a prefix of this one, layers in common with another
    repository's image, an OCI annotation that names a base (its end then comes from the history), or the history."""


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """An image's totals in bytes of regular-file bodies."""

    shipped: int
    final: int
    removed: int
    overwritten: int
    copied_up: int
    duplicate: int
    """All copies but one of live files that are equal."""

    @property
    def hidden(self) -> int:
        """Shipped and not visible in the merged file system."""
        return self.removed + self.overwritten + self.copied_up

    @property
    def wasted(self) -> int:
        """Hidden or duplicate."""
        return self.hidden + self.duplicate

    @property
    def efficiency(self) -> float:
        """Final per shipped, from 0 to 1; 1 for an empty image."""
        return self.final / self.shipped if self.shipped else 1.0


@dataclass(frozen=True, slots=True)
class ImageFinding:
    """Something about an image that costs bytes, time or safety, with its fix."""

    check: str
    """Name of the check's module."""
    severity: Literal["high", "medium", "low", "info"]
    message: str
    """One sentence without a full stop."""
    fix: str
    """What to paste or do."""
    reclaimable_bytes: int = 0
    """Bytes the image would lose; 0 for findings that are not about size."""
    layer: int | None = None
    """The file-system layer it comes from, when it is one."""
    instruction: str = ""
    paths: tuple[str, ...] = field(default=())
    """Where, the largest first, at most 50."""
    nodes: tuple[int, ...] = field(default=(), repr=False)
    """The overlay's nodes whose live bodies it counts; the union over findings is the image's reclaimable total."""
    hidden: tuple[int, ...] = field(default=(), repr=False)
    """Places in the overlay's `hidden` of the bodies it counts as well, a part of the same union."""
