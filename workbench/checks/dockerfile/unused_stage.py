"""A stage that nothing needs."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class UnusedStage:
    """BuildKit leaves out what the target does not need.

    The classic builder builds every stage above it all the same.
    """

    name = "unused_stage"
    title = "unused stages"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        if situation.target:
            return
        for place, stage in enumerate(situation.stages):
            if place in situation.needed:
                continue
            lines = [step.line for step in stage.own_steps]
            classic = situation.builder == "classic"
            how = "and the classic builder builds it all the same" if classic else "so that BuildKit leaves it out"
            finding = situation.finding(
                self.name,
                "medium" if classic else "info",
                [stage.origin.line, *lines],
                f"nothing takes anything from the stage {printable(situation.names[place])}, {how}",
                "delete it, unless it is built by --target; BuildKit (buildx) builds only what is needed"
                if classic
                else "delete it, unless it is built by --target",
            )
            yield finding


CHECK = UnusedStage()
