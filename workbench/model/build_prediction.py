"""What a builder's cache depends on, step by step, and what rebuilds when something of it changes."""

from dataclasses import dataclass
from typing import Literal

from workbench.model.build import Builder

RebuildFate = Literal["will", "may"]
"""`will`: something that the step itself depends on changed, or the step before it in its stage will run. `may`: it
copies from a stage of which something runs, and is cached all the same when that made the same files; or it fetches
from elsewhere."""
ChangeKind = Literal["file", "requirements", "argument", "base", "dockerfile", "since"]
"""`since`: all that is different from the build that is stored."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One entry of the context that a step copies."""

    path: str
    """Relative to the context. Hostile text."""
    digest: str
    """Of kind, mode, and content or target. Neither of owner nor of times, of which builders take no notice."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One instruction as a builder's cache sees it."""

    stage: str
    """The stage's name, or `stage-0` and so on."""
    line: int
    """Of the Dockerfile, from 1."""
    instruction: str
    """As written, secrets masked, shortened."""
    text_digest: str
    """Of the stage's name and the instruction as written: what tells a step again in another build."""
    key: str
    """Digest of all that the step itself depends on, but for the steps before it."""
    follows: int | None
    """The step that it stands on, by its place in the plan."""
    copies: tuple[int, ...] = ()
    """The last steps of the stages that it takes files from, by their places."""
    files: tuple[InputFile, ...] = ()
    """What it takes from the context, by path."""
    uncertain: str = ""
    """Why nobody can tell beforehand whether it is cached: it fetches a URL; else empty."""
    is_base: bool = False
    """Whether it is a FROM."""
    is_linked: bool = False
    """Whether it is a COPY with `--link`, which does not depend on the steps before it."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """The steps that a build of a Dockerfile comes to, in the order of the file."""

    builder: Builder
    steps: tuple[PlannedStep, ...]
    problems: tuple[str, ...] = ()
    """Why it may be off: a file that could not be read, too many files to hash."""


@dataclass(frozen=True, slots=True)
class StepPrediction:
    """One step that is not sure to come from the cache."""

    place: int
    """In the plan."""
    line: int
    instruction: str
    fate: RebuildFate
    reason: str
    """Why: `src/app.py changed`, `the step before it runs`."""
    seconds: float | None
    """What it took when it last ran; `None` when no such build is known."""


@dataclass(frozen=True, slots=True)
class RebuildPrediction:
    """What one change rebuilds."""

    kind: ChangeKind
    change: str
    """In words: `src/app.py changes`. Hostile text."""
    steps: tuple[StepPrediction, ...]
    """In the order of the file; empty when all of it is cached."""
    total: int
    """Steps there are, without FROM."""
    will_seconds: float | None
    """Of the steps that will run, together; `None` when of none a time is known."""
    may_seconds: float | None
    """Of those that may run, besides."""
    unknown: int
    """Steps among them whose time is not known."""

    @property
    def will(self) -> int:
        """How many steps will run."""
        return sum(step.fate == "will" for step in self.steps)

    @property
    def may(self) -> int:
        """How many may run besides."""
        return sum(step.fate == "may" for step in self.steps)


@dataclass(frozen=True, slots=True)
class Reordering:
    """A Dockerfile that makes the same image and rebuilds less when a source file changes."""

    diff: str
    """Unified, from the Dockerfile as it is; empty when there is none that is provably safe."""
    reasons: tuple[str, ...]
    """Why each move is safe; or, without a diff, why there is none."""
    touched: str = ""
    """The file whose change was compared."""
    steps_before: int = 0
    """Steps that its change rebuilds as it is."""
    steps_after: int = 0
    seconds_before: float | None = None
    """What these steps took when they last ran; `None` when not known."""
    seconds_after: float | None = None
