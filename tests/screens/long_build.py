"""A program for the byte budget of builds: the real app with a build that takes a step for every byte it is sent.

Arguments: the build's steps, the descriptor the steps come from, the seconds that each stands for, then `calm` or not.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import workbench.building
from screens.app import WorkbenchApp
from screens.build_view.screen import BuildViewScreen
from tests.screens.recorded_builds import no_image
from tests.screens.ticking import Steps
from tests.screens.worlds import ENGINE, PlainWorld
from workbench.building import Building, BuildOutcome
from workbench.builds.recipe import Heard, Recipe
from workbench.measure.build_graph import graph_of
from workbench.model.build import Build, Builder, BuildStep, BuildWish
from workbench.session import Session
from workbench.settings import Settings

MARK = "Collecting package-{:05d}"
"""In the last line of the log: says the step that is on screen."""
AT_ONCE = 3
LINES_A_SECOND = 5
STEP_SECONDS = 20
STEPS = Steps()


def log(seconds: int) -> str:
    """The end of what a step has written by then; no line is like another."""
    numbers = range(max(0, (seconds - 40) * LINES_A_SECOND), seconds * LINES_A_SECOND + 1)
    lines = [
        f"  Downloading https://packages.test/wheel-{number * 7919 % 9973}.whl ({number} kB)" for number in numbers
    ]
    return "\n".join([*lines, MARK.format(seconds)]) + "\n"


def step(number: int, seconds: int) -> BuildStep:
    """One of several that run at the same time, each as long as the others."""
    begins = number // AT_ONCE * STEP_SECONDS
    began = float(begins) if seconds >= begins else None
    ended = float(begins + STEP_SECONDS) if seconds > begins + STEP_SECONDS else None
    written = log(seconds) if began is not None and ended is None else ""
    inputs = (number - AT_ONCE,) if number >= AT_ONCE else ()
    name = f"RUN make part-{number} --with=everything --prefix=/opt/part-{number}"
    return BuildStep(
        f"stage-{number % AT_ONCE}", number // AT_ONCE + 1, name, number, began, ended, False, "", inputs, written
    )


class Long(Building):
    """Builds nothing, and takes its time."""

    count = 0
    pace = 1

    @property
    def engine(self) -> Any:
        @contextmanager
        def talk() -> Iterator[Any]:
            yield SimpleNamespace(info=ENGINE, client=SimpleNamespace(inspect_image=no_image))

        return SimpleNamespace(talk=talk, close=lambda: None)

    def builder_of(self, asked: str) -> Builder:
        del asked
        return "buildx"

    def run(
        self, recipe: Recipe, times: int, touched: str, builder: str, heard: Heard, stop: Event, kept: str = ""
    ) -> BuildOutcome:
        del times, touched, builder, kept
        now = -1
        steps: tuple[BuildStep, ...] = ()
        while not stop.is_set():
            if now == STEPS.now:
                stop.wait(0.005)
                continue
            now = STEPS.now
            steps = tuple(step(number, now * self.pace) for number in range(self.count))
            heard(steps)
        build = Build("buildx", "", steps, 1.79e9, float(now), "", "", None, was_stopped=True)
        return BuildOutcome(recipe, (build,), (graph_of(build),), "")


def main() -> None:
    Long.count, descriptor, Long.pace = (int(argument) for argument in sys.argv[1:4])
    setattr(workbench.building, "Building", Long)  # noqa: B010  for whoever imports it later
    Thread(target=STEPS.follow, args=(descriptor,), daemon=True).start()
    settings = Settings(interval=3600.0, calm="calm" in sys.argv[4:])
    session = Session(PlainWorld(), settings, lambda: 1000.0 + STEPS.now * Long.pace)

    class Shown(WorkbenchApp):
        CSS_PATH = str(Path(__file__).parents[2] / "screens/app.tcss")

        def on_ready(self) -> None:
            self.mode("build")
            self.push_screen(BuildViewScreen(BuildWish(str(Path(sys.argv[0]).parent), "long_build.py")))

    sys.exit(Shown(session, still=True).run_until_quit())


if __name__ == "__main__":
    main()
