"""Compiled Python beside its source."""

from collections.abc import Iterable

from workbench.checks.evidence import LEAST_BYTES, Bodies, named
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import quantity
from workbench.model.image_index import ImageFinding


class Bytecode:
    """Each .pyc in a __pycache__ can be made again from its source. It makes the first import quicker.

    This is a trade, so no bytes are counted as reclaimable: what starts often is better off with it; what runs for
    long, or is pulled often, without.
    """

    name = "bytecode"
    title = "__pycache__ beside sources"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes of all bytecode whose source is there too."""
        overlay = analysis.overlay
        found = Bodies()
        for cache in named(overlay, "__pycache__"):
            sources = overlay.children.get(overlay.parent[cache], {})
            for name, node in overlay.children.get(cache, {}).items():
                if overlay.body_layer[node] < 0 or not name.endswith(".pyc"):
                    continue
                source = sources.get(f"{name.partition('.')[0]}.py")
                if source is not None and overlay.alive[source]:
                    found.nodes.append(node)
        size = found.size(overlay)
        if size >= LEAST_BYTES:
            yield ImageFinding(
                self.name,
                "info",
                f"{quantity(size, 'B')} of bytecode lie beside their sources: a quicker first start for larger pulls",
                "to do without: pip install --no-compile … and ENV PYTHONDONTWRITEBYTECODE=1",
                paths=found.paths(overlay),
            )


CHECK = Bytecode()
