"""`apt-get install` without the lists of packages."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import is_apt, mounts_of
from workbench.model.dockerfile_findings import DockerfileFinding


class AptWithoutUpdate:
    """Base images come without lists of packages, or with old ones.

    An install finds nothing, or what is no longer there.
    """

    name = "apt_without_update"
    title = "apt-get install without update"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            installs = any(is_apt(command, "install") for command in commands)
            mounted = any(mount.target.startswith("/var/lib/apt") for mount in mounts_of(step))
            local = all(
                name.startswith((".", "/"))
                for command in commands
                if is_apt(command, "install")
                for name in command.operands()[1:]
            )
            if installs and not mounted and not local and not any(is_apt(command, "update") for command in commands):
                yield situation.finding(
                    self.name,
                    "low",
                    step.line,
                    "apt-get install relies on lists of packages that another step or the base image fetched",
                    "begin the same RUN with apt-get update",
                )


CHECK = AptWithoutUpdate()
