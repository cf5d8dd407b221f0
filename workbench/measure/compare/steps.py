"""The steps of two builds beside each other: those that are one and the same answer each other."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from statistics import median

from workbench.model.behind import StepPair, StepTimes
from workbench.model.build import Build

_SAME = 0.6
"""How alike the words of two instructions of one kind must be to be taken for one that was changed."""


def step_times(build: Build) -> tuple[StepTimes, ...]:
    """What each step of one build took, in its order."""
    return tuple(StepTimes(step.stage, step.instruction, step.seconds, step.cached) for step in build.steps)


def usual_steps(builds: Sequence[Sequence[StepTimes]]) -> tuple[StepTimes, ...]:
    """The steps of several builds of the same as one: medians over the builds in which a step ran.

    Args:
        builds: One at least; the last one tells which steps there are, and their order.
    """
    ran: dict[tuple[str, str], list[float]] = {}
    for steps in builds:
        for step in steps:
            if not step.cached:
                ran.setdefault((step.stage, step.instruction), []).append(step.seconds)
    made = []
    for step in builds[-1]:
        times = ran.get((step.stage, step.instruction), [])
        made.append(StepTimes(step.stage, step.instruction, median(times) if times else 0.0, not times))
    return tuple(made)


def beside_each_other(before: Sequence[StepTimes], after: Sequence[StepTimes]) -> tuple[StepPair, ...]:
    """Every step of both, in their order.

    Steps of the same words are one. Between two that agree, an instruction was changed when it begins with the same
    word and most of its words are the same; all else is gone or new.
    """
    keys = [[(step.stage, step.instruction) for step in side] for side in (before, after)]
    if not {*keys[0]} & {*keys[1]}:  # the stages were renamed: their words alone tell
        keys = [[("", step.instruction) for step in side] for side in (before, after)]
    pairs: list[StepPair] = []
    for kind, low, high, first, last in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += [StepPair(*two) for two in zip(before[low:high], after[first:last], strict=True)]
        else:
            pairs += _changed(before[low:high], after[first:last])
    return tuple(pairs)


def _changed(before: Sequence[StepTimes], after: Sequence[StepTimes]) -> Iterator[StepPair]:
    place = 0
    for step in before:
        found = next((at for at in range(place, len(after)) if _alike(step.instruction, after[at].instruction)), None)
        if found is None:
            yield StepPair(step, None)
            continue
        for new in after[place:found]:
            yield StepPair(None, new)
        yield StepPair(step, after[found])
        place = found + 1
    for new in after[place:]:
        yield StepPair(None, new)


def _alike(before: str, after: str) -> bool:
    old, new = before[:2000].split(), after[:2000].split()
    if old[:1] != new[:1]:
        return False
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= _SAME
