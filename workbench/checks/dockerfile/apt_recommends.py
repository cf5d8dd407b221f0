"""Packages that apt only recommends."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import is_apt
from workbench.model.dockerfile_findings import DockerfileFinding


class AptRecommends:
    """Without `--no-install-recommends` apt installs what packages recommend, often more than what was asked for."""

    name = "apt_recommends"
    title = "apt's recommended packages"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            for command in commands:
                options = command.options()
                asked = "--no-install-recommends" in options or any(
                    "Install-Recommends" in word for word in command.words
                )
                if is_apt(command, "install") and not asked:
                    yield situation.finding(
                        self.name,
                        "low",
                        step.line,
                        "apt-get install brings the packages that others only recommend",
                        "add --no-install-recommends to apt-get install, and name what then turns out to be missing",
                    )
                    break


CHECK = AptRecommends()
