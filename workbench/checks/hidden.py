"""Bytes that ship and are hidden by a later layer: gathered by the layer that hides them, and worded as findings."""

from collections.abc import Callable, Iterator

from workbench.checks.evidence import LEAST_BYTES, Bodies, by_size
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import HiddenKind
from workbench.measure.units import counted, quantity
from workbench.model.image_index import ImageFinding


def hidden_findings(
    analysis: ImageAnalysis,
    check: str,
    kind: HiddenKind,
    word: Callable[[int, Bodies, str, str], tuple[str, str]],
) -> Iterator[ImageFinding]:
    """One finding for each layer that hides enough of the layers below it, base first.

    Args:
        analysis: The image.
        check: Name of the check's module.
        kind: How the bodies are hidden.
        word: Makes message and fix of the layer that hides, the bodies it hides, their bytes and their number in words.
    """
    overlay = analysis.overlay
    groups: dict[int, Bodies] = {}
    for place, gone in enumerate(overlay.hidden):
        if gone.kind == kind:
            groups.setdefault(gone.hidden_by, Bodies(gone.hidden_by)).hidden.append(place)
    for layer, bodies in sorted(groups.items()):
        size = bodies.size(overlay)
        if size < LEAST_BYTES:
            continue
        message, fix = word(layer, bodies, quantity(size, "B"), counted(len(bodies.hidden), "file"))
        yield ImageFinding(
            check,
            by_size(size),
            message,
            fix,
            size,
            layer,
            analysis.instruction(layer),
            bodies.paths(overlay),
            hidden=tuple(bodies.hidden),
        )
