"""Files that a layer ships a second time although their content is the same."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import Bodies, instruction_of
from workbench.checks.hidden import hidden_findings
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_CHOWN = re.compile(r"\bchown\b(?:\s+-\S+)*\s+(?P<owner>[\w.:-]+)")
_CHMOD = re.compile(r"\bchmod\b(?:\s+-\S+)*\s+(?P<mode>[\w+=,-]+)")


class CopiedUp:
    """chown, chmod or touch of a file in a lower layer puts the whole file into the new layer: it ships twice.

    Set owner and mode in the step that writes the file.
    """

    name = "copied_up"
    title = "files shipped again unchanged"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The copies that were superseded by an equal one, by the layer that shipped them again."""

        def word(layer: int, bodies: Bodies, size: str, files: str) -> tuple[str, str]:
            message = f"{size} of files shipped again unchanged, {files}: only {_what(analysis, bodies)} changed"
            return message, _fix(analysis, layer, bodies)

        return hidden_findings(analysis, self.name, "copied_up", word)


def _what(analysis: ImageAnalysis, bodies: Bodies) -> str:
    """Which of owner, mode and time differ between the copies, as far as both are told by the largest file."""
    overlay = analysis.overlay
    place = max(bodies.hidden, key=lambda place: overlay.hidden[place].size)
    gone = overlay.hidden[place]
    told = dict(overlay.history(gone.node))
    old, new = told.get(gone.written_by), told.get(gone.hidden_by)
    if old is None or new is None:
        return "owner, mode or time"
    changed = []
    if (old.uid, old.gid) != (new.uid, new.gid):
        changed.append(f"the owner ({old.uid}:{old.gid} to {new.uid}:{new.gid})")
    if old.mode != new.mode:
        changed.append(f"the mode ({old.mode:04o} to {new.mode:04o})")
    if old.mtime != new.mtime:
        changed.append("the time")
    return " and ".join(changed) or "nothing that is told"


def _fix(analysis: ImageAnalysis, layer: int, bodies: Bodies) -> str:
    overlay = analysis.overlay
    written = max(bodies.hidden, key=lambda place: overlay.hidden[place].size)
    source = instruction_of(analysis, overlay.hidden[written].written_by)
    told = instruction_of(analysis, layer)
    option = ""
    if owner := _CHOWN.search(told):
        option = f"--chown={owner['owner']}"
    elif mode := _CHMOD.search(told):
        option = f"--chmod={mode['mode']}"
    if option and source.startswith(("COPY ", "ADD ")):
        word, rest = source.split(" ", 1)
        return f"{word} {option} {rest}\nand drop: {told}"
    if option:
        return f"do it in the RUN that writes the files, with && at its end; copied files take it with COPY {option} …"
    if told.startswith(("COPY ", "ADD ")):
        return "copy each file once: leave what is there already out of the second COPY"
    return "do it in the step that writes the files; copied files take owner and mode with COPY --chown=… --chmod=… …"


CHECK = CopiedUp()
