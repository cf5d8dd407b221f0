"""`apt-get update` in a step of its own."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import is_apt
from workbench.model.dockerfile_findings import DockerfileFinding


class AptUpdateAlone:
    """The cache keeps the lists of packages of the day when the step last ran.

    A later install then asks for versions that are gone, or installs old ones. In one RUN with the install it is
    done again whenever the install changes.
    """

    name = "apt_update_alone"
    title = "apt-get update alone"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            updates = any(is_apt(command, "update") for command in commands)
            if updates and not any(
                is_apt(command, verb) for command in commands for verb in ("install", "upgrade", "build-dep")
            ):
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    "apt-get update stands in a step of its own, so that a cached list of packages serves later "
                    "installs",
                    "join it with the install: RUN apt-get update && apt-get install -y --no-install-recommends …",
                )


CHECK = AptUpdateAlone()
