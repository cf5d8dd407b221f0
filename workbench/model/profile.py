"""One profile, whatever made it: a tree of frames, its unit, and what to know before believing it."""

from dataclasses import dataclass
from typing import Literal

from workbench.model.frame_tree import Frame, FrameTree, Kind, Moments, Place

__all__ = [
    "Aspect",
    "CallEdge",
    "Frame",
    "FrameTree",
    "FunctionFigures",
    "HeapMoment",
    "Kind",
    "LineFigures",
    "Moments",
    "Place",
    "Profile",
    "SourceExcerpt",
]

Unit = Literal["samples", "seconds", "bytes", "calls"]
Profiler = Literal["py-spy", "cprofile", "memray", "lines", "imports", "other"]
How = Literal["sidecar", "exec", "host", "remote-exec", "gdb", "fresh", "local", "file"]
"""The way in; `file` is a result that was made elsewhere."""


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """What is known of one function over the whole profile."""

    place: Place
    own: float
    """In the profile's unit."""
    total: float
    """With everything it called; a recursive function counts once."""
    calls: int | None = None
    """All calls, recursive ones too; `None` where nobody counted."""


@dataclass(frozen=True, slots=True)
class CallEdge:
    """What one function spent in another that it called directly."""

    caller: int
    """Index into the profile's `functions`."""
    callee: int
    calls: int | None
    own: float
    """The callee's own share of it."""
    total: float


@dataclass(frozen=True, slots=True)
class Aspect:
    """One of several trees that a recording gives: of memory its peak, what was left, what was brief."""

    name: str
    """A word: `peak`, `leaks`, `temporary`."""
    words: str
    """What it shows, in a few."""
    tree: FrameTree


@dataclass(frozen=True, slots=True)
class HeapMoment:
    """How much memory was held at one moment of a recording."""

    seconds: float
    """Since its beginning."""
    heap_bytes: int
    resident_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One line of a function that was profiled line by line."""

    place: Place
    """The function, and the line that ran."""
    hits: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SourceExcerpt:
    """Some lines of a file as they were when it was profiled, secrets masked."""

    file: str
    """As the profiler names it."""
    first: int
    """The number of its first line."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A tree of frames and where it comes from.

    Processes and threads are the first frames below the root, of kind `process` and `thread`, where the profiler tells
    them apart; a tree without them is of one process or of all together.
    """

    unit: Unit
    tree: FrameTree
    profiler: Profiler = "other"
    how: How = "file"
    target: str = ""
    """What was profiled, in words."""
    duration_seconds: float | None = None
    """How long was recorded, on the wall clock."""
    taken_at: float | None = None
    """When it began, in seconds since 1970."""
    python: str = ""
    overhead_percent: float | None = None
    """What the profiler itself cost, as measured in that run."""
    samples: int | None = None
    """How many samples the shares rest on; `None` when it was not sampled."""
    rate_hz: float | None = None
    """Samples of a running thread in a second, where they are of one rate: what makes a number of them a time."""
    warnings: tuple[str, ...] = ()
    """Where a figure misleads, one sentence each."""
    line_is: Literal["ran", "defined"] = "ran"
    """Whether `Place.line` is the line that ran, or the one where the function begins."""
    timeline: FrameTree | None = None
    """The same samples in the order of time, a function merged only with itself just before; `None` where the order is
    not known."""
    moments: Moments | None = None
    """When what was measured, of the frames of `tree`; `None` where that is not known."""
    tree_is_estimated: bool = False
    """The profiler knows pairs of caller and callee alone; longer stacks are made from them in proportion."""
    functions: tuple[FunctionFigures, ...] = ()
    """Exact figures, where the profiler has them; elsewhere they are added up from the tree."""
    edges: tuple[CallEdge, ...] = ()
    """Exact figures of each pair, beside `functions`."""
    aspects: tuple[Aspect, ...] = ()
    """All trees of a recording that gives several; `tree` is the first of them."""
    heap: tuple[HeapMoment, ...] = ()
    """Memory over time, where the profiler tells it."""
    lines: tuple[LineFigures, ...] = ()
    """Lines with their hits, where the profiler counts them, by file and line."""
    excerpts: tuple[SourceExcerpt, ...] = ()
    """The text of the functions of those lines, as they ran; empty where it was not kept."""

    @property
    def root(self) -> Frame:
        """The tree's root as an object."""
        return self.tree.root
