"""Profiling as both fronts ask for it: probe a target, see the ways in, record, and get one tree of frames."""

import os
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from workbench.errors import UsageError, WorkbenchError
from workbench.measure.flame.collapsed import read_collapsed
from workbench.model.profile import Profile
from workbench.profilers import kinds
from workbench.profilers.base import Heard, Patient, Recorded, Wish
from workbench.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.measure.flame.pstats_file import PstatsFile
    from workbench.model.frame_tree import FrameTree, Moments
    from workbench.model.probe import Route, TargetFacts
    from workbench.sources.engine import Engine


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run: what the profiler left, and the same as a tree."""

    recorded: Recorded
    profile: Profile


class Profiling:
    """Probes and profiles the containers of one engine, and processes of this machine.

    Args:
        settings: Which engine.

    Nothing is connected before the first question about a container.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environ = dict(os.environ)
        self._engine: Engine | None = None

    def probe(self, target: str | int, stop: Event | None = None) -> "TargetFacts":
        """Look at a container, by id or name, or at a process of this machine, by number.

        Raises:
            NotFound: when there is none.
            WorkbenchError: when it cannot be looked at.
        """
        from workbench.profilers.probe import probe_container, probe_process

        return probe_process(target) if isinstance(target, int) else probe_container(self._opened(), target, stop)

    def routes(self, facts: "TargetFacts", wish: Wish) -> "Mapping[str, tuple[Route, ...]]":
        """Every profiler's ways in to a target, by its name, best first."""
        return {name: kinds.load(name).routes(facts, wish) for name in kinds.names()}

    def run(self, name: str, facts: "TargetFacts", wish: Wish, heard: Heard, stop: Event) -> Outcome:
        """Record a target; blocks. What killed workbenches have left in the engine is removed first.

        Args:
            name: The profiler's.
            facts: What the probe found.
            wish: What the user chose.
            heard: Told about once a second how far it is; must not block.
            stop: Set to end it; what was gathered is the result.

        Raises:
            UsageError: when there is no such profiler.
            Impossible: when there is no way in.
            Stopped: when it was stopped before there was anything.
            WorkbenchError: when it failed before there was anything.
        """
        if name not in kinds.names():
            raise UsageError(f"there is no profiler {name}", f"there are {', '.join(kinds.names())}")
        profiler = kinds.load(name)
        engine = None if facts.kind == "process" else self._opened()
        if engine is not None:
            from workbench.sources.ours import remove_profilers

            with engine.talk() as connection:
                remove_profilers(connection.client)
        recorded = profiler.run(Patient(facts, engine), wish, heard, stop)
        return Outcome(recorded, as_profile(recorded, facts))

    def keep(self, outcome: Outcome, facts: "TargetFacts", wish: Wish) -> int | None:
        """Keep a container's profile among the runs, and return the run's number; `None` for a process of this machine.

        Raises:
            StoreError: when the store cannot be used.
            EngineError: when the engine cannot be asked what it is.
        """
        if facts.kind == "process":
            return None
        from workbench.profile_run import keep_profile

        with self._opened().talk() as connection:
            return keep_profile(outcome.recorded, facts, wish, connection.info)

    def close(self) -> None:
        """Let go of the engine. Callable from another thread, and twice."""
        if self._engine is not None:
            self._engine.close()

    def _opened(self) -> "Engine":
        if self._engine is None:
            from workbench.sources.endpoint import resolve
            from workbench.sources.engine import Engine

            self._engine = Engine(resolve(self._settings.context, self._environ))
        return self._engine


def as_profile(recorded: Recorded, facts: "TargetFacts") -> Profile:
    """What a profiler left, as one tree of frames.

    Raises:
        ProfileError: when it cannot be read.
    """
    tree, moments, exact, is_estimated = _tree(recorded)
    return Profile(
        unit=recorded.unit,
        tree=tree,
        moments=moments,
        profiler=kinds.load(recorded.profiler).makes,
        how=recorded.how,
        target=facts.name if facts.kind == "container" else f"process {facts.id}",
        duration_seconds=recorded.duration_seconds,
        taken_at=recorded.taken_at,
        python=recorded.python,
        overhead_percent=recorded.overhead_percent,
        samples=recorded.samples,
        warnings=recorded.warnings,
        line_is="defined" if exact is not None else "ran",
        tree_is_estimated=is_estimated,
        functions=exact.functions if exact else (),
        edges=exact.edges if exact else (),
    )


def _tree(recorded: Recorded) -> "tuple[FrameTree, Moments | None, PstatsFile | None, bool]":
    for file in recorded.files:
        if file.kind == "pstats":
            from workbench.measure.flame.call_graph import estimated_tree
            from workbench.measure.flame.pstats_file import from_pstats

            exact = from_pstats(file.content)
            return estimated_tree(exact.functions, exact.edges), None, exact, True
        if file.kind == "importtime":
            from workbench.measure.import_times import import_times

            return import_times(file.content.decode("utf-8", "replace")).tree, None, None, False
        if file.kind == "collapsed":
            return *read_collapsed(file.content.decode("utf-8", "replace")), None, False
    if not recorded.collapsed:
        raise WorkbenchError("the profiler left nothing that can be shown")
    return *read_collapsed(recorded.collapsed), None, False
