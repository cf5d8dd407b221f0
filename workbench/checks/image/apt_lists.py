"""Package lists that `apt-get update` leaves behind."""

from collections.abc import Iterable

from workbench.checks.evidence import below, finding, folders, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class AptLists:
    """`apt-get update` downloads lists of all packages there are. They serve only to install something.

    They have to go in the RUN that fetched them: a later one hides them and frees nothing.
    """

    name = "apt_lists"
    title = "apt package lists"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes below var/lib/apt/lists, by layer."""
        overlay = analysis.overlay
        for bodies in per_layer(analysis, below(overlay, folders(overlay, "var/lib/apt/lists"))):
            fix = run_with(analysis, bodies.layer, "rm -rf /var/lib/apt/lists/*")
            yield finding(analysis, self.name, bodies, "apt package lists, of no use once packages are installed", fix)


CHECK = AptLists()
