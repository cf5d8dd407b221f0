"""How much longer a build takes, from what its steps took in earlier builds of the same."""

from collections.abc import Sequence

from workbench.model.build import BuildStep, EarlierBuilds


def remaining_seconds(
    steps: Sequence[BuildStep], elapsed: float, earlier: EarlierBuilds, *, in_turns: bool, uses_cache: bool
) -> float | None:
    """How much longer it takes; `None` where earlier builds cannot tell.

    Until a step runs that was not in the cache, that is what is missing to the usual time of the whole. From then on
    it is the longest chain of what is left: what a running step is short of its usual time, and the usual time of each
    step that needs one which ran. Other steps are taken to come from the cache.

    Args:
        steps: As far as they are known.
        elapsed: Seconds since the build began.
        earlier: What the same took before.
        in_turns: Whether the builder runs one step at a time, and tells of none before it begins.
        uses_cache: Whether steps may come from the cache.
    """
    if not earlier.count:
        return None
    ran = _ran(steps)
    if told_by_whole(steps, uses_cache=uses_cache):
        whole = earlier.median_seconds
        return None if whole is None else max(0.0, whole - elapsed)
    must = _needing(steps, ran) if uses_cache and not in_turns else [True] * len(steps)
    left: list[float] = []
    for step, runs in zip(steps, must, strict=True):
        seconds = _left(step, elapsed, earlier, runs=runs)
        if seconds is None:
            return None
        left.append(seconds)
    if in_turns:
        known = {step.name for step in steps}
        return sum(left) + sum(earlier.usual_seconds.get(s.name, 0.0) for s in earlier.last if s.name not in known)
    return _longest(steps, left)


def told_by_whole(steps: Sequence[BuildStep], *, uses_cache: bool) -> bool:
    """Whether the forecast is that of the whole still: no step is known to run."""
    return uses_cache and not any(_ran(steps))


def _ran(steps: Sequence[BuildStep]) -> list[bool]:
    """Which of the Dockerfile's own steps run or ran, and were not in the cache."""
    return [
        step.began is not None
        and not (step.cached or step.is_internal or step.is_base)
        # What was in the cache has ended before it is known to be so
        and (step.ended is None or step.ended > step.began)
        for step in steps
    ]


def _needing(steps: Sequence[BuildStep], ran: Sequence[bool]) -> list[bool]:
    """Those that ran, and those that need one of them, however far."""
    found = list(ran)
    for _ in steps:
        more = [
            found[place] or any(found[need] for need in step.inputs if 0 <= need < len(steps))
            for place, step in enumerate(steps)
        ]
        if more == found:
            break
        found = more
    return found


def _left(step: BuildStep, elapsed: float, earlier: EarlierBuilds, *, runs: bool) -> float | None:
    if step.ended is not None or step.cached:
        return 0.0
    usual = earlier.usual_seconds.get(step.name)
    if step.is_internal or step.is_base:
        usual = usual or 0.0
    if step.began is not None:
        return None if usual is None else max(0.0, usual - (elapsed - step.began))
    return usual if runs else 0.0


def _longest(steps: Sequence[BuildStep], left: Sequence[float]) -> float:
    """The longest chain, found from its beginnings; steps that need each other in a circle are counted once."""
    found: dict[int, float] = {}
    for start in range(len(steps)):
        waiting = [start]
        while waiting:
            place = waiting[-1]
            needs = [need for need in steps[place].inputs if 0 <= need < len(steps) and need not in found]
            unseen = [need for need in needs if need not in waiting]
            if unseen:
                waiting.append(unseen[0])
                continue
            waiting.pop()
            if place not in found:
                before = max((found.get(need, 0.0) for need in steps[place].inputs), default=0.0)
                found[place] = before + left[place]
    return max(found.values(), default=0.0)
