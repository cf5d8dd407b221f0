"""What an image would lose if every finding were mended: a union, so that nothing counts twice."""

from collections.abc import Iterable

from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import Overlay
from workbench.model.image_index import ImageFinding


def reclaimable(analysis: ImageAnalysis, findings: Iterable[ImageFinding]) -> int:
    """Bytes of all bodies that any of the findings counts, each body once.

    Args:
        analysis: The image that the findings are of.
        findings: In any order.
    """
    nodes: set[int] = set()
    hidden: set[int] = set()
    for finding in findings:
        nodes.update(finding.nodes)
        hidden.update(finding.hidden)
    return body_bytes(analysis.overlay, nodes, hidden)


def body_bytes(overlay: Overlay, nodes: Iterable[int], hidden: Iterable[int] = ()) -> int:
    """Bytes of live bodies and of hidden ones; a body with several paths counts once.

    Args:
        overlay: The stacked image.
        nodes: Nodes of live bodies.
        hidden: Places in `overlay.hidden`, each at most once.
    """
    live = {(overlay.body_layer[node], overlay.body_number[node]): overlay.size(node) for node in nodes}
    return sum(live.values()) + sum(overlay.hidden[place].size for place in hidden)
