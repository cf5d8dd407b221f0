"""An install that waits for an answer."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import is_apt
from workbench.model.dockerfile_findings import DockerfileFinding


class AptAsks:
    """Nobody answers during a build: `apt-get install` without `-y` ends it with an error."""

    name = "apt_asks"
    title = "apt-get that asks"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            for command in commands:
                agreed = any(
                    option in ("--yes", "--assume-yes")
                    or (not option.startswith("--") and ("y" in option or "qq" in option))
                    for option in command.options()
                )
                if (
                    is_apt(command, "install")
                    and not agreed
                    and not any("Assume-Yes" in word for word in command.words)
                ):
                    yield situation.finding(
                        self.name,
                        "medium",
                        step.line,
                        "apt-get install asks whether to go on, and the build ends because nobody answers",
                        "write apt-get install -y",
                    )
                    break


CHECK = AptAsks()
