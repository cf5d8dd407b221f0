"""What lies behind the figures of a comparison: the curves of two load tests, the steps of two builds."""

from dataclasses import dataclass

from workbench.model.latency import Cells


@dataclass(frozen=True, slots=True)
class LatencySide:
    """All load tests of one side together."""

    name: str
    """Hostile text."""
    runs: int
    requests: int
    cells: Cells
    """The histogram of all of them, as `measure/histogram.py` numbers its cells."""


@dataclass(frozen=True, slots=True)
class StepTimes:
    """One step of a build, or of several builds of the same."""

    stage: str
    """Empty where it is not known."""
    instruction: str
    """Hostile text."""
    seconds: float
    """Of several builds the median of those in which it ran; 0 when it was cached in all of them."""
    cached: bool
    """Of several builds whether it was in all of them."""


@dataclass(frozen=True, slots=True)
class StepPair:
    """The same step on both sides, or one that only one side has."""

    before: StepTimes | None
    after: StepTimes | None

    @property
    def change_seconds(self) -> float:
        """How much longer it takes after."""
        return (self.after.seconds if self.after else 0.0) - (self.before.seconds if self.before else 0.0)


@dataclass(frozen=True, slots=True)
class BuildsBehind:
    """The builds of both sides, step by step."""

    names: tuple[str, str]
    builds: tuple[int, int]
    steps: tuple[StepPair, ...]
    """In the order of the builds."""
