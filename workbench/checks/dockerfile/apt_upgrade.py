"""Everything upgraded at build time."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import is_apt
from workbench.model.dockerfile_findings import DockerfileFinding


class AptUpgrade:
    """An upgrade ships changed packages twice, the base's and the new ones, and differs from day to day."""

    name = "apt_upgrade"
    title = "apt-get upgrade"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            if any(
                is_apt(command, verb) for command in commands for verb in ("upgrade", "dist-upgrade", "full-upgrade")
            ):
                yield situation.finding(
                    self.name,
                    "low",
                    step.line,
                    "apt-get upgrade ships what it replaces a second time, and what it installs differs from day to "
                    "day",
                    "take a newer base image instead: docker build --pull",
                )


CHECK = AptUpgrade()
