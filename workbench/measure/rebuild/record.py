"""What is stored of a build, and what stored builds tell of the steps of a Dockerfile."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from workbench.measure.dockerfile_lines import dockerfile_lines
from workbench.model.build import Build
from workbench.model.build_analysis import BuildRecord, RecordedStep, StepFigures
from workbench.model.build_prediction import BuildPlan

MOST_FILES = 50_000
"""Names of more files are not stored: then it is told that something changed, and not what."""


def record_of(
    plan: BuildPlan, builds: Sequence[Build], text: str, place: str, *, target: str = "", is_whole: bool
) -> BuildRecord:
    """What to store of builds of one plan, one after the other.

    Args:
        plan: What was built.
        builds: In their order; what took its time in several counts as in the newest.
        text: The Dockerfile.
        place: Tells builds of one context from those of others.
        target: The stage that was built; empty for the last.
        is_whole: Whether they were of the context as it is.
    """
    seconds: dict[int, float] = {}
    for build in builds:
        for step in build.steps:
            if step.line is not None and not (step.cached or step.error or step.is_base) and step.ended is not None:
                seconds[step.line] = step.seconds
    sizes = layer_bytes(builds[-1], text, target) if builds else {}
    lines = [step.line for step in plan.steps]
    steps = [
        RecordedStep(step.text_digest, seconds.get(step.line), sizes.get(step.line))
        for step in plan.steps
        if not step.is_base
    ]
    if sum(len(step.files) for step in plan.steps) > MOST_FILES:
        plan = replace(plan, steps=tuple(replace(step, files=()) for step in plan.steps))
    ended_well = bool(builds) and not builds[-1].error and not builds[-1].was_stopped
    return BuildRecord(plan, tuple(steps) if builds and lines else (), None, is_whole and ended_well, place)


def layer_bytes(build: Build, text: str, target: str = "") -> dict[int, int]:
    """What each line of a Dockerfile added to the image of a build, in bytes, by the image's history."""
    count = sum(layer.index is not None for layer in build.layers)
    lines = dockerfile_lines(text, build.layers, count, target)
    found: dict[int, int] = {}
    for layer in build.layers:
        line = lines[layer.index] if layer.index is not None and layer.index < len(lines) else None
        if line is not None:
            found[line] = layer.size_bytes
    return found


def figures_of(plan: BuildPlan, records: Iterable[BuildRecord]) -> tuple[StepFigures, ...]:
    """What is known of each step of a plan.

    Args:
        plan: Of the Dockerfile as it is.
        records: What is known of builds, the newest first.
    """
    known: dict[str, tuple[float | None, int | None, int | None]] = {}
    for record in records:
        for step in record.steps:
            seconds, run, size = known.get(step.text_digest, (None, None, None))
            if seconds is None and step.seconds is not None:
                seconds, run = step.seconds, record.run
            known[step.text_digest] = (seconds, run, step.bytes if size is None else size)
    return tuple(
        StepFigures(step.line, *known.get(step.text_digest, (None, None, None)))
        for step in plan.steps
        if not step.is_base
    )


def seconds_of(records: Iterable[BuildRecord]) -> dict[str, float]:
    """What steps took when they last ran, by their `text_digest`.

    Args:
        records: What is known of builds, the newest first.
    """
    found: dict[str, float] = {}
    for record in records:
        for step in record.steps:
            if step.seconds is not None:
                found.setdefault(step.text_digest, step.seconds)
    return found
