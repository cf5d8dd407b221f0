"""What is built, and how."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import UsageError
from workbench.measure.text import printable
from workbench.model.build import BuildStep

_LARGEST_DOCKERFILE = 1 << 20

Heard = Callable[[tuple[BuildStep, ...]], object]
"""Gets the steps as they are known so far."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A context and its Dockerfile."""

    context: Path
    dockerfile: Path
    target: str = ""
    """The stage to build; empty for the last."""
    arguments: tuple[tuple[str, str], ...] = ()
    """Build arguments."""
    uses_cache: bool = True
    tag: str = ""
    """What the image is called afterwards; without, it is removed again."""

    def text(self) -> str:
        """The Dockerfile.

        Raises:
            UsageError: when it cannot be read.
        """
        try:
            with self.dockerfile.open("rb") as file:
                return file.read(_LARGEST_DOCKERFILE).decode("utf-8", "replace")
        except OSError as error:
            raise UsageError(f"{printable(str(self.dockerfile))} cannot be read: {error.strerror}") from None
