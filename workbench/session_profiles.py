"""The profiles of a session: probing, recording, and those that are kept among the runs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.job import start_job
from workbench.model.reading import Reading
from workbench.settings import Settings
from workbench.sources.base import Clock, World

if TYPE_CHECKING:
    from workbench.model.probe import Route, TargetFacts
    from workbench.model.runs import RunSummary
    from workbench.model.wish import Wish
    from workbench.profilers.base import Progress
    from workbench.profiling import Opened, Profiling


class SessionProfiles:
    """Asks one question on a thread of its own, and hands the answer on.

    Args:
        world: Only a live one can be profiled.
        settings: Which engine, and whether anything may be made in it.
        clock: Stamps the readings.
        note: Remembers a thread and how to end it, for the session's end.
    """

    def __init__(self, world: World, settings: Settings, clock: Clock, note: Callable[[Thread, Event], object]) -> None:
        self._world = world
        self._settings = settings
        self._clock = clock
        self._note = note
        self.first: Opened | None = None
        """What the screens show first."""
        self._wishes: dict[str, tuple[str, Wish]] = {}
        """By profiler: the container that it was used on last, and how."""
        self._seen: dict[str, tuple[str, ...]] = {}
        """By container: functions that were seen in it, as a profiler of lines takes them."""

    @property
    def names(self) -> tuple[str, ...]:
        """The profilers that there are."""
        from workbench.profilers import kinds

        return kinds.names()

    def wish(self, profiler: str, container_id: str) -> "Wish":
        """What was chosen for a profiler the last time in this session, as far as it fits another container."""
        from workbench.model.wish import Wish

        about, wish = self._wishes.get(profiler, ("", Wish()))
        if about != container_id:
            wish = replace(wish, pid=None, functions=(), command=(), route=None)
        return replace(wish, pid=None, accepts_risk=False)

    def remember(self, profiler: str, container_id: str, wish: "Wish") -> None:
        """Offer this the next time."""
        self._wishes[profiler] = (container_id, wish)

    def functions(self, container_id: str, name: str, on_done: Callable[[Reading[tuple[str, ...]]], object]) -> None:
        """Functions that py-spy saw in a container: in this session, else in the newest recording that is kept.

        Args:
            container_id: Id or name.
            name: The container's name.
            on_done: Gets them as a profiler of lines takes them, those with the most time first.
        """

        def work() -> tuple[str, ...]:
            from workbench.measure.flame.spelling import spelled_functions
            from workbench.profile_run import kept_runs
            from workbench.profiling import kept_profile

            if container_id in self._seen:
                return self._seen[container_id]
            newest = next((run.id for run in kept_runs(name) if run.label == "py-spy"), None)
            return () if newest is None else spelled_functions(kept_profile(newest).profile.tree)

        start_job(work, on_done, name="functions", clock=self._clock)

    def probe(self, container_id: str, on_done: Callable[[Reading["TargetFacts"]], object], stop: Event) -> None:
        """Look at a container before it is profiled.

        Args:
            container_id: Id or name.
            on_done: Gets what it runs, or why it cannot be looked at.
            stop: Set to give up.
        """

        def work() -> "TargetFacts":
            with closing(self._open()) as profiling:
                return profiling.probe(container_id, stop)

        self._note(start_job(work, on_done, name="probe", clock=self._clock), stop)

    def ways_in(self, facts: "TargetFacts", wish: "Wish") -> Mapping[str, tuple["Route", ...]]:
        """Every profiler's ways in to a container, by its name, best first. May read from disk."""
        with closing(self._open()) as profiling:
            return profiling.routes(facts, wish)

    def record(
        self,
        container_id: str,
        profiler: str,
        wish: "Wish",
        on_progress: "Callable[[Progress], object]",
        on_done: Callable[[Reading["Opened"]], object],
        stop: Event,
    ) -> None:
        """Profile a container and keep the profile among the runs.

        Args:
            container_id: Id or name.
            profiler: One of `names`.
            wish: How.
            on_progress: Told about once a second how far it is, on that thread; must not block.
            on_done: Gets what was recorded, or why nothing was.
            stop: Set to end it: what was gathered is the result.
        """

        def work() -> "Opened":
            from workbench.measure.flame.spelling import spelled_functions
            from workbench.profiling import opened

            with closing(self._open()) as profiling:
                facts = profiling.probe(container_id, stop)
                outcome = profiling.run(profiler, facts, wish, on_progress, stop)
                if profiler == "py-spy":
                    self._seen[container_id] = spelled_functions(outcome.profile.tree)
                return opened(profiling.keep(outcome, facts, wish))

        self._note(start_job(work, on_done, name="profile", clock=self._clock), stop)

    def kept(self, name: str, on_done: Callable[[Reading[tuple["RunSummary", ...]]], object]) -> None:
        """List the profiles of a container that are kept, newest first.

        Args:
            name: The container's.
            on_done: Gets them, or why they cannot be read.
        """

        def work() -> tuple["RunSummary", ...]:
            from workbench.profile_run import kept_runs

            return kept_runs(name)

        start_job(work, on_done, name="runs", clock=self._clock)

    def open_kept(self, run_id: int, on_done: Callable[[Reading["Opened"]], object]) -> None:
        """Read a profile that is kept.

        Args:
            run_id: Its number among the runs.
            on_done: Gets it, or why it cannot be read.
        """

        def work() -> "Opened":
            from workbench.profiling import kept_profile, opened

            return opened(kept_profile(run_id))

        start_job(work, on_done, name="run", clock=self._clock)

    def open_named(self, name: str, on_done: Callable[[Reading["Opened"]], object]) -> None:
        """Read a profile of a file, or one that is kept.

        Args:
            name: The file's, or `run:N`.
            on_done: Gets it, or why it cannot be read.
        """

        def work() -> "Opened":
            from workbench.profiling import named_profile

            return named_profile(name)

        start_job(work, on_done, name="profile", clock=self._clock)

    def open_compared(
        self, before: Sequence[str], after: Sequence[str], on_done: Callable[[Reading["Opened"]], object]
    ) -> None:
        """Read profiles to compare, one or several on a side, each of a file or kept: `run:N`.

        Args:
            before: The names of one side's.
            after: Those of the other's.
            on_done: Gets all of them, or why one cannot be read.
        """

        def work() -> "Opened":
            from workbench.profiling import compared_profiles

            return compared_profiles(before, after)

        start_job(work, on_done, name="profiles", clock=self._clock)

    def _open(self) -> "Profiling":
        from workbench.profiling import Profiling  # the profilers, which only this needs

        if self._world.recorded:
            raise WorkbenchError("a recording cannot be profiled", "open the engine that it was recorded on")
        return Profiling(self._settings)
