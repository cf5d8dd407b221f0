"""A WORKDIR that depends on what was before."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile import stage_of
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class RelativeFolder:
    """A relative WORKDIR is below the one before it, or below whatever the base image happens to have."""

    name = "relative_folder"
    title = "relative WORKDIR"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in sorted(situation.needed):
            stage = situation.stages[place]
            known = stage_of(situation.stages, stage.image, place) is not None
            for step in stage.own_steps:
                if step.word != "WORKDIR":
                    continue
                folder = step.rest.strip().strip("\"'")
                if not known and not folder.startswith(("/", "$")) and folder[1:2] != ":":
                    yield situation.finding(
                        self.name,
                        "low",
                        step.line,
                        "a relative WORKDIR is below whatever folder the base image has set",
                        f"write WORKDIR /{printable(folder)}",
                    )
                known = True


CHECK = RelativeFolder()
