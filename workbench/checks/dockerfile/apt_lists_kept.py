"""Lists of packages that stay in the image."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import is_apt, mounts_of
from workbench.model.dockerfile_findings import DockerfileFinding


class AptListsKept:
    """`apt-get update` fetches 20 to 50 MB of lists that serve nothing once packages are installed.

    They have to go in the RUN that fetched them: a later one hides them and frees nothing.
    """

    name = "apt_lists_kept"
    title = "apt's lists kept"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        final = {step.line for step in situation.final_steps()}
        for step, commands in situation.runs():
            if step.line not in final or not any(is_apt(command, "update") for command in commands):
                continue
            mounted = any(mount.target.startswith("/var/lib/apt") for mount in mounts_of(step))
            removed = any(
                command.program == "rm" and any(word.startswith("/var/lib/apt") for word in command.operands())
                for command in commands
            )
            if not mounted and not removed:
                yield situation.finding(
                    self.name,
                    "low",
                    step.line,
                    "the lists that apt-get update fetches stay in the image, 20 to 50 MB of them",
                    "end this RUN with && rm -rf /var/lib/apt/lists/*",
                )


CHECK = AptListsKept()
