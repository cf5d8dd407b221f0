"""The same work done twice."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile import Step
from workbench.model.dockerfile_findings import DockerfileFinding

_SHORTEST = 12
"""Characters; `true` and its like repeat without harm."""


class RepeatedStep:
    """The same RUN on the same base in two stages is built and stored twice.

    A COPY of the same to the same place is useless.
    """

    name = "repeated_step"
    title = "repeated steps"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        seen: dict[tuple[str, str, str], tuple[int, int]] = {}
        for place in sorted(situation.needed):
            for step in situation.stages[place].own_steps:
                if step.word not in ("RUN", "COPY", "ADD"):
                    continue
                text = "\n".join((" ".join(step.rest.split()), *step.heredocs))
                if step.word == "RUN" and len(text) < _SHORTEST:
                    continue
                before = seen.get((step.word, text, "" if step.word == "RUN" else str(place)))
                seen[step.word, text, "" if step.word == "RUN" else str(place)] = (place, step.line)
                if before is not None:
                    yield _finding(situation, step, before, same_stage=before[0] == place)


def _finding(
    situation: DockerfileSituation, step: Step, before: tuple[int, int], *, same_stage: bool
) -> DockerfileFinding:
    line = before[1]
    if same_stage:
        fix = f"delete this line, or line {line} when what comes between changes what it does"
        return situation.finding(CHECK.name, "low", step.line, f"line {line} says the very same in this stage", fix)
    name = situation.names[before[0]]
    return situation.finding(
        CHECK.name,
        "medium",
        step.line,
        f"line {line} does the very same in the stage {name}",
        "do it once in a stage of its own that both are built on: FROM … AS common",
    )


CHECK = RepeatedStep()
