"""Packages that apt downloaded, and its indexes."""

from collections.abc import Iterable

from workbench.checks.evidence import below, finding, folders, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class AptArchives:
    """apt keeps what it downloaded in /var/cache/apt: the packages themselves and two indexes of all there are.

    Debian's own images delete them by themselves; others do not, and a BuildKit cache mount keeps them outside.
    """

    name = "apt_archives"
    title = "apt archives"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The .deb files and the .bin indexes below var/cache/apt, by layer."""
        overlay = analysis.overlay
        nodes = [
            node
            for node in below(overlay, folders(overlay, "var/cache/apt"))
            if overlay.names[node].endswith((".deb", ".bin"))
        ]
        for bodies in per_layer(analysis, nodes):
            fix = run_with(analysis, bodies.layer, "apt-get clean && rm -f /var/cache/apt/*.bin")
            yield finding(analysis, self.name, bodies, "packages and indexes that apt downloaded", fix)


CHECK = AptArchives()
