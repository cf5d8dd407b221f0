"""Which steps of a plan a builder's cache has after a build of another plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.measure.rebuild.plan import digest_of
from workbench.measure.text import printable
from workbench.measure.units import counted
from workbench.model.build_prediction import (
    BuildPlan,
    ChangeKind,
    PlannedStep,
    RebuildFate,
    RebuildPrediction,
    StepPrediction,
)


@dataclass(frozen=True, slots=True)
class _Keys:
    """Each step's key with all that is below it."""

    strict: tuple[str, ...]
    """With the stages that it takes files from as they are built."""
    loose: tuple[str, ...]
    """Without: as if they gave the same files."""


class HeldBuild:
    """What a builder's cache holds after a build, asked about any number of other plans.

    Args:
        plan: Of that build.
    """

    def __init__(self, plan: BuildPlan) -> None:
        keys = _keys(plan)
        self._strict, self._loose = frozenset(keys.strict), frozenset(keys.loose)
        self._steps: dict[str, PlannedStep] = {}
        for step in plan.steps:
            self._steps.setdefault(step.text_digest, step)

    def predict(
        self, after: BuildPlan, kind: ChangeKind, change: str, seconds: Mapping[str, float]
    ) -> RebuildPrediction:
        """What a build of another plan runs.

        Args:
            after: What is built.
            kind: What was done.
            change: The same in words.
            seconds: What steps took when they last ran, by their `text_digest`.
        """
        wanted = _keys(after)
        fates: list[RebuildFate | None] = []
        found: list[StepPrediction] = []
        for place, step in enumerate(after.steps):
            fate: RebuildFate | None = None
            below = None if step.follows is None or step.is_linked else fates[step.follows]
            if wanted.loose[place] not in self._loose:
                fate = "will"
            elif wanted.strict[place] not in self._strict or step.uncertain or below == "may":
                fate = "may"
            fates.append(fate)
            if fate is not None and not step.is_base:
                reason = _reason(self._steps.get(step.text_digest), after, place, fate, below)
                found.append(
                    StepPrediction(place, step.line, step.instruction, fate, reason, seconds.get(step.text_digest))
                )
        return RebuildPrediction(
            kind=kind,
            change=change,
            steps=tuple(found),
            total=sum(not step.is_base for step in after.steps),
            will_seconds=_together(found, "will"),
            may_seconds=_together(found, "may"),
            unknown=sum(step.seconds is None for step in found),
        )


def _keys(plan: BuildPlan) -> _Keys:
    strict: list[str] = []
    loose: list[str] = []
    strict_upto: list[str] = []
    loose_upto: list[str] = []
    for step in plan.steps:
        below = "" if step.follows is None else strict_upto[step.follows]
        below_loose = "" if step.follows is None else loose_upto[step.follows]
        taken = "".join(strict_upto[place] for place in step.copies)
        own = step.is_linked
        strict.append(digest_of(step.key, "" if own else below, taken))
        loose.append(digest_of(step.key, "" if own else below_loose))
        # What a linked copy makes stands on the step before it all the same
        strict_upto.append(digest_of(strict[-1], below) if own else strict[-1])
        loose_upto.append(digest_of(loose[-1], below_loose) if own else loose[-1])
    return _Keys(tuple(strict), tuple(loose))


def _reason(
    same: PlannedStep | None, after: BuildPlan, place: int, fate: RebuildFate, below: RebuildFate | None
) -> str:
    step = after.steps[place]
    if fate == "will" and (same is None or same.key != step.key):
        return _own_reason(same, step)
    if fate == "may" and step.uncertain:
        return step.uncertain
    if below is not None:
        return "the step before it runs" if below == "will" else "the step before it may run"
    if fate == "may" and step.copies:
        return f"it takes files from {printable(after.steps[step.copies[0]].stage)}, of which something runs"
    return "the steps before it are others" if step.follows is not None else "its base is another"


def _own_reason(same: PlannedStep | None, step: PlannedStep) -> str:
    if same is None:
        return "it is new or was changed"
    changed = _changed_files(same, step)
    if changed:
        more = f" and {counted(len(changed) - 1, 'more file')}" if len(changed) > 1 else ""
        return f"{printable(changed[0])} changed{more}"
    if step.is_base:
        return "the base image is another"
    return "an argument or a variable that it sees changed"


def _changed_files(before: PlannedStep, after: PlannedStep) -> list[str]:
    if before.files is after.files:
        return []
    known = {file.path: file.digest for file in before.files}
    changed = [file.path for file in after.files if known.pop(file.path, None) != file.digest]
    return sorted((*known, *changed))


def _together(steps: list[StepPrediction], fate: RebuildFate) -> float | None:
    chosen = [step for step in steps if step.fate == fate]
    known = [step.seconds for step in chosen if step.seconds is not None]
    return sum(known) if known or not chosen else None
