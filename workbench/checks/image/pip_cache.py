"""What pip keeps of its downloads."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import below, finding, instruction_of, named, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_INSTALL = re.compile(r"\bpip(3?(?:\.\d+)?) install\b(?! --no-cache-dir)")


class PipCache:
    """pip keeps every download and every wheel it built in ~/.cache/pip, to be quicker the next time.

    In an image there is no next time. A cache mount keeps the speed and leaves nothing in the layer.
    """

    name = "pip_cache"
    title = "pip cache"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes below each .cache/pip, by layer."""
        overlay = analysis.overlay
        caches = [node for node in named(overlay, "pip") if overlay.names[overlay.parent[node]] == ".cache"]
        for bodies in per_layer(analysis, below(overlay, caches)):
            yield finding(analysis, self.name, bodies, "downloads in pip's cache", _fix(analysis, bodies.layer))


def _fix(analysis: ImageAnalysis, layer: int | None) -> str:
    told = instruction_of(analysis, layer)
    mounted = "RUN --mount=type=cache,target=/root/.cache/pip"
    if told.startswith("RUN ") and _INSTALL.search(told):
        plain = _INSTALL.sub(r"pip\1 install --no-cache-dir", told)
        return f"{plain}\nor, faster to rebuild: {mounted} {told[4:]}"
    return f"pip install --no-cache-dir …\nor, faster to rebuild: {mounted} pip install …"


CHECK = PipCache()
