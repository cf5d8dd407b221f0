"""Builds that were made elsewhere: a saved `--progress=rawjson`, or what BuildKit remembers."""

import codecs
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event, Timer
from typing import IO, cast

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
    read, code = _told_by([*command, *([reference] if reference else [])], environ)
    if code and not read.vertexes:
        if "Unimplemented" in read.tail or "unknown service" in read.tail:
            raise WorkbenchError("this engine's BuildKit keeps no history", "Docker 23 and later do")
        raise WorkbenchError(f"the history has no such build: {reason_in(read.tail)}", "docker buildx history ls")
    return _build_of(read, dockerfile, f"from the engine's history{f', {printable(reference)}' if reference else ''}")


def _told_by(command: Sequence[str], environ: Mapping[str, str]) -> tuple[RawJson, int]:
    """What a program tells on its standard error, read as it comes, and the code that it ends with.

    Raises:
        WorkbenchError: when it does not run, or does not end in time.
    """
    late = Event()
    try:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ
        ) as process:

            def give_up() -> None:
                late.set()
                process.kill()

            watch = Timer(_SECONDS, give_up)
            watch.daemon = True
            watch.start()
            read = _read(_pieces(cast("IO[bytes]", process.stderr)))
    except OSError as error:
        raise WorkbenchError(f"buildx does not run: {error.strerror}", "see workbench doctor") from error
    watch.cancel()
    if late.is_set():
        raise WorkbenchError(f"buildx does not answer within {_SECONDS:.0f} s", "see workbench doctor")
    return read, process.returncode


def build_of(pieces: Iterable[str], dockerfile: str, reason: str) -> Build:
    """The build that an account tells of.

    Raises:
        UsageError: when it tells of none.
    """
    return _build_of(_read(pieces), dockerfile, reason)


def _read(pieces: Iterable[str]) -> RawJson:
    read = RawJson()
    for piece in pieces:
        read.feed(piece)
    return read


def _build_of(read: RawJson, dockerfile: str, reason: str) -> Build:
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
