"""A service that runs as root."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.model.dockerfile_findings import DockerfileFinding


class RootUser:
    """Whoever breaks into the service is root in the container, and owns what is mounted there."""

    name = "root_user"
    title = "root at run time"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        steps = situation.final_steps()
        users = [step for step in steps if step.word == "USER"]
        last = users[-1].rest.split(":")[0].strip() if users else ""
        places = situation.final_places()
        if not places or (users and last not in ("root", "0")):
            return
        base = situation.stages[places[0]].image
        if (
            "nonroot" in base
            or base.lower() == "scratch"
            or not any(step.word in ("CMD", "ENTRYPOINT") for step in steps)
        ):
            return
        line = users[-1].line if users else situation.stages[places[-1]].origin.line
        yield situation.finding(
            self.name,
            "medium",
            line,
            "the program runs as root, for the last stage names no other user",
            "RUN useradd --system --no-create-home app, and USER app before CMD",
        )


CHECK = RootUser()
