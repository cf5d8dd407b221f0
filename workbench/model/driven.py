"""A comparison that is driven: what stands on its sides, and what is measured of them how often."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.model.runs import Pairs
from workbench.model.startup import Condition

SideName: TypeAlias = Literal["before", "after"]
SIDES: tuple[SideName, SideName] = ("before", "after")
Action: TypeAlias = Literal["build_cold", "build_touched", "run", "profile"]
"""What is done of a side. `run`: a container is started, waited for, asked, and removed; `profile`: the same once more
after all pairs, with py-spy looking on."""
What: TypeAlias = Literal["build_cold", "build_touched", "startup", "load", "knee", "image", "profile"]
"""What a stored run of a driven comparison holds."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands on one side."""

    name: str
    """As it was typed. Hostile text."""
    image: str = ""
    """Its name or id; empty when it is built from the context."""
    context: Path | None = None
    """What is built, and whose builds are timed; `None` when no build is."""
    dockerfile: Path | None = None
    """Given with the context."""


@dataclass(frozen=True, slots=True)
class DrivenPlan:
    """What is measured."""

    before: Subject
    after: Subject
    pairs: int = 6
    """How often each side is started and asked. Six tell a change of every row from chance."""
    builds: int = 6
    """In how many of the pairs builds are timed; none without a context."""
    arguments: Pairs = ()
    """Build arguments."""
    touched: str = ""
    """The source file that is changed before a build; empty chooses one."""
    builder: str = ""
    """`buildx`, `classic`, or empty for the best that is there."""
    port: int | None = None
    """Where containers are asked; `None` takes the only one that they have."""
    target: str = ""
    """Path and query that are asked for; empty sends no load."""
    ready: tuple[Condition, ...] = ()
    """When a container is ready; without any, when it answers what is asked for, else its health check or port."""
    rate: float = 10.0
    """Requests a second."""
    seconds: float = 10.0
    """Of load in each container, after it has warmed up."""
    warmup_seconds: float = 2.0
    knee_most: float | None = None
    """The highest rate to try for the knee; `None` does not look for it."""
    profile: bool = False
    """Whether each side is asked once more while its functions are recorded, for causes."""
    environment: Pairs = ()
    """Of the containers."""
    timeout_seconds: float = 60.0
    """Until a container is ready."""
    bandwidth: float = 100e6 / 8
    """Bytes a second, for the estimate of a pull."""

    def side(self, name: SideName) -> Subject:
        """What stands there."""
        return self.before if name == "before" else self.after


@dataclass(frozen=True, slots=True)
class Task:
    """One measurement."""

    pair: int
    """From 0."""
    side: SideName
    action: Action


@dataclass(frozen=True, slots=True)
class DriveProgress:
    """How far a driven comparison is."""

    done: int
    of: int
    words: str
    """What is done now."""
    left_seconds: float | None
    """`None` when nothing of its kind was measured yet."""


def tasks_of(plan: DrivenPlan) -> tuple[Task, ...]:
    """Every measurement in its order: in each pair both sides in turns, and the other one first in the next (ABBA).

    Neither a machine that grows slower nor what the first one leaves in caches then falls on one side alone. Profiles
    come last, since no figure rests on them.
    """
    tasks = []
    for pair in range(max(plan.pairs, plan.builds)):
        order = SIDES if pair % 2 == 0 else SIDES[::-1]
        actions: list[Action] = []
        if pair < plan.builds:
            actions += ["build_cold", "build_touched"]
        if pair < plan.pairs:
            actions.append("run")
        tasks += [
            Task(pair, side, action)
            for action in actions
            for side in order
            if action == "run" or plan.side(side).context is not None
        ]
    if plan.profile and plan.pairs and plan.target:
        tasks += [Task(0, side, "profile") for side in SIDES]
    return tuple(tasks)
