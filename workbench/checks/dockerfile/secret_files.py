"""Secrets that are copied."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import copy_words
from workbench.measure.secret_files import FOLDERS, is_secret_file
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class SecretFiles:
    """A key that a COPY brought stays in its layer, even when a later step deletes it."""

    name = "secret_files"
    title = "secret files copied"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for _, step in situation.built_steps():
            if step.word not in ("COPY", "ADD") or copy_words(step).from_:
                continue
            for source in copy_words(step).sources:
                if is_secret_file(source) or source.rstrip("/").endswith(FOLDERS):
                    yield situation.finding(
                        self.name,
                        "high",
                        step.line,
                        f"{printable(source)} stays in the image for everybody who has it, even when a later step "
                        "deletes it",
                        "mount it while it is needed: RUN --mount=type=secret,id=…,target=… and docker build "
                        "--secret id=…,src=…",
                    )


CHECK = SecretFiles()
