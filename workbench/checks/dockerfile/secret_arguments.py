"""Secrets that a build writes into the image's history."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_variables import assignments
from workbench.measure.secret_names import is_secret_name
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class SecretArguments:
    """Values of ARG and ENV stay in the image: `docker history` shows them to everybody who has it."""

    name = "secret_arguments"
    title = "secrets in ARG or ENV"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for _, step in situation.built_steps():
            if step.word not in ("ARG", "ENV"):
                continue
            for name, value in assignments(step.word, step.rest).items():
                if not is_secret_name(name) or (step.word == "ENV" and (not value or value.startswith("/"))):
                    continue
                yield situation.finding(
                    self.name,
                    "high",
                    step.line,
                    f"the value of {printable(name)} stays in the image for everybody who has it",
                    f"RUN --mount=type=secret,id={printable(name).lower()},env={printable(name)} … and docker build "
                    "--secret id=…",
                )


CHECK = SecretArguments()
