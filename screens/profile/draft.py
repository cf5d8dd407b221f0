"""What is to be profiled and how, before it is begun: the form's rows, as values without widgets."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.model.probe import ProcessFacts, Route, TargetFacts
from workbench.model.wish import Wish

Option = Literal[
    "run", "seconds", "rate", "process", "view", "native", "threads", "children", "locals", "functions", "command"
]


class Kind(NamedTuple):
    """A profiler as the form offers it."""

    name: str
    key: str
    title: str
    words: str
    """What it tells, and what it does to the process."""
    options: tuple[Option, ...]


KINDS: tuple[Kind, ...] = (
    Kind(
        "py-spy",
        "p",
        "py-spy",
        "Where its time goes: stacks seen from outside, again and again",
        ("seconds", "rate", "process", "view", "native", "threads", "children"),
    ),
    Kind(
        "cprofile",
        "c",
        "cProfile",
        "Every call counted and timed; the program runs slower meanwhile",
        ("run", "seconds", "process", "command"),
    ),
    Kind(
        "memray",
        "m",
        "memray",
        "Every allocation: what held memory at the peak, grew, or leaked",
        ("run", "seconds", "process", "command", "native"),
    ),
    Kind(
        "lines",
        "l",
        "lines",
        "The functions you choose, line by line: hits and time of each",
        ("functions", "run", "seconds", "process", "command"),
    ),
    Kind("imports", "i", "imports", "How long each module takes to import at the start", ("run", "seconds", "command")),
    Kind(
        "dump",
        "d",
        "dump",
        "What every thread does at this moment: one look at all stacks",
        ("process", "children", "native", "locals"),
    ),
)
SECONDS = (2, 5, 10, 30, 60, 120, 300, 600, 1800)
RATES = (10, 20, 50, 100, 200, 500, 1000)
OPTION_KEYS: dict[str, Option] = {
    "r": "run",
    "s": "seconds",
    "h": "rate",
    "o": "process",
    "v": "view",
    "n": "native",
    "t": "threads",
    "b": "children",
    "a": "locals",
    "f": "functions",
    "k": "command",
}
_LABELS: dict[Option, str] = {
    "run": "run",
    "seconds": "how long",
    "rate": "rate (Hz)",
    "process": "process",
    "view": "view",
    "native": "native",
    "threads": "threads",
    "children": "children",
    "locals": "values",
    "functions": "functions",
    "command": "command",
}
FRESH_FOR = ("cprofile", "memray", "lines", "imports")
"""What a fresh run can be recorded by, the most useful first."""


class Shown(NamedTuple):
    """One row of the form."""

    option: Option
    key: str
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is chosen so far."""

    profiler: str = "py-spy"
    wish: Wish = field(default_factory=Wish)

    @property
    def kind(self) -> Kind:
        """The profiler."""
        return next(kind for kind in KINDS if kind.name == self.profiler)

    def way(self, ways: Mapping[str, Sequence[Route]]) -> Route | None:
        """The way in that would be taken: the wished one, else the first that is open, else the first."""
        mine = ways.get(self.profiler, ())
        if self.wish.route is not None:
            return next((way for way in mine if way.name == self.wish.route), None)
        return next((way for way in mine if way.is_open), mine[0] if mine else None)

    def is_fresh(self, ways: Mapping[str, Sequence[Route]] | None) -> bool:
        """Whether a fresh run would be recorded."""
        way = self.way(ways) if ways is not None else None
        return way.name == "fresh" if way is not None else self.profiler == "imports" or self.wish.route == "fresh"

    def rows(self, facts: TargetFacts | None, ways: Mapping[str, Sequence[Route]] | None) -> list[Shown]:
        """What there is to choose, for this profiler and this kind of run."""
        fresh = self.is_fresh(ways)
        hidden: set[Option] = {"process"} if fresh else {"command"}
        keys = {option: key for key, option in OPTION_KEYS.items()}
        return [
            Shown(option, keys[option], _LABELS[option], *self._value(option, facts, fresh=fresh))
            for option in self.kind.options
            if option not in hidden
        ]

    def _value(self, option: Option, facts: TargetFacts | None, *, fresh: bool) -> tuple[str, str]:
        wish = self.wish
        match option:
            case "run":
                if fresh:
                    return "a fresh run", "the same container once more"
                return "as it runs now", "nothing is restarted"
            case "seconds":
                return duration(wish.seconds), "Esc ends it sooner and keeps what there is"
            case "rate":
                return f"{wish.rate} a second", "more is finer and costs more"
            case "process":
                return self._process(facts), ""
            case "view":
                return ("wall", "waiting counts too") if wish.idle else ("CPU", "what waits is left out")
            case "native":
                return _yes(wish.native), "frames of C, C++ and Cython too"
            case "threads":
                return ("the one with the GIL", "others are left out") if wish.gil else ("all", "or: who holds the GIL")
            case "children":
                return ("with them", "") if wish.subprocesses else ("without", "its child processes are left out")
            case "locals":
                return _yes(wish.locals), "local variables of each call, secrets masked"
            case "functions":
                return (", ".join(wish.functions) or "none yet: f chooses"), ""
            case "command":
                return (shlex.join(wish.command), "") if wish.command else ("the container's own", "or type another")

    def _process(self, facts: TargetFacts | None) -> str:
        pid = self.wish.pid
        several = self.profiler in ("py-spy", "dump")
        if pid is None:
            first = facts.pythons[0] if facts is not None and facts.pythons else None
            if several:
                return "every Python in it"
            return f"the first: {_named(first)}" if first else "the first"
        process = facts.process(pid) if facts is not None else None
        return _named(process) if process else str(pid)

    # --- changes ---------------------------------------------------------------------------------------------------

    def changed(
        self, option: Option, step: int, facts: TargetFacts | None, ways: Mapping[str, Sequence[Route]] | None
    ) -> "Draft":
        """The draft with the next value of an option, or the one before."""
        wish = self.wish
        match option:
            case "run":
                return self._other_run(ways)
            case "seconds":
                wish = replace(wish, seconds=float(_next(SECONDS, wish.seconds, step)))
            case "rate":
                wish = replace(wish, rate=int(_next(RATES, wish.rate, step)))
            case "process":
                pids: list[int | None] = [None, *(one.pid for one in (facts.pythons if facts else ()) if one.pid)]
                here = pids.index(wish.pid) if wish.pid in pids else 0
                wish = replace(wish, pid=pids[(here + step) % len(pids)])
            case "view":
                wish = replace(wish, idle=not wish.idle)
            case "native":
                wish = replace(wish, native=not wish.native)
            case "threads":
                wish = replace(wish, gil=not wish.gil)
            case "children":
                wish = replace(wish, subprocesses=not wish.subprocesses)
            case "locals":
                wish = replace(wish, locals=not wish.locals)
            case "functions" | "command":  # they are typed
                return self
        return replace(self, wish=wish)

    def _other_run(self, ways: Mapping[str, Sequence[Route]] | None) -> "Draft":
        """A fresh run instead of the one that runs, or the other way round."""
        if not self.is_fresh(ways):
            return replace(self, wish=replace(self.wish, route="fresh"))
        running = [way for way in (ways or {}).get(self.profiler, ()) if way.name != "fresh"]
        way = next((way for way in running if way.is_open), running[0] if running else None)
        return replace(self, wish=replace(self.wish, route=way.name)) if way else self

    def other_way(self, ways: Mapping[str, Sequence[Route]] | None) -> "Draft":
        """The next way in that is open."""
        if ways is None:
            return self
        here = self.way(ways)
        names = [way.name for way in ways.get(self.profiler, ()) if way.is_open]
        if not names:
            return self
        at = names.index(here.name) if here is not None and here.name in names else -1
        return replace(self, wish=replace(self.wish, route=names[(at + 1) % len(names)]))


def settled(wish: Wish, facts: TargetFacts) -> tuple[Wish, str]:
    """A wish for the process under somebody's cursor, when the probe has told what that is.

    Returns:
        The wish for that process, for all when it is the first, or for the Python below it; and why there is none.
    """
    if wish.pid is None or not facts.processes:
        return wish, ""
    process = facts.process(wish.pid)
    if process is None:
        return replace(wish, pid=None), f"process {wish.pid} has ended"
    if process == facts.processes[0]:
        return replace(wish, pid=None), ""
    if process.python:
        return wish, ""
    if below := facts.pythons_below(process.pid):
        return replace(wish, pid=below[0].pid), ""
    return wish, f"process {process.pid}, {printable(process.command or process.name)}, is no Python"


def _named(process: ProcessFacts) -> str:
    return f"{process.pid} {process.command or process.name}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _next(steps: Sequence[int], value: float, step: int) -> int:
    """The next larger or smaller step; round at the ends."""
    if step > 0:
        return next((one for one in steps if one > value), steps[0])
    return next((one for one in reversed(steps) if one < value), steps[-1])
