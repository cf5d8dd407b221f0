"""Which stages a build needs, and what their steps take from the context."""

from collections.abc import Sequence

from workbench.measure.dockerfile import Stage, parse, stage_of
from workbench.measure.dockerfile_words import copy_words, mounts_of
from workbench.measure.rebuild.context_files import relative
from workbench.model.build import Builder

ELSEWHERE = ("http://", "https://", "git@", "git://", "ssh://")
"""How a source begins that is not of the context."""


def needed_stages(stages: Sequence[Stage], target: str, builder: Builder) -> frozenset[int]:
    """The places of the stages that are built: with BuildKit those that the target needs, else all up to it."""
    told = tuple(stages)
    last = stage_of(told, target, len(told)) if target else len(told) - 1
    if last is None or last < 0:
        return frozenset(range(len(told)))
    if builder == "classic":
        return frozenset(range(last + 1))
    found: set[int] = set()
    waiting = [last]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += stages_used(told, place)
    return frozenset(found)


def stages_used(stages: tuple[Stage, ...], place: int) -> tuple[int, ...]:
    """The stages that one stage is built on or takes files from."""
    names = [stages[place].image]
    for step in stages[place].own_steps:
        names += [copy_words(step).from_] if step.word in ("COPY", "ADD") else []
        names += [mount.from_ for mount in mounts_of(step)] if step.word == "RUN" else []
    return tuple(found for name in names if (found := stage_of(stages, name, place)) is not None)


def context_sources(text: str, target: str, builder: Builder) -> frozenset[str]:
    """The paths of the context that steps copy or mount, cleaned; `.` with the classic builder, which gets all."""
    if builder == "classic":
        return frozenset({"."})
    stages = parse(text)
    found: set[str] = set()
    for place in needed_stages(stages, target, builder):
        for step in stages[place].own_steps:
            if step.word in ("COPY", "ADD") and not copy_words(step).from_:
                found |= {relative(source) for source in copy_words(step).sources if not source.startswith(ELSEWHERE)}
            elif step.word == "RUN":
                binds = (mount for mount in mounts_of(step) if mount.kind == "bind" and not mount.from_)
                found |= {relative(mount.source or ".") for mount in binds}
    return frozenset(found)
