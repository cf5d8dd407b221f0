"""What every profiler looks like: its name, its ways in, and a run that tells how far it is and can be stopped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal, Protocol, TypeAlias

from workbench.errors import WorkbenchError
from workbench.measure.text import printable
from workbench.model.probe import How, Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.model.wish import Wish as Wish
from workbench.sources.engine import Engine

Unit: TypeAlias = Literal["samples", "seconds", "bytes", "calls"]
MOST_SECONDS = 3600.0
MOST_RATE = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    how: How
    elapsed_seconds: float
    seconds: float
    samples: int = 0
    partial: str = ""
    """What there is so far, as collapsed stacks; empty where nothing can be shown yet."""
    note: str = ""
    """What it is doing, when it is not recording."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that a run leaves."""

    kind: str
    """`collapsed`, `pstats`, `dump`, `importtime`, …"""
    media_type: str
    content: bytes
    name: str = ""
    """Tells it from others of its kind: `process 7`."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run gave."""

    profiler: str
    how: How
    unit: Unit
    duration_seconds: float
    taken_at: float
    """Unix time in seconds when it began."""
    collapsed: str = ""
    """Collapsed stacks, secrets masked; empty for a profiler that has none."""
    files: tuple[Made, ...] = ()
    python: str = ""
    overhead_percent: float | None = None
    """What the profiler cost while it ran, measured in that run. Of a sampler: its CPU time in percent of a core, and
    the time that it stopped the target. Of a profiler inside the target: CPU time on top of the target's own; of
    imports, time on top of theirs. `None` is not measured: the warnings say why, and what is known instead, as of one
    look at all stacks for how long it stopped a process, which is a share of nothing."""
    samples: int | None = None
    rate: int | None = None
    """Samples in a second that were asked for; `None` when nothing was sampled."""
    warnings: tuple[str, ...] = ()
    complete: bool = True
    """Whether it ran for as long as it was asked to, or its program ended of its own accord, and all of it is here."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is profiled, and the engine that runs it; no engine for a process of this machine."""

    facts: TargetFacts
    engine: Engine | None = None

    @property
    def connected(self) -> Engine:
        """The engine.

        Raises:
            Impossible: for a process of this machine.
        """
        if self.engine is None:
            raise Impossible("a process of this machine is in no container", "--with py-spy looks at it as it runs")
        return self.engine


Heard: TypeAlias = Callable[[Progress], object]
"""Told on the run's thread about once a second; must not block."""


class Profiler(Protocol):
    """One way to look into a Python process."""

    name: str
    unit: Unit
    needs: str
    """What it needs of the target, in words."""
    makes: MadeBy
    """What its profiles are called, whoever recorded them."""
    formats: tuple[str, ...]
    """In which its result can be written, its own first."""

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """The ways in, best first, each with its price and, where it is closed, the reason."""
        ...

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Record until the time is over, the target ends or `stop` is set; blocks.

        What was gathered until then is the result. Whatever was made in the engine is gone when it returns.

        Raises:
            Impossible: when no way in is open, or the chosen one is not.
            Stopped: when `stop` was set before there was anything to give.
            WorkbenchError: when it fails before there was anything to give.
        """
        ...


class Impossible(WorkbenchError):
    """There is no way in: one sentence of cause, one of what does work."""


class RiskUnasked(WorkbenchError):
    """The way in may harm the target, and the user has not agreed to that."""

    exit_code = 2


def choose(routes: Sequence[Route], wish: Wish, facts: TargetFacts) -> Route:
    """The first open route, or the wanted one; a fresh run is the first only where there is no other.

    Raises:
        Impossible: with why it is closed; without a wanted one, why the first is.
        RiskUnasked: when it has a risk that the user has not agreed to.
    """
    found = _found(routes, wish.route, facts)
    if found.risk and not wish.accepts_risk:
        raise RiskUnasked(found.risk, f"agree to it with --yes, or take another way in than {found.name}")
    return found


def _found(routes: Sequence[Route], wanted: How | None, facts: TargetFacts) -> Route:
    if wanted is None:
        # A fresh run does once more all that the program does: it is not taken in place of another unasked
        tried = [route for route in routes if route.name != "fresh"] or routes
        found = next((route for route in tried if route.is_open), None)
        if found is None:
            raise Impossible(routes[0].closed, way_out(facts))
        return found
    found = next((route for route in routes if route.name == wanted), None)
    if found is None:
        raise Impossible(
            f"there is no route {wanted} to {printable(facts.name)} for this profiler",
            f"its routes: {', '.join(route.name for route in routes)}",
        )
    if not found.is_open:
        others = ", ".join(route.name for route in routes if route.is_open)
        raise Impossible(found.closed, f"open: {others}" if others else way_out(facts))
    return found


def way_out(facts: TargetFacts) -> str:
    """What does work for a target that cannot be looked into as it is."""
    if facts.kind == "process":
        return "become the process's user or root"
    if facts.paused:
        return f"docker unpause {printable(facts.name)}; --with dump shows its stacks as they are"
    if facts.state not in {"running", "restarting"}:
        return f"docker start {printable(facts.name)}, or record a run from its start: --with cprofile --fresh"
    if facts.processes and not facts.pythons:
        return "only Python is profiled: look at its processes in the container's screen"
    return "record a run from its start: --with cprofile --fresh"
