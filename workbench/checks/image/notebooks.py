"""Notebooks in an image that is meant to run."""

from collections.abc import Iterable

from workbench.checks.evidence import PACKAGE_FOLDERS, ending, finding, inside, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_ELSEWHERE = PACKAGE_FOLDERS | {"share"}


class Notebooks:
    """Notebooks are work in progress, with outputs that weigh more than the code and may show data."""

    name = "notebooks"
    title = "notebooks in the image"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The .ipynb files outside of Python's packages, by layer."""
        overlay = analysis.overlay
        nodes = [node for node in ending(overlay, ".ipynb") if not inside(overlay, node, _ELSEWHERE)]
        for bodies in per_layer(analysis, nodes, 1):
            yield finding(analysis, self.name, bodies, "notebooks", "echo '**/*.ipynb' >> .dockerignore")


CHECK = Notebooks()
