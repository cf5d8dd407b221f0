"""An image taken apart: acquired, analysed, checked. What the screens show of an image, in one value."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.measure.analysis import ImageAnalysis
from workbench.measure.changes import LayerChanges, layer_changes
from workbench.measure.name_search import NameSearch
from workbench.model.acquired import AcquiredImage, FileReader
from workbench.model.image_index import ImageFinding

if TYPE_CHECKING:
    from workbench.checks.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ImageAnatomy:
    """An image with all there is to say of it."""

    analysis: ImageAnalysis
    findings: tuple[ImageFinding, ...]
    """The most severe first."""
    reclaimable_bytes: int
    """What it would lose if every finding were mended, nothing counted twice."""
    verdict: "Verdict"
    """Whether it is small enough for what it is."""
    changes: tuple[LayerChanges, ...] = field(repr=False)
    """What each layer did, base first."""
    names: NameSearch = field(repr=False)
    """Finds paths by their names."""
    files: FileReader = field(repr=False)
    """Gives the content of its files."""
    seconds: float = 0.0
    """From the question to this value."""


def take_apart(
    acquired: AcquiredImage,
    *,
    local_images: Sequence[tuple[str, Sequence[str]]] = (),
    started: float | None = None,
) -> ImageAnatomy:
    """Analyse and check an image that was acquired.

    Args:
        acquired: The image.
        local_images: Name and diff ids of other images at hand.
        started: When the acquisition began, as `time.monotonic` gives it; `None` is now.
    """
    from workbench.checks import judge, reclaimable
    from workbench.examination import examine

    began = time.monotonic() if started is None else started
    analysis, findings = examine(acquired, local_images=local_images)
    return ImageAnatomy(
        analysis=analysis,
        findings=findings,
        reclaimable_bytes=reclaimable(analysis, findings),
        verdict=judge(analysis),
        changes=layer_changes(analysis.overlay),
        names=NameSearch(analysis.overlay),
        files=acquired.files,
        seconds=time.monotonic() - began,
    )
