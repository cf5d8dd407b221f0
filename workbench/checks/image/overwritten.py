"""Files that a later layer replaces: both copies ship."""

from collections.abc import Iterable

from workbench.checks.evidence import Bodies, some
from workbench.checks.hidden import hidden_findings
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class Overwritten:
    """A file that a later layer writes anew ships twice: the old content is hidden, not gone.

    Most often a package is installed in one step and upgraded in another.
    """

    name = "overwritten"
    title = "replaced by a later layer"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes that each layer replaces in the layers below it."""

        def word(layer: int, bodies: Bodies, size: str, files: str) -> tuple[str, str]:
            upgraded = [
                f"{change.name} {change.previous_version} to {change.version}"
                for change in analysis.package_changes
                if change.layer == layer and change.kind == "upgraded" and change.hidden_bytes
            ]
            because = f": it upgrades {some(upgraded, 3)}" if upgraded else ""
            message = f"{size} of {files} that this layer replaces ship as well{because}"
            return message, _fix(analysis, bodies, upgraded=bool(upgraded))

        return hidden_findings(analysis, self.name, "overwritten", word)


def _fix(analysis: ImageAnalysis, bodies: Bodies, *, upgraded: bool) -> str:
    if all(analysis.is_base(analysis.overlay.hidden[place].written_by) for place in bodies.hidden):
        return "take a newer tag of the base image, which has the new files already: docker pull, then build again"
    if upgraded:
        return "install the version that stays in the first step: pin it there, and drop the upgrade"
    return "write each file once: join the two steps, or make the file in a build stage"


CHECK = Overwritten()
