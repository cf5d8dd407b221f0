"""Real builds that were recorded (`tests/live/make_builds.py`), played to the screens piece by piece."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Event
from types import SimpleNamespace
from typing import Any

import docker.errors

from tests.screens.worlds import ENGINE
from workbench.building import Building, BuildOutcome
from workbench.builds.classic import ClassicSteps
from workbench.builds.dockerfile_steps import DockerfileSteps
from workbench.builds.rawjson import RawJson, steps_of
from workbench.builds.recipe import Heard, Recipe
from workbench.measure.build_graph import graph_of
from workbench.model.build import Build, Builder, BuildStep
from workbench.model.opened_build import OpenedBuild

FOLDER = Path(__file__).parents[1] / "builds"
NAMES = sorted(file.stem for file in FOLDER.glob("*.jsonl"))


def no_image(name: str) -> Any:
    """An engine without images."""
    raise docker.errors.NotFound(name)


class Recording:
    """One recorded build.

    Args:
        name: `buildx-cold`, `classic-failed`, …
    """

    def __init__(self, name: str) -> None:
        head, *lines = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]
        self.builder: Builder = head["builder"]
        self.dockerfile: str = head["dockerfile"]
        self.pieces: list[tuple[float, Any]] = [(line["at"], line["said"]) for line in lines[:-1]]
        self.wall: float = lines[-1]["at"]
        self.code: int | None = lines[-1]["said"]

    def told(self) -> Iterator[tuple[BuildStep, ...]]:
        """The steps after each piece."""
        lines = DockerfileSteps(self.dockerfile)
        if self.builder == "buildx":
            self.read = RawJson()
            for _, piece in self.pieces:
                self.read.feed(piece)
                yield steps_of(self.read, lines)[0]
        else:
            self.classic = ClassicSteps(lines)
            for at, message in self.pieces:
                self.classic.feed(message, at)
                yield self.classic.told()

    def build(self, *, stopped: bool = False) -> Build:
        """What came of it."""
        *_, steps = self.told()
        if self.builder == "classic":
            self.classic.end(self.wall)
            steps, error = self.classic.told(), self.classic.error
        else:
            error = self.read.tail.removeprefix("ERROR: ") if self.code else ""
        context = self.read.context_bytes if self.builder == "buildx" else None
        return Build(self.builder, "recorded", steps, 1.79e9, self.wall, error, "", context, stopped)

    def opened(self) -> OpenedBuild:
        """It as the screens open it."""
        build = self.build()
        return OpenedBuild("~/shop", build, graph_of(build), "warm", 1, None, "recorded")


class Tape:
    """How far a recording has been played: the test says."""

    def __init__(self, name: str) -> None:
        self.recording = Recording(name)
        self.recipes: list[Recipe] = []
        self.stopped = Event()
        """Set when the build has seen that it is to stop."""
        self.may_end = Event()
        """Cleared, a build that was stopped removes what it made until it is set."""
        self.may_end.set()
        self.told = 0
        """Pieces that were played."""
        self._due = 0
        self._moved = Condition()

    def play(self, pieces: int | None = None) -> None:
        """Let so many more pieces come; all of them without a number."""
        with self._moved:
            self._due += len(self.recording.pieces) + 1 if pieces is None else pieces
            self._moved.notify_all()

    def wait(self, number: int, stop: Event) -> bool:
        """Wait for a piece; `False` when the build is stopped first."""
        with self._moved:
            while self._due <= number and not stop.is_set():
                self._moved.wait(0.01)
        return not stop.is_set()


def replayed(tape: Tape) -> type[Building]:
    """A class to be taken instead of `Building`: it builds nothing and says what the recording says."""

    class Replayed(Building):
        @property
        def engine(self) -> Any:
            @contextmanager
            def talk() -> Iterator[Any]:
                yield SimpleNamespace(info=ENGINE, client=SimpleNamespace(inspect_image=no_image))

            return SimpleNamespace(talk=talk, close=lambda: None)

        def builder_of(self, asked: str) -> Builder:
            del asked
            return tape.recording.builder

        def run(
            self, recipe: Recipe, times: int, touched: str, builder: str, heard: Heard, stop: Event, kept: str = ""
        ) -> BuildOutcome:
            del times, touched, builder, kept
            tape.recipes.append(recipe)
            number = 0
            for number, steps in enumerate(tape.recording.told()):
                if not tape.wait(number, stop):
                    break
                heard(steps)
                tape.told = number + 1
            whole = tape.wait(number + 1, stop)
            if not whole:
                tape.stopped.set()
                tape.may_end.wait()
            build = tape.recording.build(stopped=not whole)
            return BuildOutcome(recipe, (build,), (graph_of(build),), "")

    return Replayed
