"""A CMD or ENTRYPOINT that another one replaces."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.model.dockerfile_findings import DockerfileFinding

if TYPE_CHECKING:
    from workbench.measure.dockerfile import Step


class SeveralCommands:
    """Only the last CMD, ENTRYPOINT and HEALTHCHECK of a stage count."""

    name = "several_commands"
    title = "several CMD"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in sorted(situation.needed):
            newest: dict[str, Step] = {}
            for step in situation.stages[place].own_steps:
                if step.word not in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
                    continue
                if step.word in newest:
                    yield situation.finding(
                        self.name,
                        "low",
                        newest[step.word].line,
                        f"this {step.word} counts for nothing, since line {step.line} replaces it",
                        "delete it",
                    )
                newest[step.word] = step


CHECK = SeveralCommands()
