"""What npm, Yarn and pnpm keep of their downloads."""

from collections.abc import Iterable

from workbench.checks.evidence import below, finding, folders, named, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_UNDER = {"_cacache": (".npm",), "yarn": (".cache",), "cache": (".yarn",), "store": ("pnpm",)}
"""Name of a cache to the folders it stands in."""


class NodeCaches:
    """npm, Yarn and pnpm keep each package they downloaded. The application needs only node_modules."""

    name = "node_caches"
    title = "npm, Yarn and pnpm caches"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes in each such cache, by layer."""
        overlay = analysis.overlay
        caches = [
            node
            for node in named(overlay, *_UNDER)
            if overlay.names[overlay.parent[node]] in _UNDER[overlay.names[node]]
        ]
        caches += folders(overlay, "usr/local/share/.cache")
        for bodies in per_layer(analysis, below(overlay, caches)):
            fix = run_with(analysis, bodies.layer, "npm cache clean --force")
            fix += "\nor: RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev"
            fix += "\nYarn: yarn cache clean; pnpm: pnpm store prune"
            yield finding(analysis, self.name, bodies, "downloads in the caches of npm, Yarn or pnpm", fix)


CHECK = NodeCaches()
