"""The measurements themselves: builds of a side, and a container of it that is started, asked and removed."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from workbench.bench_run import as_run as bench_as_run
from workbench.benching import Benching, Wish
from workbench.building import Building, BuildOutcome
from workbench.builds.recipe import Recipe as BuildRecipe
from workbench.comparing.driven.contexts import Context
from workbench.comparing.driven.profiles import recorded_under_load
from workbench.comparing.driven.series import Series
from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable
from workbench.model.driven import SIDES, DrivenPlan, SideName, Task, What
from workbench.model.latency import LoadPlan, LoadProgress
from workbench.model.runs import NewRun, Target
from workbench.model.startup import Condition, StartupResult
from workbench.settings import Settings
from workbench.sources.answers import text
from workbench.startup_run import as_run as startup_as_run

if TYPE_CHECKING:
    from workbench.model.build import Build, BuildStep
    from workbench.model.containers import EngineInfo
    from workbench.profiling import Profiling
    from workbench.sources.engine import Engine

Heard = Callable[[str], object]
_KNEE_STEP_SECONDS = 3.0


class Measuring:
    """Measures one thing after the other. What it made in the engine is removed when it is closed.

    Args:
        settings: Which engine, and how images may be read.
        plan: What is measured.
    """

    def __init__(self, settings: Settings, plan: DrivenPlan) -> None:
        self._settings = settings
        self._plan = plan
        self._building = Building(settings)
        self._benching = Benching(settings)
        self._profiling: Profiling | None = None
        self._images: dict[SideName, str] = {}
        self._primed: set[SideName] = set()
        """Sides of which a build is kept, so that later ones find its steps in the cache."""
        self._contexts: dict[SideName, Context] = {}
        self._undo = ExitStack()
        self.touched: dict[SideName, str] = {}
        """The file that is changed before a build, of each side that has a context."""

    @property
    def engine(self) -> "Engine":
        """Whose images and containers they are."""
        return self._benching.engine

    def close(self) -> None:
        """Remove what was made, and let go of the engine."""
        try:
            self._undo.close()
        finally:
            self._building.close()
            self._benching.close()
            if self._profiling is not None:
                self._profiling.close()

    def check(self, stop: Event) -> tuple[str, str]:
        """Look for what is compared before anything is measured; what tells each side's state, see `series_key`.

        Raises:
            Stopped: when it was stopped.
            NotFound: when there is no such image.
            UsageError: when a context cannot be read, or has no file to change.
        """
        builder = self._building.builder_of(self._plan.builder)
        for side in SIDES:
            if image := self._plan.side(side).image:
                self._images[side] = self._identity(image)
            if (recipe := self._recipe(side)) is not None:
                self._contexts[side] = Context.read(recipe, builder, stop)
        if self._plan.builds:
            self.touched = self._choose_touched()
        return self._state("before"), self._state("after")

    def _state(self, side: SideName) -> str:
        context = self._contexts.get(side)
        return f"{self._images.get(side, '')} {'' if context is None else context.state()}"

    def build(self, task: Task, series: Series, heard: Heard, stop: Event) -> None:
        """Time a build: without the cache, or after a change of the source.

        Raises:
            Stopped: when it was stopped.
            WorkbenchError: when it fails.
        """
        cold = task.action == "build_cold"
        if not cold and task.side not in self._primed:
            heard("building what its cache lacks")
            self._built(task.side, heard, stop, cold=False, kept=self._new_name())
        kept = self._new_name() if cold and task.side not in self._primed else ""
        outcome = self._built(task.side, heard, stop, cold=cold, kept=kept)
        subject = self._plan.side(task.side)
        run = self._building.as_run(outcome, subject.name)
        series.add(run, "build_cold" if cold else "build_touched", task.pair, task.side)

    def image(self, side: SideName, heard: Heard, stop: Event) -> str:
        """The id of a side's image, which is built when it is not there.

        Raises:
            Stopped: when it was stopped.
            WorkbenchError: when it cannot be built.
        """
        if side not in self._images:
            heard("building what is not there any more")
            self._built(side, heard, stop, cold=False, kept=self._new_name())
        return self._images[side]

    def run(self, task: Task, series: Series, heard: Heard, stop: Event) -> None:
        """Start a container, see when it is ready, send it requests, and remove it.

        Raises:
            Stopped: when it was stopped.
            WorkbenchError: when it does not get ready, or does not answer.
        """
        runs: list[tuple[What, NewRun]] = []
        with self._started(task.side, heard, stop) as (name, result, info):
            runs.append(("startup", startup_as_run(result, info)))
            if self._plan.target:
                runs += self._asked(name, result.conditions, info, heard, stop)
        for what, run in runs:
            self._add(run, series, what, task)

    def profile(self, task: Task, series: Series, heard: Heard, stop: Event) -> None:
        """Start a container once more, record its functions while it answers requests, and remove it.

        Raises:
            Stopped: when it was stopped.
            WorkbenchError: when py-spy cannot look into it, or it does not answer.
        """
        if self._profiling is None:
            from workbench.profiling import Profiling  # the profilers

            self._profiling = Profiling(self._settings)
        with self._started(task.side, heard, stop) as (name, result, info):
            run = recorded_under_load(
                self._benching,
                self._profiling,
                name,
                result.target,
                self._load(name, result.conditions),
                info,
                heard,
                stop,
            )
        self._add(run, series, "profile", task)

    @contextmanager
    def _started(self, side: SideName, heard: Heard, stop: Event) -> Iterator[tuple[str, StartupResult, "EngineInfo"]]:
        """A container of a side that is ready, by its id, how that went, and its engine."""
        from workbench.meters.startup import recipe_of, started
        from workbench.sources.ours import remove_profilers

        plan, subject = self._plan, self._plan.side(side)
        identity = self.image(side, heard, stop)
        is_local = self.engine.endpoint.is_local
        with self.engine.talk() as connection:
            client = connection.client
            remove_profilers(client)
            recipe = replace(recipe_of(client, identity, self._conditions(), is_local=is_local), name=subject.name)
            recipe.configuration["Env"] = [f"{name}={value}" for name, value in plan.environment]
            began_at, began = time.time(), time.monotonic()
            with started(client, recipe, heard, stop, timeout=plan.timeout_seconds, is_local=is_local) as (name, start):
                seconds = time.monotonic() - began
                result = StartupResult(
                    subject.name, False, identity, recipe.conditions, (start,), began_at, seconds, False, recipe.notes
                )
                yield name, result, connection.info

    def _add(self, run: NewRun, series: Series, what: What, task: Task) -> None:
        """Keep what was measured of a side, not of a container that is gone."""
        name = mask_text(self._plan.side(task.side).name)
        series.add(replace(run, target=Target("image", name)), what, task.pair, task.side)

    def _load(self, container: str, conditions: tuple[Condition, ...]) -> Wish:
        plan = self._plan
        port = plan.port or next((one.port for one in conditions if one.port is not None), None)
        where = f"{container}{f':{port}' if port else ''}{plan.target}"
        load = LoadPlan(plan.rate, plan.seconds, plan.warmup_seconds)
        return Wish((where,), load, inside=not self.engine.endpoint.is_local)

    def _asked(
        self, container: str, conditions: tuple[Condition, ...], info: "EngineInfo", heard: Heard, stop: Event
    ) -> list[tuple[What, NewRun]]:
        plan = self._plan
        wish = self._load(container, conditions)
        outcome = self._benching.run(wish, _words(heard, ""), stop)
        if outcome.result.was_stopped or stop.is_set():
            raise Stopped("stopped")
        if not outcome.result.answered:
            kinds = ", ".join(name for name, _ in outcome.result.errors)
            raise WorkbenchError(f"nothing was answered ({kinds})", "start it by hand, and see its log")
        shown = replace(wish, targets=(wish.targets[0].removeprefix(container),))
        runs: list[tuple[What, NewRun]] = [("load", bench_as_run(outcome, shown, info))]
        if plan.knee_most is not None:
            low = replace(wish.plan, seconds=_KNEE_STEP_SECONDS, warmup_seconds=1.0)
            found = self._benching.find_knee(
                replace(wish, plan=low), plan.knee_most, None, _words(heard, "knee, "), stop
            )
            if stop.is_set():
                raise Stopped("stopped")
            runs.append(("knee", bench_as_run(found, shown, info)))
        return runs

    def _conditions(self) -> tuple[Condition, ...]:
        if self._plan.ready or not self._plan.target:
            return self._plan.ready
        return (Condition("http", self._plan.port, self._plan.target),)

    def _built(self, side: SideName, heard: Heard, stop: Event, *, cold: bool, kept: str) -> BuildOutcome:
        """Build a side once; what is kept is removed when this is closed."""
        plan, subject, recipe = self._plan, self._plan.side(side), self._recipe(side)
        if recipe is None:
            raise UsageError(f"{printable(subject.name)} has no context to build")
        recipe = replace(recipe, uses_cache=not cold)
        touched = "" if cold or kept else self.touched.get(side, "")
        outcome = self._building.run(recipe, 1, touched, plan.builder, _steps(heard), stop, kept=kept)
        if not outcome.builds or outcome.builds[-1].was_stopped or stop.is_set():
            self._forget(kept, outcome.builds)
            raise Stopped("stopped")
        build = outcome.builds[-1]
        if build.error:
            raise WorkbenchError(f"the build failed: {build.error}", f"workbench build {printable(subject.name)}")
        if kept:
            self._undo.callback(self._forget, kept, outcome.builds)
            self._primed.add(side)
            if side not in self._images:
                self._images[side] = build.image_id or self._identity(kept)
        return outcome

    def _recipe(self, side: SideName) -> BuildRecipe | None:
        """What is built of a side; `None` when it has no context."""
        subject = self._plan.side(side)
        if subject.context is None or subject.dockerfile is None:
            return None
        return BuildRecipe(subject.context, subject.dockerfile, arguments=self._plan.arguments)

    def _forget(self, name: str, builds: "tuple[Build, ...]") -> None:
        if name:
            self._building.remove([name], builds)

    def _choose_touched(self) -> dict[SideName, str]:
        """The same file on both sides where there is one: that whose change costs most on both."""
        if self._plan.touched:
            return dict.fromkeys(self._contexts, self._plan.touched)
        files = {side: context.source_files() for side, context in self._contexts.items()}
        for side, found in files.items():
            if not found:
                name = printable(self._plan.side(side).name)
                raise UsageError(f"no source file is copied by {name}", "--touch PATH names the file to change")
        ranks = [{path: rank for rank, path in enumerate(found)} for found in files.values()]
        common = [path for path in next(iter(files.values()), ()) if all(path in each for each in ranks)]
        best = min(common, key=lambda path: sum(each[path] for each in ranks), default="")
        return {side: best or found[0] for side, found in files.items()}

    def _identity(self, image: str) -> str:
        with self.engine.talk() as connection:
            untyped: Any = connection.client
            return text(untyped.inspect_image(image), "Id")

    def _new_name(self) -> str:
        from workbench.sources.ours import new_name

        return new_name("compare")


def _steps(heard: Heard) -> Callable[[tuple["BuildStep", ...]], object]:
    def tell(steps: tuple["BuildStep", ...]) -> None:
        done = sum(step.ended is not None for step in steps)
        running = next((step.instruction for step in steps if step.began is not None and step.ended is None), "")
        heard(f"builds, {done} of {len(steps)} steps {mask_text(running)}".rstrip())

    return tell


def _words(heard: Heard, note: str) -> Callable[[LoadProgress], object]:
    def tell(told: LoadProgress) -> None:
        where = f"{note}{told.note}: " if told.note else note
        if told.elapsed_seconds < 0 or told.p99_ms is None:
            heard(f"{where}warms up")
        else:
            heard(f"{where}{told.answered} answers, p99 {told.p99_ms:.3g} ms")

    return tell
