"""A build of an image: its steps, how they hang together, and how long each took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.model.images import Layer

Builder = Literal["buildx", "classic"]
STOPPED = "stopped"
"""The error of a step that ended only because its build was stopped, where the builder has no word for it."""


@dataclass(frozen=True, slots=True)
class BuildWish:
    """What is to be built."""

    folder: str
    """The context, as the user names it."""
    dockerfile: str = ""
    """As the user names it; empty is the one in the folder."""
    target: str = ""
    """The stage to build; empty for the last."""
    arguments: tuple[tuple[str, str], ...] = ()
    """Build arguments."""
    uses_cache: bool = True


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One step. Hostile text in its words."""

    stage: str
    """The stage's name, or `stage-0` and so on; empty for what belongs to none."""
    index: int | None
    """Its number in the stage as the builder counts; `None` for what the builder does besides."""
    instruction: str
    """`RUN pip install …`, or `exporting to image`."""
    line: int | None
    """Of the Dockerfile, from 1; `None` when it is no instruction, or cannot be told."""
    began: float | None
    """Seconds since the build began; `None` when it never did."""
    ended: float | None
    cached: bool
    error: str
    """Empty when it did not fail."""
    inputs: tuple[int, ...]
    """The steps that it needs, by their place among the build's steps."""
    log: str = ""
    """The end of what it wrote, secrets masked. Hostile text of several lines."""

    @property
    def name(self) -> tuple[str, str]:
        """What it is called in every build of the same Dockerfile: its stage and its instruction."""
        return self.stage, self.instruction

    @property
    def seconds(self) -> float:
        """How long it ran; nothing when it was cached."""
        if self.cached or self.began is None or self.ended is None:
            return 0.0
        return max(0.0, self.ended - self.began)

    @property
    def is_internal(self) -> bool:
        """Whether it is the builder's own: loading the context, resolving names, exporting."""
        return self.index is None

    @property
    def is_base(self) -> bool:
        """Whether it is a FROM, which builders call cached only now and then."""
        return self.instruction.upper().startswith("FROM ")


@dataclass(frozen=True, slots=True)
class Build:
    """A build that has ended, however."""

    builder: Builder
    reason: str
    """Why this builder."""
    steps: tuple[BuildStep, ...]
    """In the order in which the builder told of them."""
    began_at: float
    """Unix time in seconds."""
    wall_seconds: float
    error: str
    """Why it failed, in the builder's words; empty when it did not."""
    image_id: str
    """Empty when there is none."""
    context_bytes: int | None
    """Of the context as it was sent; `None` when the builder does not tell."""
    was_stopped: bool = False
    made_images: tuple[str, ...] = ()
    """Ids of the images between, which the classic builder makes and leaves for its cache."""
    layers: tuple[Layer, ...] = ()
    """Every step of the image's history, base first; empty when there is no image, or it was not asked."""


@dataclass(frozen=True, slots=True)
class BuildGraph:
    """What the steps' durations and needs come to."""

    work_seconds: float
    """Sum of all steps."""
    critical_path_seconds: float
    """No build of these steps is quicker, however many run at once."""
    critical: frozenset[int]
    """The steps of the longest chain, by their place."""
    slack_seconds: tuple[float, ...]
    """For each step: how much longer it could take without making the build longer."""
    saves_seconds: tuple[float, ...]
    """For each step: how much shorter the longest chain is when the step takes no time."""
    parallelism: float | None
    """Work over wall time; `None` when there was none."""
    possible_parallelism: float | None
    """Work over the longest chain."""
    cache_hits: int
    """Of the Dockerfile's own steps, without FROM."""
    cache_total: int


@dataclass(frozen=True, slots=True)
class EarlierBuilds:
    """What builds of the same took before."""

    count: int
    """How many complete ones there are, whatever was in the cache."""
    median_seconds: float | None
    """Of those of the same mode as a whole; `None` when there is none."""
    usual_seconds: Mapping[tuple[str, str], float]
    """What each step took when it ran and was not cached: the median, by the step's name."""
    last: tuple[BuildStep, ...] = ()
    """The steps of the newest."""
    same_mode: int = 0
    """How many of them are of the same mode."""
