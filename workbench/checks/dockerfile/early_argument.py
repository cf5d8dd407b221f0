"""An argument that changes often, above steps that take long."""

import re
from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile import Step
from workbench.measure.dockerfile_variables import assignments, variables_in
from workbench.measure.text import printable
from workbench.measure.units import counted, duration
from workbench.model.dockerfile_findings import DockerfileFinding

_CHANGES_OFTEN = re.compile(
    r"(?:^|_)(?:DATE|TIME|TIMESTAMP|COMMIT|SHA|REVISION|GIT_REF|VCS_REF|BUILD|BUILD_ID|BUILD_NUMBER|CACHEBUST)(?:_|$)",
    re.IGNORECASE,
)


class EarlyArgument:
    """Every RUN below an ARG depends on its value, used or not: a commit's number has all of them run again.

    An ARG belongs right above the first step that uses it.
    """

    name = "early_argument"
    title = "argument too early"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in sorted(situation.needed):
            steps = situation.stages[place].own_steps
            used = [variables_in("\n".join((step.rest, *step.heredocs))) for step in steps]
            for number, step in enumerate(steps):
                if step.word != "ARG":
                    continue
                for name in assignments("ARG", step.rest):
                    if _CHANGES_OFTEN.search(name):
                        below = zip(steps[number + 1 :], used[number + 1 :], strict=True)
                        yield from _found(situation, name, step, below)


def _found(
    situation: DockerfileSituation, name: str, argument: Step, below: Iterable[tuple[Step, frozenset[str]]]
) -> Iterable[DockerfileFinding]:
    idle = []
    for step, used in below:
        if name in used:
            break
        if step.word == "RUN":
            idle.append(step.line)
    if not idle:
        return
    seconds = situation.seconds(*idle)
    cost = f", {duration(seconds)} in all" if seconds is not None else ""
    yield DockerfileFinding(
        CHECK.name,
        "medium",
        argument.line,
        f"each value of {printable(name)} runs {counted(len(idle), 'step')} again that "
        f"{'does' if len(idle) == 1 else 'do'} not use it{cost}",
        f"move the ARG below line {idle[-1]}",
        seconds,
    )


CHECK = EarlyArgument()
