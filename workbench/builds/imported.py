"""Builds that were made elsewhere: a saved `--progress=rawjson`, or what BuildKit remembers."""

import codecs
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from workbench.builds.buildx import reason_in
from workbench.builds.dockerfile_steps import DockerfileSteps
from workbench.builds.rawjson import RawJson, steps_of
from workbench.errors import UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.build import Build
from workbench.sources.endpoint import Endpoint

_LARGEST = 256 << 20
_PIECE = 1 << 16
_SECONDS = 60.0


def read_rawjson(file: str, dockerfile: str) -> Build:
    """The build that a file tells of, which may come from anybody.

    Args:
        file: What `docker buildx build --progress=rawjson` wrote; `-` for standard input.
        dockerfile: The Dockerfile's text, for the lines; may be empty.

    Raises:
        UsageError: when it cannot be read, or tells of no build.
    """
    if file == "-":
        return build_of(_pieces(sys.stdin.buffer), dockerfile, "read from standard input")
    try:
        with Path(file).open("rb") as opened:
            return build_of(_pieces(opened), dockerfile, f"read from {printable(Path(file).name)}")
    except OSError as error:
        raise UsageError(f"{printable(file)} cannot be read: {error.strerror}") from error


def read_history(program: Path, endpoint: Endpoint, reference: str, dockerfile: str) -> Build:
    """A build that the engine's BuildKit remembers; blocks.

    Args:
        program: buildx.
        endpoint: The engine.
        reference: Which build, as `docker buildx history ls` names them; empty for the newest.
        dockerfile: The Dockerfile's text, for the lines; may be empty.

    Raises:
        WorkbenchError: when it remembers none.
    """
    if reference.startswith("-"):
        raise UsageError(f"{printable(reference)} is no build", "docker buildx history ls")
    environ = {**os.environ, "DOCKER_HOST": endpoint.address, "BUILDX_BUILDER": ""}
    environ.pop("DOCKER_CONTEXT", None)
    command = [str(program), "history", "logs", "--builder=default", "--progress=rawjson"]
    try:
        done = subprocess.run(
            [*command, *([reference] if reference else [])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environ,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise WorkbenchError(f"buildx does not run: {type(error).__name__}", "see workbench doctor") from error
    told = done.stderr[:_LARGEST].decode("utf-8", "replace")
    if done.returncode and not told.lstrip().startswith("{"):
        if "Unimplemented" in told or "unknown service" in told:
            raise WorkbenchError("this engine's BuildKit keeps no history", "Docker 23 and later do")
        raise WorkbenchError(f"the history has no such build: {reason_in(told)}", "docker buildx history ls")
    return build_of([told], dockerfile, f"from the engine's history{f', {printable(reference)}' if reference else ''}")


def build_of(pieces: Iterable[str], dockerfile: str, reason: str) -> Build:
    """The build that an account tells of.

    Raises:
        UsageError: when it tells of none.
    """
    read = RawJson()
    for piece in pieces:
        read.feed(piece)
    steps, first_ns = steps_of(read, DockerfileSteps(dockerfile))
    if not steps:
        raise UsageError("it tells of no build", "write one with docker buildx build --progress=rawjson … 2> FILE")
    ended = max((step.ended for step in steps if step.ended is not None), default=0.0)
    error = next((step.error for step in steps if step.error), "")
    return Build(
        builder="buildx",
        reason=reason,
        steps=steps,
        began_at=(first_ns or 0) / 1e9,
        wall_seconds=ended,
        error=(reason_in(read.tail) or reason_in(error)) if error or "ERROR" in read.tail else "",
        image_id="",
        context_bytes=read.context_bytes,
    )


def _pieces(opened: IO[bytes]) -> Iterator[str]:
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    left = _LARGEST
    while left > 0 and (piece := opened.read(_PIECE)):
        left -= len(piece)
        yield decode(piece)
