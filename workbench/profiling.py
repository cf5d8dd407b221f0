"""Profiling as both fronts ask for it: probe a target, see the ways in, record, and get one tree of frames."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from workbench.errors import EngineTimeout, EngineUnreachable, ProfileError, UsageError, WorkbenchError
from workbench.measure.flame.collapsed import read_collapsed
from workbench.measure.text import printable
from workbench.model.comparison import MOST_REPEATS
from workbench.model.profile import Profile
from workbench.profilers import kinds
from workbench.profilers.base import Heard, Impossible, Made, Patient, Progress, Recorded, Wish, choose
from workbench.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.measure.flame.memory_trees import Memory
    from workbench.measure.flame.pstats_file import PstatsFile
    from workbench.measure.line_times import LineTimes
    from workbench.model.frame_tree import FrameTree, Moments
    from workbench.model.probe import Route, TargetFacts
    from workbench.model.profile import SourceExcerpt
    from workbench.model.runs import RunDetail
    from workbench.sources.engine import Engine
    from workbench.store import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run: what the profiler left, and the same as a tree."""

    recorded: Recorded
    profile: Profile
    container_id: str = ""
    """Empty for a process of this machine."""
    run: int | None = None
    """Its number among the runs; `None` when it is not kept."""
    not_kept: str = ""
    """Why it is not, when it should have been."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A profile to be shown."""

    profile: Profile
    container_id: str = ""
    """Where its source is read; empty for this machine."""
    dump: bytes = b""
    """All stacks, when it was one look at them."""
    note: str = ""
    """What to say about it first."""
    compared: tuple[tuple[Profile, ...], tuple[Profile, ...]] | None = None
    """All runs of the side before and of the side after, where two sides are compared; `profile` is of the latter."""


def opened(outcome: Outcome) -> Opened:
    """A profile as it is shown: just recorded, or one that is kept."""
    dump = next((file.content for file in outcome.recorded.files if file.kind == "dump"), b"")
    note = f"kept as run {outcome.run}" if outcome.run is not None else ""
    if outcome.not_kept:
        note = f"not kept among the runs: {outcome.not_kept}"
    return Opened(outcome.profile, outcome.container_id, dump, note)


_MAKES_NOTHING = frozenset({"host", "local"})
"""Ways in that make nothing in the engine and change nothing in the target."""
READ_ONLY = "the workbench is read-only: it makes nothing in the engine and injects nothing"


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

        if isinstance(target, int):
            return probe_process(target)
        return probe_container(self._opened(), target, stop, may_start=not self._settings.read_only)

    def routes(self, facts: "TargetFacts", wish: Wish) -> "Mapping[str, tuple[Route, ...]]":
        """Every profiler's ways in to a target, by its name, best first; a read-only workbench has few."""
        return {name: self._routes(name, facts, wish) for name in kinds.names()}

    def _routes(self, name: str, facts: "TargetFacts", wish: Wish) -> "tuple[Route, ...]":
        found = kinds.load(name).routes(facts, wish)
        if not self._settings.read_only:
            return found
        return tuple(
            way if way.name in _MAKES_NOTHING else replace(way, closed=way.closed or READ_ONLY) for way in found
        )

    def _harmless(self, name: str, facts: "TargetFacts", wish: Wish) -> Wish:
        """The wish with the way in that a read-only workbench may take.

        Raises:
            Impossible: when there is none.
        """
        ways = self._routes(name, facts, wish)
        if not any(way.is_open for way in ways) and any(way.closed == READ_ONLY for way in ways):
            raise Impossible(READ_ONLY, "start it without --read-only, and read_only = false in its settings")
        return replace(wish, route=choose(ways, wish, facts).name)

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
        if self._settings.read_only:
            wish = self._harmless(name, facts, wish)
        engine = None if facts.kind == "process" else self._opened()
        if engine is not None and not self._settings.read_only:
            from workbench.sources.ours import remove_profilers

            with engine.talk() as connection:
                remove_profilers(connection.client)
        recorded = profiler.run(Patient(facts, engine), wish, heard, stop)
        if engine is not None:
            recorded = with_sources(recorded, engine, facts.id, heard, stop)
        return Outcome(recorded, as_profile(recorded, facts), "" if engine is None else facts.id)

    def keep(self, outcome: Outcome, facts: "TargetFacts", wish: Wish) -> Outcome:
        """Keep a container's profile among the runs, and return it with its number there, or why it has none.

        A process of this machine has no name by which its runs could be found again: it is not kept.
        """
        if facts.kind == "process":
            return outcome
        from workbench.profile_run import keep_profile

        try:
            with self._opened().talk() as connection:
                return replace(outcome, run=keep_profile(outcome.recorded, facts, wish, connection.info))
        except WorkbenchError as error:  # the result is shown either way
            return replace(outcome, not_kept=error.reason)

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


def kept_profile(run_id: int) -> Outcome:
    """A profile that is kept as a run.

    Raises:
        RunUnknown: when there is no run of that number.
        ProfileError: when the run is none of a profile, or cannot be read any more.
        StoreError: when the store or the run's files cannot be read.
    """
    from workbench.profile_run import read_kept

    return _kept(run_id, *read_kept(run_id))


def profile_of_run(store: "Store", run: "RunDetail") -> Profile:
    """The profile of a run in a store that is open.

    Raises:
        ProfileError: when the run is none of a profile, or cannot be read any more.
        StoreError: when one of its files cannot be read.
    """
    from workbench.profile_run import read_from

    return _kept(run.summary.id, *read_from(store, run)).profile


def _kept(run_id: int, recorded: Recorded, facts: "TargetFacts") -> Outcome:
    if recorded.profiler not in kinds.names():
        raise ProfileError(f"run {run_id} is a profile by {printable(recorded.profiler)}, which is not known here")
    return Outcome(recorded, as_profile(recorded, facts), facts.id, run_id)


def named_profile(name: str) -> Opened:
    """A profile of a file, or one that is kept among the runs.

    Args:
        name: The file's, or `run:N`.

    Raises:
        ProfileError: when there is none, or it cannot be read.
        RunUnknown: when there is no run of that number.
        StoreError: when the store cannot be read.
    """
    number = name.removeprefix("run:")
    if number != name and number.isascii() and number.isdigit() and len(number) < 10:
        return opened(kept_profile(int(number)))
    from workbench.profile_files import read_profile

    return Opened(read_profile(Path(name).expanduser()))


def compared_profiles(before: "Sequence[str]", after: "Sequence[str]") -> Opened:
    """Profiles of two sides, each of a file or kept, to be compared.

    Args:
        before: The names of the runs of one side: a file's, `run:N`, or `run:1,3,5` for several.
        after: Those of the other.

    Raises:
        UsageError: when one is on both sides, or those of one side count different things.
        ProfileError: when one cannot be read.
        RunUnknown: when there is no run of that number.
        StoreError: when the store cannot be read.
    """
    from workbench.measure.flame.mean_profile import why_not_one

    sides = _each_named(before), _each_named(after)
    both = sorted({*sides[0]} & {*sides[1]})
    if both and max(map(len, sides)) > 1:  # one against itself tells what the statistics make of no change
        raise UsageError(f"{printable(both[0])} is on both sides", "take it away from one of them")
    opened_before = [named_profile(name).profile for name in sides[0]]
    opened_after = [named_profile(name) for name in sides[1]]
    both_sides = tuple(opened_before), tuple(each.profile for each in opened_after)
    for side in both_sides:
        if reason := why_not_one(side):
            raise UsageError(reason, "choose runs of one profiler")
    return replace(opened_after[0], compared=both_sides, note="")


def _each_named(names: "Sequence[str]") -> list[str]:
    """One name for each profile."""
    found: list[str] = []
    for name in names:
        numbers = name.removeprefix("run:").split(",")
        several = name.startswith("run:") and len(numbers) <= MOST_REPEATS
        found += [f"run:{number}" for number in numbers] if several else [name]
    return list(dict.fromkeys(found))


def as_profile(recorded: Recorded, facts: "TargetFacts") -> Profile:
    """What a profiler left, as one tree of frames.

    Raises:
        ProfileError: when it cannot be read.
    """
    memory, lines = _memory(recorded), _lines(recorded)
    moments, exact, is_estimated = None, None, False
    if memory:
        tree = memory.aspects[0].tree
    elif lines:
        tree = lines.tree
    else:
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
        rate_hz=recorded.rate,
        warnings=recorded.warnings,
        line_is="defined" if exact is not None else "ran",
        tree_is_estimated=is_estimated,
        functions=exact.functions if exact else (),
        edges=exact.edges if exact else (),
        aspects=memory.aspects if memory else (),
        heap=memory.heap if memory else (),
        lines=lines.lines if lines else (),
        excerpts=_excerpts(recorded) if lines else (),
    )


def with_sources(recorded: Recorded, engine: "Engine", container_id: str, heard: Heard, stop: Event) -> Recorded:
    """Lines that were counted, with the text of their functions: a run outlives its container.

    Args:
        recorded: What a profiler left; one that counts no lines is given back as it is.
        engine: Reads the files.
        container_id: Whose they are. What cannot be read of them is left out.
        heard: Told that it does.
        stop: Set to give up what is not read yet; what was set before has ended the recording.
    """
    lines = _lines(recorded)
    if lines is None:
        return recorded
    from workbench.measure.excerpts import KIND, written
    from workbench.profilers.sending import later
    from workbench.source_text import MOST_BYTES, excerpts_through
    from workbench.sources.container_files import get_file

    given_up = later(stop)
    why = ""

    def read(path: str) -> bytes:
        nonlocal why
        try:
            with engine.talk() as connection:
                return get_file(connection.client, container_id, path, MOST_BYTES)
        except (EngineUnreachable, EngineTimeout) as error:
            why = error.reason
            raise

    def goes_on() -> bool:
        nonlocal why
        why = why or ("it was given up" if given_up.is_set() else "")
        return not why

    seconds = recorded.duration_seconds
    heard(Progress(recorded.how, seconds, seconds, note="reading the source of what was counted"))
    kept = excerpts_through(read, lines.lines, goes_on)
    if why:
        said = f"not all of its source is kept with it: {why}"
        recorded = replace(recorded, warnings=(*recorded.warnings, said))
    if not kept:
        return recorded
    return replace(recorded, files=(*recorded.files, Made(KIND, "application/json", written(kept))))


def _excerpts(recorded: Recorded) -> "tuple[SourceExcerpt, ...]":
    from workbench.measure.excerpts import KIND, read_excerpts

    return tuple(each for file in recorded.files if file.kind == KIND for each in read_excerpts(file.content))


def _memory(recorded: Recorded) -> "Memory | None":
    """What memray recorded."""
    from workbench.measure.flame.memory_trees import TREES, from_memray

    read = [file.content for file in recorded.files if file.kind == TREES]
    return from_memray(read) if read else None


def _lines(recorded: Recorded) -> "LineTimes | None":
    """What line_profiler counted."""
    from workbench.measure.line_times import from_lines

    read = [file.content for file in recorded.files if file.kind == "lines"]
    return from_lines(read) if read else None


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
