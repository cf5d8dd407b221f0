"""All that is to be said of a Dockerfile and its context, with the figures of the builds that are known."""

from dataclasses import dataclass

from workbench.model.build_context import BuildContext
from workbench.model.build_prediction import BuildPlan, RebuildPrediction, Reordering
from workbench.model.dockerfile_findings import DockerfileFinding


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What is known of one instruction of the Dockerfile from builds."""

    line: int
    """From 1."""
    last_seconds: float | None
    """What it took when it last ran; `None` when it always came from the cache, or no build is known."""
    last_run: int | None
    """The stored run that says so; `None` when the build at hand does."""
    bytes: int | None
    """What it added to the image; `None` for what makes no layer of the image, and when it is not known."""


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step of a build that is stored."""

    text_digest: str
    """As in `PlannedStep`."""
    seconds: float | None
    """`None` when it came from the cache or did not end."""
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """What is stored of a build so that later ones can be predicted."""

    plan: BuildPlan
    steps: tuple[RecordedStep, ...]
    run: int | None = None
    """The run that holds it."""
    is_whole: bool = True
    """Whether the build ended well, and was of the context as it is, so that each of its steps is in the cache."""
    place: str = ""
    """Digest of the folder, the Dockerfile's name and the target: only builds of the same tell of each other."""


@dataclass(frozen=True, slots=True)
class BuildAnalysis:
    """Of one Dockerfile with its context."""

    findings: tuple[DockerfileFinding, ...]
    """The most severe first, then by seconds, bytes and line."""
    context: BuildContext
    plan: BuildPlan
    record: BuildRecord
    """What is to be stored of the last build; without steps when there was none."""
    figures: tuple[StepFigures, ...]
    """By line, one for each instruction that makes a step."""
    predictions: tuple[RebuildPrediction, ...]
    """What changed since the build that is stored, where there is one; then what if."""
    reordering: Reordering
