"""pip's cache that stays in the image."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import mounts_of, pip_words
from workbench.model.dockerfile_findings import DockerfileFinding


class PipCacheKept:
    """pip keeps every wheel that it downloads.

    In an image they serve nobody.

    A cache mount keeps them outside of the image and makes the next build quicker; `--no-cache-dir` keeps none.
    """

    name = "pip_cache_kept"
    title = "pip's cache kept"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        off = {step.line for step in situation.final_steps() if step.word == "ENV" and "PIP_NO_CACHE_DIR" in step.rest}
        for step, commands in situation.runs(final_only=True):
            mounted = any(mount.kind == "cache" and ".cache" in mount.target for mount in mounts_of(step))
            if mounted or any(line < step.line for line in off):
                continue
            for command in commands:
                if pip_words(command) is None or command.program == "uv" or "--no-cache-dir" in command.options():
                    continue
                if any(other.program == "rm" and any(".cache" in word for word in other.words) for other in commands):
                    continue
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    "pip keeps what it downloads in /root/.cache/pip, which becomes a part of the image",
                    "write RUN --mount=type=cache,target=/root/.cache/pip pip install …, or pip install "
                    "--no-cache-dir …",
                )
                break


CHECK = PipCacheKept()
