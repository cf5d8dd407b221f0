"""Before and after, row by row, each with what it is worth."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from workbench.model.runs import Better

Verdict: TypeAlias = Literal["better", "worse", "changed", "same", "inconclusive"]
"""`changed` is a change of something of which neither more nor less is better."""
How: TypeAlias = Literal["exact", "range", "statistics"]
"""`exact`: one figure each, without chance. `range`: a level that is read again and again; every reading of one side
against every reading of the other. `statistics`: repeated measurements, tested."""
FlagKind: TypeAlias = Literal[
    "spread",
    "outliers",
    "first-run",
    "drift",
    "load",
    "pressure",
    "environment",
    "work",
    "events",
    "data",
    "definition",
    "repeats",
    "errors",
    "start-lag",
]
"""What casts doubt on a comparison. `work`: not the same work was done; `data`: some of it is missing or coarse;
`repeats`: too few runs, not alike, or in an order in which a change of the machine looks like one of the target."""
MOST_REPEATS = 200
"""Runs of one side that are compared."""


@dataclass(frozen=True, slots=True)
class Matters:
    """The least change of a figure that matters to anybody; the larger of the two counts."""

    share: float = 0.02
    """Of the figure before, 0 to 1."""
    absolute: float = 0.0
    """In the figure's unit."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure as it was measured on both sides. A side without values was not measured."""

    metric: str
    """Stable name, for programs and gates: `size`, `cpu`, `latency_p99`."""
    title: str
    """The same for people."""
    unit: str
    better: Better
    how: How
    before: tuple[float, ...]
    after: tuple[float, ...]
    matters: Matters = Matters()
    cause: str = ""
    """Why it changed, where something shows it. May hold hostile text."""
    repeat_seconds: float | None = None
    """How long one more value takes, where time is all it takes; `None` where each value is a run."""
    readings: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    """What the values of before and after were made of, in the order of time; empty where they are all there is."""
    within_run: bool = False
    """Whether the values of a side are all of one run: they drift together, and don't tell what another run gives."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One figure, judged."""

    metric: str
    title: str
    unit: str
    better: Better
    how: How
    before: float | None
    """The median, or the one figure; `None` is not measured."""
    after: float | None
    change: float | None
    """In `change_unit`; `None` when a side was not measured."""
    change_unit: str
    """`%` of the figure before; `points` for what is a percentage itself; else the figure's own unit."""
    interval: tuple[float, float] | None
    """What the change lies in, in `change_unit`: 95 % for statistics, every pair of readings for a range."""
    p: float | None
    """Adjusted for the number of rows; `None` where nothing was tested."""
    n: int
    """Values behind the smaller side."""
    verdict: Verdict
    words: str
    """The verdict as a person says it: `no detectable change (would see 5%)`."""
    cause: str = ""
    before_values: tuple[float, ...] = ()
    after_values: tuple[float, ...] = ()
    before_spread: float | None = None
    """As a share of the median, 0 to 1 and beyond; `None` where there is no telling."""
    after_spread: float | None = None
    readings: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    """For drawing: what was measured before and after, in the order of time."""
    within_run: bool = False
    """Whether each side is one run: the interval is of what was within the two, and carries no verdict."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One reason to doubt."""

    kind: FlagKind
    words: str
    serious: bool = False
    """Whether the verdicts may be wrong because of it."""


@dataclass(frozen=True, slots=True)
class Side:
    """What stands on one side."""

    name: str
    """Hostile text."""
    detail: str = ""
    """When, which, how long: `60 s up to 14:01:10`."""
    runs: tuple[int, ...] = ()
    """The numbers of the stored runs that it is made of, oldest first: they keep what lies behind its figures."""
    image: str = ""
    """Id of the image that was measured, where it is one and known."""
    profiles: tuple[int, ...] = ()
    """Those of the runs that tell what its functions took, beside other figures."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Anything against anything of its kind."""

    kind: Literal["windows", "images", "profiles", "runs", "driven"]
    before: Side
    after: Side
    rows: tuple[ComparedRow, ...]
    flags: tuple[Flag, ...] = ()
    method: str = ""
    """How it was judged, in a sentence or two."""
    notes: tuple[str, ...] = field(default=())
    """What else is worth knowing: what happened between the two."""

    @property
    def noise(self) -> str:
        """`low`, or how much doubt there is."""
        if any(flag.serious for flag in self.flags):
            return "high"
        return "some" if self.flags else "low"
