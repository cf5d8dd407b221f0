"""The builds of a session: one that runs, and those that are kept among the runs."""

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from workbench.errors import UsageError, WorkbenchError
from workbench.job import start_job
from workbench.model.reading import Reading
from workbench.settings import Settings
from workbench.sources.base import Clock, World

if TYPE_CHECKING:
    from workbench.building import Building, BuildOutcome
    from workbench.builds.recipe import Recipe
    from workbench.model.build import Builder, BuildStep, BuildWish, EarlierBuilds
    from workbench.model.build_analysis import BuildAnalysis
    from workbench.model.opened_build import OpenedBuild

Told = Callable[[tuple["BuildStep", ...]], object]
MOST_LISTED = 1000
"""Entries of a folder that are looked at when a path is completed."""


class SessionBuilds:
    """Builds on a thread, and hands on what comes of it.

    Args:
        world: Only a live one can build.
        settings: Which engine, and whether anything may be made in it.
        clock: Stamps the readings.
        note: Remembers a thread and how to end it, for the session's end.
    """

    def __init__(self, world: World, settings: Settings, clock: Clock, note: Callable[[Thread, Event], object]) -> None:
        self._world = world
        self._settings = settings
        self._clock = clock
        self._note = note
        self._running: list[Event] = []
        """What stops each build that runs, or was stopped and still removes what it made."""
        self._on_ended: Callable[[], object] | None = None
        self._wish: BuildWish | None = None
        self.first: OpenedBuild | None = None
        """What the screens show first."""

    @property
    def wish(self) -> "BuildWish":
        """What was asked for last, or is offered first."""
        if self._wish is None:
            from workbench.model.build import BuildWish  # with all that a build is made of

            self._wish = BuildWish(str(Path.cwd()) if Path("Dockerfile").is_file() else "")
        return self._wish

    @wish.setter
    def wish(self, wish: "BuildWish") -> None:
        self._wish = wish

    @property
    def refused(self) -> str:
        """Why nothing can be built here; empty when it can."""
        if self._world.recorded:
            return "a recording cannot build: open the engine that it was recorded on"
        return "the workbench is read-only, and a build changes the engine" if self._settings.read_only else ""

    @property
    def is_running(self) -> bool:
        """Whether a build runs, or was stopped and still removes what it made."""
        return bool(self._running)

    @property
    def is_stopping(self) -> bool:
        """Whether nothing runs any more but what was stopped, which removes what it made."""
        return self.is_running and all(stop.is_set() for stop in self._running)

    def start(
        self,
        wish: "BuildWish",
        on_begin: Callable[[str, "Builder", "EarlierBuilds"], object],
        on_reading: Callable[[int], object],
        on_steps: Told,
        on_done: Callable[[Reading["OpenedBuild"]], object],
        stop: Event,
    ) -> None:
        """Build and keep the build among the runs.

        Args:
            wish: What.
            on_begin: Told what it is called, what builds it, and what earlier builds of the same took, on that thread.
            on_reading: Told how many bytes of the context were looked at so far, before it begins; must not block.
            on_steps: Told the steps so far, a few times a second, on another thread; must not block.
            on_done: Gets the build, also one that failed or was stopped, or why there is none.
            stop: Set to end it; what it made in the engine is removed.
        """
        self.wish = wish
        self._running.append(stop)

        def work() -> "OpenedBuild":
            try:
                return self._build(wish, on_begin, on_reading, on_steps, stop)
            finally:
                self._running.remove(stop)
                if not self._running and self._on_ended is not None:
                    self._on_ended()

        self._note(start_job(work, on_done, name="build", clock=self._clock), stop)

    def stop(self, on_ended: Callable[[], object]) -> None:
        """End what runs, and tell, on its thread, when it has removed what it made; perhaps twice."""
        self._on_ended = on_ended
        for stop in tuple(self._running):
            stop.set()
        if not self._running:
            on_ended()

    def check(self, wish: "BuildWish", on_done: Callable[[Reading[None]], object]) -> None:
        """Look whether there is something to build, and tell `on_done`, on another thread, why there is not."""

        def work() -> None:
            if self.refused:
                raise WorkbenchError(self.refused)
            recipe_of(wish).text()

        start_job(work, on_done, name="build", clock=self._clock)

    def folders(self, typed: str) -> tuple[str, ...]:
        """The folders whose path begins with what was typed; reads the disk."""
        return completions(typed)

    def dockerfiles(self, wish: "BuildWish", typed: str) -> tuple[str, ...]:
        """The files and folders of the context that begin with what was typed; reads the disk."""
        return completions(typed, _path(wish.folder), files=True)

    def stages(self, wish: "BuildWish", typed: str = "") -> tuple[str, ...]:
        """The stages of the Dockerfile whose names begin with what was typed; reads the disk."""
        return tuple(stage for stage in stages_of(wish) if stage.startswith(typed))

    def open_kept(self, run: int, on_done: Callable[[Reading["OpenedBuild"]], object]) -> None:
        """Read a build that is kept, and hand it to `on_done`, on another thread."""

        def work() -> "OpenedBuild":
            from workbench.build_run import read_build

            return read_build(run)

        start_job(work, on_done, name="build", clock=self._clock)

    def _build(
        self,
        wish: "BuildWish",
        on_begin: Callable[[str, "Builder", "EarlierBuilds"], object],
        on_reading: Callable[[int], object],
        on_steps: Told,
        stop: Event,
    ) -> "OpenedBuild":
        from workbench.build_examination import examine
        from workbench.build_run import as_told, called, configuration_of, earlier_builds
        from workbench.building import Building
        from workbench.model.build import EarlierBuilds

        if self.refused:
            raise WorkbenchError(self.refused)
        recipe = recipe_of(wish)
        recipe.text()  # that it cannot be read is told before anything is made
        with closing(Building(self._settings)) as building:
            name, builder = called(recipe.context), building.builder_of("")
            earlier = EarlierBuilds(0, None, {})
            with suppress(WorkbenchError):  # it can be built all the same
                mode = "warm" if wish.uses_cache else "cold"
                earlier = earlier_builds(name, mode, dict(configuration_of(recipe, builder, "")))
            on_begin(name, builder, earlier)
            inputs = building.inputs(
                recipe, "", stop, lambda read, _: on_reading(read)
            )  # as they are before anything is built
            outcome = building.run(recipe, 1, "", "", on_steps, stop)
            if not outcome.builds:
                raise WorkbenchError("stopped before anything was built")
            analysis: BuildAnalysis | None = None
            with suppress(WorkbenchError):  # told to stop
                analysis = examine(inputs, outcome.builds)
            run, problem = self._keep(building, outcome, name, analysis)
        return outcome.opened(name, run, problem, earlier, None if analysis is None else as_told(analysis))

    @staticmethod
    def _keep(
        building: "Building", outcome: "BuildOutcome", name: str, analysis: "BuildAnalysis | None"
    ) -> tuple[int | None, str]:
        try:
            return building.keep(outcome, name, analysis), ""
        except WorkbenchError as error:  # the result is shown either way
            return None, error.reason


def recipe_of(wish: "BuildWish") -> "Recipe":
    """What is built, found on the disk.

    Raises:
        UsageError: when the folder or the Dockerfile is not there.
    """
    from workbench.builds.recipe import Recipe
    from workbench.measure.text import printable

    if not wish.folder:
        raise UsageError("no folder is chosen", "choose the one with the Dockerfile")
    folder = _path(wish.folder)
    if not folder.is_dir():
        raise UsageError(f"{printable(wish.folder)} is no folder", "choose the one with the Dockerfile")
    dockerfile = dockerfile_of(wish)
    if not dockerfile.is_file():
        raise UsageError(f"{printable(str(dockerfile))} is not there", "choose the folder that has it, or another file")
    return Recipe(folder, dockerfile, wish.target, wish.arguments, wish.uses_cache)


def dockerfile_of(wish: "BuildWish") -> Path:
    """The Dockerfile that is meant: of the folder, unless it names another one."""
    folder = _path(wish.folder)
    return folder / _path(wish.dockerfile) if wish.dockerfile else folder / "Dockerfile"


def stages_of(wish: "BuildWish") -> tuple[str, ...]:
    """The names of the Dockerfile's stages, in their order; none when it cannot be read."""
    from workbench.builds.recipe import Recipe
    from workbench.measure.dockerfile import parse

    try:
        stages = parse(Recipe(_path(wish.folder), dockerfile_of(wish)).text())
    except UsageError:
        return ()
    return tuple(stage.name for stage in stages if stage.name)


def completions(typed: str, below: Path | None = None, *, files: bool = False) -> tuple[str, ...]:
    """The folders whose path begins with what was typed, with files or without, each ready to go on; sorted.

    Args:
        typed: May begin with `~`.
        below: What a relative path is relative to; the working folder unless it is said.
        files: Whether files are offered, too.
    """
    head, slash, start = typed.rpartition("/")
    folder = (below or Path()) / _path(head + slash)
    try:
        listed = sorted(entry for entry, _ in zip(folder.iterdir(), range(MOST_LISTED), strict=False))
    except OSError:
        return ()
    found = []
    for entry in listed:
        hidden = entry.name.startswith(".") and not start.startswith(".")
        if entry.name.startswith(start) and not hidden:
            with suppress(OSError):
                if entry.is_dir():
                    found.append(f"{head}{slash}{entry.name}/")
                elif files:
                    found.append(f"{head}{slash}{entry.name}")
    return tuple(found)


def _path(typed: str) -> Path:
    with suppress(RuntimeError):  # ~somebody who is not there
        return Path(typed).expanduser()
    return Path(typed)
