"""Wheels that were copied in, or built, to be installed."""

from collections.abc import Iterable

from workbench.checks.evidence import ending, finding, inside, instruction_of, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_CACHES = frozenset((".cache", "ensurepip", "python-wheels"))
"""Folders whose wheels other checks count, or that Python itself needs."""


class Wheels:
    """A wheel is of no use once it is installed. Removed in a later step, it still ships with the one that brought it.

    Mount the folder for the length of one RUN instead: nothing of it gets into a layer.
    """

    name = "wheels"
    title = "wheels left behind"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The .whl files outside of caches, live or removed later, by layer."""
        overlay = analysis.overlay
        nodes = [node for node in ending(overlay, ".whl") if not inside(overlay, node, _CACHES)]
        for bodies in per_layer(analysis, nodes):
            told = instruction_of(analysis, bodies.layer)
            source = (
                told.split()[1]
                if told.startswith(("COPY ", "ADD ")) and len(told.split()) == 3 and "…" not in told
                else "wheels"
            )
            fix = (
                f"instead of copying them:\n"
                f"RUN --mount=type=bind,source={source},target=/wheels pip install --no-index --find-links=/wheels …"
            )
            yield finding(analysis, self.name, bodies, "wheels, of no use once they are installed", fix)


CHECK = Wheels()
