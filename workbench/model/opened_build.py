"""A build that has ended, with all that there is to know of it."""

from dataclasses import dataclass

from workbench.model.build import Build, BuildGraph, EarlierBuilds
from workbench.model.build_analysis import BuildAnalysis


@dataclass(frozen=True, slots=True)
class OpenedBuild:
    """As the screens show it, whether it has just ended or is opened again."""

    name: str
    """What was built."""
    build: Build
    graph: BuildGraph
    mode: str
    """`cold`, `warm` or `touched`."""
    count: int
    """How many builds its run has; this is the last."""
    run: int | None
    """The run that it is kept as."""
    problem: str = ""
    """Why it was not kept; empty when it was."""
    earlier: EarlierBuilds | None = None
    analysis: BuildAnalysis | None = None
    """What is to be said of its Dockerfile and context; `None` when they were not looked at."""
