"""What the compare mode can be asked to hold together, besides the marks.

Each choice is another one, even of the same: it is looked at anew.
"""

from dataclasses import dataclass
from typing import TypeAlias

from workbench.model.images import ImageSource

RunSides: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""The numbers of the runs before and after."""


@dataclass(frozen=True, slots=True, eq=False)
class ImagePair:
    """Two images."""

    before: tuple[ImageSource, str]
    """Id or archive, and name."""
    after: tuple[ImageSource, str]

    def swapped(self) -> "ImagePair":
        """Before as after, and after as before."""
        return ImagePair(self.after, self.before)


@dataclass(frozen=True, slots=True, eq=False)
class KeptComparison:
    """A comparison that was kept when it was made."""

    run: int
    """Its number among the runs."""


Subject: TypeAlias = RunSides | ImagePair | KeptComparison
