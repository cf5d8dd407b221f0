"""Archives and unpacked copies of packages that conda keeps."""

from collections.abc import Iterable

from workbench.checks.evidence import below, finding, named, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class CondaPackages:
    """conda keeps each package in its pkgs folder: as an archive, and unpacked.

    Unpacked files are hard links to the installed ones where the file system allows, and cost nothing: those are not
    counted. Archives and what is left of packages that are installed no more are.
    """

    name = "conda_packages"
    title = "conda package cache"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes in each pkgs folder beside a conda-meta, by layer."""
        overlay = analysis.overlay
        caches = [
            node for node in named(overlay, "pkgs") if "conda-meta" in overlay.children.get(overlay.parent[node], {})
        ]
        for bodies in per_layer(analysis, below(overlay, caches)):
            fix = run_with(analysis, bodies.layer, "conda clean --all --yes")
            yield finding(analysis, self.name, bodies, "packages in conda's cache", fix)


CHECK = CondaPackages()
