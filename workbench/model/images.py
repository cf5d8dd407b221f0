"""Images as inspect and history describe them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """One image in the engine's list."""

    id: str
    """`sha256:…`"""
    references: tuple[str, ...]
    """`name:tag`, in the engine's order; empty for a dangling image."""
    size_bytes: int
    """Sum of its layers, uncompressed, as the engine counts."""
    created_at: float
    """Unix time in seconds."""
    containers: int | None = None
    """How many containers, running or not, use it; `None` when not counted."""


@dataclass(frozen=True, slots=True)
class ImageArchive:
    """An image that is in a file or in a directory and not in an engine."""

    path: Path
    """What `docker save` writes, an OCI archive, or the directory of an OCI layout."""
    reference: str = ""
    """Which image, where there are several: a name, or the beginning of an id."""
    platform: str = ""
    """Which platform, where there are several; empty for this machine's."""


ImageSource = str | ImageArchive
"""Id or name of an engine's image, or an archive."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history."""

    index: int | None
    """Position among the file-system layers, base first from 0; `None` for a step that only changes configuration."""
    diff_id: str | None
    """Digest of the uncompressed layer; `None` for a step without one, or when steps and layers cannot be matched."""
    instruction: str
    """The Dockerfile instruction, secrets masked, without the builder's decoration."""
    size_bytes: int
    """Bytes of the regular files it ships."""
    created_at: float | None
    """Unix time in seconds."""


@dataclass(frozen=True, slots=True)
class ImageDetail:
    """One image with its layers, base first."""

    id: str
    references: tuple[str, ...]
    size_bytes: int
    architecture: str
    operating_system: str
    created: str
    """ISO 8601, as the image says."""
    user: str
    working_dir: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    exposed_ports: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    """Name and value; values of secret-looking names are masked."""
    layers: tuple[Layer, ...]
    """Every step of the history, base first, empty ones included."""
    acquired_via: str
    """Where the numbers come from: `inspect` or `archive`."""
