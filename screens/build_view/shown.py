"""A build as it is shown, at one moment: values, no widgets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.measure.build_forecast import remaining_seconds
from workbench.model.build import STOPPED, Build, Builder, BuildGraph, BuildStep, EarlierBuilds
from workbench.model.build_analysis import BuildAnalysis
from workbench.model.opened_build import OpenedBuild


@dataclass(frozen=True, slots=True)
class Shown:
    """One build."""

    name: str
    """What is built."""
    steps: tuple[BuildStep, ...] = ()
    bytes_read: int = 0
    """Of the context, before the build begins."""
    now: float = 0.0
    """Seconds since it began, while it runs; its wall time afterwards."""
    running: bool = True
    stopping: bool = False
    """Whether it was told to stop, and has not yet."""
    uses_cache: bool = True
    builder: Builder = "buildx"
    target: str = ""
    """The stage that is built; empty for the last."""
    earlier: EarlierBuilds | None = None
    """What the same took before; `None` until it is known."""
    opened: OpenedBuild | None = None
    """What came of it."""
    problem: str = ""
    """Why nothing was built."""

    @property
    def build(self) -> Build | None:
        """The build, when it has ended."""
        return self.opened.build if self.opened else None

    @property
    def graph(self) -> BuildGraph | None:
        """What its steps come to, when it has ended."""
        return self.opened.graph if self.opened else None

    @property
    def analysis(self) -> BuildAnalysis | None:
        """What is to be said of the Dockerfile and its context, when it has ended and they were looked at."""
        return self.opened.analysis if self.opened else None

    @property
    def failed(self) -> int | None:
        """The step that failed, by its place; `None` when none did."""
        return next((place for place, step in enumerate(self.steps) if step.error and not was_cancelled(step)), None)

    @property
    def remaining(self) -> float | None:
        """Seconds that it has left; `None` where that cannot be told."""
        if self.earlier is None or not self.running:
            return None
        in_turns = self.builder == "classic"
        return remaining_seconds(self.steps, self.now, self.earlier, in_turns=in_turns, uses_cache=self.uses_cache)


def was_cancelled(step: BuildStep) -> bool:
    """Whether a step ended only because another one failed, or the build was stopped."""
    return step.error == STOPPED or "context canceled" in step.error or "CANCELED" in step.error


def finished(shown: Shown, opened: OpenedBuild) -> Shown:
    """The same, now that it has ended."""
    return replace(
        shown,
        name=opened.name,
        steps=opened.build.steps,
        now=opened.build.wall_seconds,
        running=False,
        stopping=False,
        builder=opened.build.builder,
        earlier=opened.earlier or shown.earlier,
        opened=opened,
    )


class BuildClock:
    """Says how long a build runs, on our clock, when only the moments of its steps are known.

    A step cannot have begun after it was told of: the smallest difference between the two is taken for none. So a
    builder whose clock is wrong by hours is timed right.
    """

    def __init__(self) -> None:
        self._began: float | None = None

    def hear(self, steps: Sequence[BuildStep], at: float) -> None:
        """Steps were told of at a moment of our clock, in seconds."""
        moments = [moment for step in steps for moment in (step.began, step.ended) if moment is not None]
        if moments:
            began = at - max(moments)
            self._began = began if self._began is None else min(self._began, began)

    def elapsed(self, at: float) -> float:
        """Seconds that it has run at a moment of our clock; none before a step has begun."""
        return 0.0 if self._began is None else max(0.0, at - self._began)
