"""A step that deletes what an earlier one shipped."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import Command, commands_of, is_apt
from workbench.model.dockerfile_findings import DockerfileFinding


class RemovedLater:
    """What a layer holds stays in the image when a later step deletes it: the deletion only hides it."""

    name = "removed_later"
    title = "deleted in a step of its own"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in situation.final_places():
            made = 0
            for step in situation.stages[place].own_steps:
                if step.word in ("COPY", "ADD"):
                    made = step.line
                elif step.word == "RUN":
                    commands = commands_of(step)
                    if made and commands and all(_removes(command) for command in commands):
                        yield situation.finding(
                            self.name,
                            "medium",
                            step.line,
                            "deleting in a step of its own frees nothing: the layer that brought the files still "
                            "ships them",
                            "delete in the RUN that makes them; what a COPY brings leave out by .dockerignore",
                        )
                    made = step.line


def _removes(command: Command) -> bool:
    if command.program in ("rm", "rmdir", "unlink"):
        return True
    return any(is_apt(command, verb) for verb in ("clean", "autoclean", "purge", "remove", "autoremove"))


CHECK = RemovedLater()
