"""A context that is larger than it need be."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import copy_words
from workbench.measure.text import printable
from workbench.measure.units import quantity
from workbench.model.dockerfile_findings import DockerfileFinding, FindingSeverity

_LEAST_BYTES = 100_000


class IgnoreFile:
    """All that a COPY takes of the folder is sent to the builder and hashed at each build.

    Changes of it run steps again.
    """

    name = "ignore_file"
    title = "what .dockerignore should leave out"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        context = situation.context
        size = sum(part.bytes for part in context.unneeded)
        if not context.unneeded or (
            size < _LEAST_BYTES and not any("secret" in part.reason for part in context.unneeded)
        ):
            return
        largest = [
            f"{printable(part.path)} ({quantity(part.bytes, 'B')}, {part.reason})" for part in context.unneeded[:3]
        ]
        lines = "".join(f"\n{printable(part.pattern)}" for part in context.unneeded)
        where = f"add to {printable(context.ignore_file)}" if context.ignore_file else "make a .dockerignore"
        more = f" and {len(context.unneeded) - 3} more" if len(context.unneeded) > 3 else ""
        severity: FindingSeverity = "high" if size >= 10**8 else "medium" if size >= 10**6 else "low"
        yield DockerfileFinding(
            self.name,
            severity,
            _line(situation),
            f"{quantity(size, 'B')} of {quantity(context.sent_bytes, 'B')} in the context need not be there: "
            f"{', '.join(largest)}{more}",
            f"{where}:{lines}",
            None,
            size,
        )


def _line(situation: DockerfileSituation) -> int:
    """Of the first step that takes something of the context."""
    for _, step in situation.built_steps():
        if step.word in ("COPY", "ADD") and not copy_words(step).from_:
            return step.line
    return 1


CHECK = IgnoreFile()
