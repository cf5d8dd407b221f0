"""PyTorch installed more than once."""

from collections.abc import Iterable

from workbench.checks.evidence import MEDIUM_BYTES, PACKAGE_FOLDERS, Bodies, below, finding, named, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class TorchInstalls:
    """PyTorch in two environments, or installed again over itself in a later step. Each copy is gigabytes."""

    name = "torch_installs"
    title = "several PyTorch installs"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """All live installs but the largest, and what later installs hid of earlier ones."""
        overlay = analysis.overlay
        installs = [node for node in named(overlay, "torch") if overlay.names[overlay.parent[node]] in PACKAGE_FOLDERS]
        live = sorted(
            (node for node in installs if analysis.sizes[node] >= MEDIUM_BYTES), key=lambda node: -analysis.sizes[node]
        )
        for install in live[1:]:
            for bodies in per_layer(analysis, below(overlay, [install]), MEDIUM_BYTES, with_hidden=False):
                message = f"a second PyTorch in /{overlay.path(install)}, beside /{overlay.path(live[0])}"
                fix = "install it in one environment only, and let the other programs use that one's Python"
                yield finding(analysis, self.name, bodies, message, fix)
        inside = set(below(overlay, installs))
        superseded: dict[int, Bodies] = {}
        for place, gone in enumerate(overlay.hidden):
            if gone.node in inside and gone.kind != "copied_up":
                superseded.setdefault(gone.written_by, Bodies(gone.written_by)).hidden.append(place)
        for layer, bodies in sorted(superseded.items()):
            if bodies.size(overlay) >= MEDIUM_BYTES:
                message = f"a PyTorch of layer {layer} that a later step installs over or removes"
                fix = "install the version that stays first, and nothing before it: RUN pip install torch==…"
                yield finding(analysis, self.name, bodies, message, fix, layer=layer)


CHECK = TorchInstalls()
