"""Files that a later layer deletes, and that ship all the same."""

from collections.abc import Iterable

from workbench.checks.evidence import Bodies, instruction_of
from workbench.checks.hidden import hidden_findings
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class RemovedLater:
    """Deleting a file in a later layer hides it. Its bytes stay in the layer that wrote it, and are pulled each time.

    Delete in the step that writes, or write in a stage that is not shipped.
    """

    name = "removed_later"
    title = "deleted too late"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes that each layer deletes from the layers below it."""

        def word(layer: int, bodies: Bodies, size: str, files: str) -> tuple[str, str]:
            message = (
                f"{size} of {files} that this layer deletes ship all the same, with layer {_writers(analysis, bodies)}"
            )
            return message, _fix(analysis, layer, bodies)

        return hidden_findings(analysis, self.name, "removed", word)


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
