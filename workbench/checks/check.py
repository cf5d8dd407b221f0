"""What a check is: it looks at an analysed image and tells what costs bytes, time or safety."""

from collections.abc import Iterable
from typing import Protocol

from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class Check(Protocol):
    """One thing to look for. Its module in `image` defines one as `CHECK`; the docstring of its class is its help."""

    @property
    def name(self) -> str:
        """The name of its module."""
        ...

    @property
    def title(self) -> str:
        """A few words for a list."""
        ...

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """Everything of its kind that the image has; pure, and never raises for what an image may hold."""
        ...
