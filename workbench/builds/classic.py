"""A build with the engine's classic builder: one step after the other, timed by when its words arrive."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import docker

from workbench.builds.dockerfile_steps import DockerfileSteps
from workbench.builds.recipe import Heard, Recipe
from workbench.errors import WorkbenchError
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable, shorten
from workbench.model.build import Build, BuildStep
from workbench.sources.answers import Answer, part, text
from workbench.sources.transport import hang_up

if TYPE_CHECKING:
    import requests

_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)", re.DOTALL)
_MADE = re.compile(r" ---> ([0-9a-f]{12})\n")
_CACHED = " ---> Using cache"
_BASE = re.compile(r"FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)
_COPY_FROM = re.compile(r"--from=(\S+)")
_MOST_STEPS = 10_000
_LONGEST_ERROR = 400
_LOOK_SECONDS = 0.1


class ClassicSteps:
    """Reads the builder's messages.

    Args:
        dockerfile: Gives the lines.
    """

    def __init__(self, dockerfile: DockerfileSteps) -> None:
        self._lines = dockerfile.every_line()
        self._stages: list[tuple[str, int]] = []
        """Name of each stage, and its newest step."""
        self._places: dict[str, int] = {}
        self.steps: list[BuildStep] = []
        self.error = ""
        self.image_id = ""
        self.made: list[str] = []
        """Images that this build has made, and not found in the cache."""

    def feed(self, said: Answer, at: float) -> None:
        """Take one message that arrived at a moment, in seconds since the build began."""
        words = text(said, "stream")
        found = _STEP.match(words)
        if found and len(self.steps) < _MOST_STEPS:
            self.end(at)
            self._begin(int(found[1]), found[3].strip(), at)
        elif words.startswith(_CACHED) and self.steps:
            self.steps[-1] = replace(self.steps[-1], cached=True)
        elif (made := _MADE.fullmatch(words)) and self.steps and not (self.steps[-1].cached or self.steps[-1].is_base):
            self.made.append(made[1])
        if "error" in said:
            self.error = shorten(mask_text(printable(" ".join(text(said, "error").split()))), _LONGEST_ERROR)
            if self.steps:
                self.steps[-1] = replace(self.steps[-1], error=self.error)
        self.image_id = text(part(said, "aux"), "ID") or self.image_id

    def end(self, at: float) -> None:
        """The step under way is over."""
        if self.steps and self.steps[-1].ended is None:
            self.steps[-1] = replace(self.steps[-1], ended=at)

    def _begin(self, number: int, words: str, at: float) -> None:
        place = len(self.steps)
        needs: list[int] = []
        base = _BASE.match(words)
        if base:
            name = (base["name"] or f"stage-{len(self._stages)}").lower()
            needs += self._newest(base["image"])
            self._stages.append((name, place))
            index = 1
        elif self._stages:
            name, newest = self._stages[-1]
            needs.append(newest)
            for wanted in _COPY_FROM.findall(words):
                needs += self._newest(wanted)
            self._stages[-1] = (name, place)
            index = (self.steps[-1].index or 0) + 1
        else:
            name, index = "", 1  # an ARG before the first FROM
        line = self._lines[number - 1] if number <= len(self._lines) else None
        self.steps.append(BuildStep(name, index, words, line, at, None, False, "", tuple(dict.fromkeys(needs))))

    def _newest(self, stage: str) -> list[int]:
        """The last step so far of a stage, by its name or number; none for an image."""
        for number, (name, newest) in enumerate(self._stages):
            if stage.lower() in {name, str(number)}:
                return [newest]
        return []


def build_classic(
    client: docker.APIClient,
    recipe: Recipe,
    labels: Mapping[str, str],
    heard: Heard,
    stop: Event,
    reason: str,
    made: Callable[[str], object],
) -> Build:
    """Build, and say how it went; blocks. That a build fails is a result.

    Args:
        client: The engine's, with nothing else to do: it is closed to stop a build.
        recipe: What is built.
        labels: For the image.
        heard: Told the steps so far whenever one begins; must not block.
        stop: Set to end it.
        reason: Why this builder.
        made: Told the id of each image between, as soon as it is there.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    read = ClassicSteps(DockerfileSteps(recipe.text()))
    began, began_at = time.monotonic(), time.time()
    over = Event()
    untyped: Any = client

    answers: list[requests.Response] = []
    client.hooks["response"].append(lambda answer, **_: answers.append(answer))

    def end() -> None:
        while not over.wait(_LOOK_SECONDS):
            if stop.is_set():
                for answer in answers:  # it may be silent for an hour, and closing the client does not wake who waits
                    hang_up(answer)
                client.close()
                return

    Thread(target=end, name="build:stop", daemon=True).start()
    try:
        with _until(stop):
            said: Iterator[Any] = untyped.build(
                path=str(recipe.context),
                dockerfile=str(recipe.dockerfile.resolve()),
                tag=recipe.tag or None,
                target=recipe.target or None,
                buildargs=dict(recipe.arguments),
                labels=dict(labels),
                nocache=not recipe.uses_cache,
                rm=True,
                forcerm=True,
                decode=True,
            )
            for message in said:
                if stop.is_set():
                    break
                before, images = len(read.steps), len(read.made)
                read.feed(message, time.monotonic() - began)
                for image in read.made[images:]:
                    made(image)
                if len(read.steps) != before:
                    heard(tuple(read.steps))
    finally:
        over.set()
        for answer in answers:
            answer.close()
    wall = time.monotonic() - began
    read.end(wall)
    own = tuple(f"LABEL {name}=" for name in labels)
    while own and read.steps and read.steps[-1].instruction.startswith(own):
        read.steps.pop()
    if not read.steps and read.error:
        raise WorkbenchError(f"the engine cannot build: {read.error}")
    return Build(
        builder="classic",
        reason=reason,
        steps=tuple(read.steps),
        began_at=began_at,
        wall_seconds=wall,
        error=read.error,
        image_id="" if read.error else read.image_id,
        context_bytes=None,
        was_stopped=stop.is_set(),
        made_images=tuple(read.made),
    )


@contextmanager
def _until(stop: Event) -> Iterator[None]:
    """Let pass whatever breaks when the connection is closed to stop a build."""
    try:
        yield
    except Exception:
        if not stop.is_set():
            raise
