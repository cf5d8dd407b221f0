"""Files that a later layer deletes, and that ship all the same."""

from collections.abc import Iterable

from workbench.checks.evidence import LEAST_BYTES, Bodies, by_size, instruction_of
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import counted, quantity
from workbench.model.image_index import ImageFinding


class RemovedLater:
    """Deleting a file in a later layer hides it. Its bytes stay in the layer that wrote it, and are pulled each time.

    Delete in the step that writes, or write in a stage that is not shipped.
    """

    name = "removed_later"
    title = "deleted too late"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes that each layer deletes from the layers below it."""
        overlay = analysis.overlay
        groups: dict[int, Bodies] = {}
        for place, gone in enumerate(overlay.hidden):
            if gone.kind == "removed":
                groups.setdefault(gone.hidden_by, Bodies(gone.hidden_by)).hidden.append(place)
        for layer, bodies in sorted(groups.items()):
            size = bodies.size(overlay)
            if size < LEAST_BYTES:
                continue
            yield ImageFinding(
                self.name,
                by_size(size),
                f"{quantity(size, 'B')} of {counted(len(bodies.hidden), 'file')} that this layer deletes ship all the "
                f"same, with layer {_writers(analysis, bodies)}",
                _fix(analysis, layer, bodies),
                size,
                layer,
                analysis.instruction(layer),
                bodies.paths(overlay),
                hidden=tuple(bodies.hidden),
            )


def _by_writer(analysis: ImageAnalysis, bodies: Bodies) -> list[int]:
    sizes: dict[int, int] = {}
    for place in bodies.hidden:
        gone = analysis.overlay.hidden[place]
        sizes[gone.written_by] = sizes.get(gone.written_by, 0) + gone.size
    return sorted(sizes, key=lambda layer: -sizes[layer])


def _writers(analysis: ImageAnalysis, bodies: Bodies) -> str:
    return ", ".join(str(layer) for layer in _by_writer(analysis, bodies)[:5])


def _fix(analysis: ImageAnalysis, layer: int, bodies: Bodies) -> str:
    writer = _by_writer(analysis, bodies)[0]
    wrote, removes = instruction_of(analysis, writer), instruction_of(analysis, layer)
    if wrote.startswith("RUN ") and removes.startswith("RUN "):
        return f"{wrote} && {removes[4:]}"
    if wrote.startswith(("COPY ", "ADD ")):
        return (
            f"instead of: {wrote}\n"
            "mount it for the one step that needs it: RUN --mount=type=bind,source=…,target=/mnt … "
            "or copy it in a build stage only"
        )
    if analysis.is_base(writer):
        return "the base image ships them: take a base without them, or copy what you need into a smaller one"
    return "delete in the step that writes, or write in a build stage and COPY --from= only what is needed"


CHECK = RemovedLater()
