"""Files that are shipped twice for another owner or mode."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile import Step
from workbench.measure.dockerfile_words import commands_of, copy_words
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class ChownAgain:
    """A chown or chmod writes each file that it touches into a new layer, whole, while the old copy still ships."""

    name = "chown_again"
    title = "chown -R in a step of its own"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in situation.final_places():
            copied: list[tuple[int, str]] = []
            for step in situation.stages[place].own_steps:
                if step.word in ("COPY", "ADD"):
                    copied.append((step.line, copy_words(step).destination))
                elif step.word == "RUN":
                    yield from _found(situation, step, copied)


def _found(situation: DockerfileSituation, step: Step, copied: list[tuple[int, str]]) -> Iterable[DockerfileFinding]:
    for command in commands_of(step):
        recursive = any(word in ("-R", "--recursive") or word.startswith("-R") for word in command.options())
        if command.program not in ("chown", "chmod") or not recursive or not copied:
            continue
        line = copied[-1][0]
        flag = f"--{command.program}"
        yield situation.finding(
            CHECK.name,
            "medium",
            step.line,
            f"{command.program} -R ships every file that it touches a second time",
            f"delete it, and write COPY {flag}={printable((command.operands() or ('…',))[0])} in line {line}",
        )
        return


CHECK = ChownAgain()
