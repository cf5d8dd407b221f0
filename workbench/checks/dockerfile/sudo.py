"""sudo in a build."""

import re
from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.model.dockerfile_findings import DockerfileFinding

_SUDO = re.compile(r"(?:^|[;&|(\n][^\S\n]*+)sudo\s")


class Sudo:
    """A build runs as root until USER says otherwise. sudo adds a package and hides who runs what."""

    name = "sudo"
    title = "sudo"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for _, step in situation.built_steps():
            if step.word == "RUN" and _SUDO.search("\n".join((step.rest, *step.heredocs))):
                yield situation.finding(
                    self.name,
                    "low",
                    step.line,
                    "the step uses sudo, though a build runs as root until USER says otherwise",
                    "delete sudo, and put USER root before the step and USER … after it where another user is set",
                )


CHECK = Sudo()
