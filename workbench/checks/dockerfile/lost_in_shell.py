"""A change that ends with its step."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding

_LOST = frozenset(("cd", "export", "source", ".", "umask", "alias", "ulimit", "set"))


class LostInShell:
    """Each RUN has a shell of its own: a `cd` or `export` that nothing follows changes nothing."""

    name = "lost_in_shell"
    title = "cd or export alone"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            if commands and all(command.program in _LOST for command in commands):
                cures = {"cd": "write WORKDIR instead", "export": "write ENV instead"}
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    f"{printable(commands[-1].program)} ends with this step and changes nothing for the next one",
                    cures.get(commands[-1].program, "do it in the RUN that needs it"),
                )
            elif commands and commands[0].program == "cd" and commands[0].operands()[:1] and len(commands) > 1:
                folder = commands[0].operands()[0]
                if folder.startswith("/") and not folder.startswith("/tmp"):  # noqa: S108
                    yield situation.finding(
                        self.name,
                        "info",
                        step.line,
                        "the step changes its folder with cd, which the steps below it do not see",
                        f"write WORKDIR {printable(folder)} before it, where more than one step works there",
                    )


CHECK = LostInShell()
