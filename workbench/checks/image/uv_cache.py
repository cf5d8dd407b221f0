"""What uv and Poetry keep of their downloads."""

from collections.abc import Iterable

from workbench.checks.evidence import below, finding, instruction_of, named, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_CACHES = {"uv": "/root/.cache/uv", "pypoetry": "/root/.cache/pypoetry", "pdm": "/root/.cache/pdm"}


class UvCache:
    """uv, Poetry and PDM keep downloads and unpacked wheels below ~/.cache.

    uv links files from its cache into the environment where it can: what is linked costs nothing twice and is not
    counted here.
    """

    name = "uv_cache"
    title = "uv, Poetry and PDM caches"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes below each such cache, by layer."""
        overlay = analysis.overlay
        for tool, place in _CACHES.items():
            caches = [node for node in named(overlay, tool) if overlay.names[overlay.parent[node]] == ".cache"]
            for bodies in per_layer(analysis, below(overlay, caches)):
                told = instruction_of(analysis, bodies.layer)
                rest = told[4:] if told.startswith("RUN ") else "…"
                also = "\nor: ENV UV_NO_CACHE=1" if tool == "uv" else ""
                fix = f"RUN --mount=type=cache,target={place} {rest}{also}"
                yield finding(analysis, self.name, bodies, f"downloads in the cache of {tool}", fix)


CHECK = UvCache()
