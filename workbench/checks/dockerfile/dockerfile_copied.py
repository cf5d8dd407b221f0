"""A Dockerfile that is copied with everything else."""

from collections.abc import Iterable

from workbench.checks.dockerfile.copy_before_install import is_sweeping
from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.model.dockerfile_findings import DockerfileFinding

_NAMES = ("Dockerfile", ".dockerignore", "Containerfile")


class DockerfileCopied:
    """A COPY of the whole folder takes the Dockerfile along.

    Any edit of it, of a comment or of the last line, then runs that COPY again and all that follows.
    """

    name = "dockerfile_copied"
    title = "the Dockerfile in the image"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """The first place of it."""
        names = [name for name in _NAMES if name in situation.context_paths]
        if "Dockerfile" not in names:
            return
        for _, step in situation.built_steps():
            if step.word in ("COPY", "ADD") and is_sweeping(step):
                yield DockerfileFinding(
                    self.name,
                    "low",
                    step.line,
                    "the Dockerfile is copied along, so that any edit of it runs this step again and all that follow",
                    "add to .dockerignore, the builder finds it anyway:" + "".join(f"\n/{name}" for name in names),
                )
                return


CHECK = DockerfileCopied()
