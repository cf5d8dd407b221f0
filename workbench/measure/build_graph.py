"""Critical path, slack and what-if of a build: the longest chain through steps that need each other."""

from collections.abc import Sequence

from workbench.model.build import Build, BuildGraph, BuildStep


def graph_of(build: Build) -> BuildGraph:
    """Everything that the steps' durations and needs come to."""
    steps = build.steps
    order = _order(steps)
    lengths = [step.seconds for step in steps]
    before, after = _before(steps, order, lengths), _after(steps, order, lengths)
    longest = max(before, default=0.0)
    work = sum(lengths)
    counted = [step for step in steps if not (step.is_internal or step.is_base)]
    return BuildGraph(
        work_seconds=work,
        critical_path_seconds=longest,
        critical=frozenset(_chain(steps, before, longest)),
        slack_seconds=tuple(
            max(0.0, longest - (before[each] + after[each] - lengths[each])) for each in range(len(steps))
        ),
        saves_seconds=tuple(longest - _without(steps, order, lengths, each) for each in range(len(steps))),
        parallelism=work / build.wall_seconds if build.wall_seconds > 0 and work else None,
        possible_parallelism=work / longest if longest > 0 else None,
        cache_hits=sum(step.cached for step in counted),
        cache_total=len(counted),
    )


def _order(steps: Sequence[BuildStep]) -> list[int]:
    """Every step after those that it needs; what would go round in a circle comes last."""
    waiting = [sum(0 <= need < len(steps) for need in set(step.inputs)) for step in steps]
    wanted: list[list[int]] = [[] for _ in steps]
    for number, step in enumerate(steps):
        for need in set(step.inputs):
            if 0 <= need < len(steps):
                wanted[need].append(number)
    ready = [number for number, count in enumerate(waiting) if not count]
    for number in ready:
        for each in wanted[number]:
            waiting[each] -= 1
            if not waiting[each]:
                ready.append(each)
    return ready


def _before(steps: Sequence[BuildStep], order: Sequence[int], lengths: Sequence[float]) -> list[float]:
    """The longest chain that ends with each step, itself included."""
    found = list(lengths)
    for number in order:
        found[number] += max((found[need] for need in steps[number].inputs if need in range(len(steps))), default=0.0)
    return found


def _after(steps: Sequence[BuildStep], order: Sequence[int], lengths: Sequence[float]) -> list[float]:
    """The longest chain that begins with each step, itself included."""
    found = list(lengths)
    for number in reversed(order):
        for need in steps[number].inputs:
            if need in range(len(steps)):
                found[need] = max(found[need], lengths[need] + found[number])
    return found


def _chain(steps: Sequence[BuildStep], before: Sequence[float], longest: float) -> list[int]:
    """The steps of the longest chain that took any time, from its end."""
    number = next((each for each, length in enumerate(before) if length == longest and length > 0), None)
    found = []
    seen: set[int] = set()
    while number is not None and number not in seen:
        seen.add(number)
        if steps[number].seconds > 0:
            found.append(number)
        number = max(
            (need for need in steps[number].inputs if need in range(len(steps))),
            key=lambda need: before[need],
            default=None,
        )
    return found


def _without(steps: Sequence[BuildStep], order: Sequence[int], lengths: Sequence[float], free: int) -> float:
    if not lengths[free]:
        return max(_before(steps, order, lengths), default=0.0)
    return max(
        _before(steps, order, [0.0 if each == free else length for each, length in enumerate(lengths)]), default=0.0
    )
