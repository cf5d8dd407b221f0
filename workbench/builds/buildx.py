"""A build with BuildKit, through buildx, which tells of each step to the nanosecond."""

import codecs
import os
import re
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO, cast

from workbench.builds.dockerfile_steps import DockerfileSteps
from workbench.builds.rawjson import RawJson, steps_of
from workbench.builds.recipe import Heard, Recipe
from workbench.errors import WorkbenchError
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable, shorten
from workbench.model.build import Build
from workbench.sources.endpoint import Endpoint

_LOOK_SECONDS = 0.1
_END_SECONDS = 10.0
_TELL_SECONDS = 0.2
_LONGEST_ERROR = 400
_LONGEST_ID = 200
_OF_BUILDX = re.compile(
    r"(PATH|HOME|USER|TMPDIR|TERM|NO_COLOR|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|(HTTPS?|FTP|NO|ALL)_PROXY)$"
    r"|(DOCKER|BUILDX|BUILDKIT|XDG|LD|SSL|GRPC|OTEL|GIT)_|GO(DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)$",
    re.IGNORECASE,
)
"""Variables that a Go program, buildx or what it calls goes by."""


def build_with_buildx(
    program: Path, endpoint: Endpoint, recipe: Recipe, labels: Mapping[str, str], heard: Heard, stop: Event
) -> Build:
    """Build, and say how it went; blocks. That a build fails is a result.

    Args:
        program: buildx.
        endpoint: The engine that builds, with its own BuildKit.
        recipe: What is built.
        labels: For the image.
        heard: Told the steps so far, a few times a second; must not block.
        stop: Set to end it.

    Raises:
        WorkbenchError: when buildx does not run.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        id_file = Path(name, "image")
        command = [str(program), "build", "--progress=rawjson", "--builder=default", "--load", f"--iidfile={id_file}"]
        command += ["--file", str(recipe.dockerfile)]
        command += [f"--label={key}={value}" for key, value in labels.items()]
        argued, given = _arguments(recipe)
        command += argued
        command += [f"--target={recipe.target}"] if recipe.target else []
        command += [f"--tag={recipe.tag}"] if recipe.tag else []
        command += [] if recipe.uses_cache else ["--no-cache"]
        environ = {**os.environ, **given, "DOCKER_HOST": endpoint.address, "BUILDX_BUILDER": ""}
        environ.pop("DOCKER_CONTEXT", None)
        read, began_at, began = RawJson(), time.time(), time.monotonic()
        known = DockerfileSteps(recipe.text())
        try:
            process = subprocess.Popen(
                [*command, "--", str(recipe.context)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environ,
                start_new_session=True,
            )
        except OSError as error:
            raise WorkbenchError(f"buildx does not run: {error.strerror}", "see workbench doctor") from error
        with process:
            was_stopped = _follow(process, read, lambda: heard(steps_of(read, known)[0]), stop)
        wall = time.monotonic() - began
        steps, first_ns = steps_of(read, known)
        image_id = ""
        with suppress(OSError):
            image_id = id_file.read_text()[:_LONGEST_ID].strip()
    failed = process.returncode != 0 and not was_stopped
    if failed and not steps:
        raise WorkbenchError(f"buildx cannot build: {_reason(read.tail) or f'exit code {process.returncode}'}")
    return Build(
        builder="buildx",
        reason="buildx is there",
        steps=steps,
        began_at=first_ns / 1e9 if first_ns else began_at,
        wall_seconds=wall,
        error=(_reason(read.tail) or "the build failed") if failed else "",
        image_id=image_id,
        context_bytes=read.context_bytes,
        was_stopped=was_stopped,
    )


def _arguments(recipe: Recipe) -> tuple[list[str], dict[str, str]]:
    """Build arguments as words and variables: what is on a command line can be read by everybody on the machine.

    A variable that means something to buildx itself is given as a word.
    """
    words: list[str] = []
    variables: dict[str, str] = {}
    for name, value in recipe.arguments:
        if _OF_BUILDX.match(name) or "\0" in value:
            words.append(f"--build-arg={name}={value}")
        else:
            words.append(f"--build-arg={name}")
            variables[name] = value
    return words, variables


def _follow(process: subprocess.Popen[bytes], read: RawJson, tell: Callable[[], object], stop: Event) -> bool:
    """Read until it ends; whether it was stopped."""
    stream = cast("IO[bytes]", process.stderr)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    told, deadline = 0.0, 0.0
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                now = time.monotonic()
                if stop.is_set() and not deadline:
                    process.send_signal(signal.SIGINT)
                    deadline = now + _END_SECONDS
                if deadline and now > deadline:
                    break
                if selector.select(_LOOK_SECONDS):
                    piece = os.read(stream.fileno(), 1 << 16)
                    if not piece:
                        break
                    read.feed(decode(piece))
                if now - told > _TELL_SECONDS:
                    told = now
                    tell()
    finally:
        if process.poll() is None and (deadline or stop.is_set()):
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
            process.kill()
    process.wait()
    return stop.is_set()


def _reason(tail: str) -> str:
    """The builder's last words that begin with `ERROR`, else its last line."""
    lines = [line for line in tail.splitlines() if line.strip()]
    chosen = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "")
    return shorten(mask_text(printable(chosen.removeprefix("ERROR:").strip())), _LONGEST_ERROR)
