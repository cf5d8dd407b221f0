"""Repeated runs as one profile: samples added up, measured times and bytes averaged."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.measure.flame.building import lay_out
from workbench.measure.flame.transform import merged
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Aspect, FunctionFigures, Profile


def why_not_one(profiles: Sequence[Profile]) -> str:
    """Why several runs cannot be put together; empty where they can."""
    units = sorted({profile.unit for profile in profiles})
    return f"the runs of one side count {' and '.join(units)}" if len(units) > 1 else ""


def mean_profile(profiles: Sequence[Profile]) -> Profile:
    """Several runs of the same as one; one alone is itself. The first tells what they are of.

    Args:
        profiles: One at least, all of one unit.
    """
    first = profiles[0]
    if len(profiles) == 1:
        return first
    part = 1.0 if first.unit == "samples" else 1.0 / len(profiles)
    samples = [profile.samples for profile in profiles]
    return replace(
        first,
        tree=_scaled(merged(profile.tree for profile in profiles), part),
        samples=None if None in samples else sum(each or 0 for each in samples),
        moments=None,
        timeline=None,
        functions=_functions(profiles, part) if all(profile.functions for profile in profiles) else (),
        edges=(),
        aspects=_aspects(profiles, part),
        heap=(),
        lines=(),
        excerpts=(),
        warnings=tuple(dict.fromkeys(warning for profile in profiles for warning in profile.warnings)),
    )


def _scaled(tree: FrameTree, part: float) -> FrameTree:
    if part == 1:
        return tree
    # Calls of several runs added up are nobody's.
    return lay_out(tree.places, tree.place, tree.parent, [own * part for own in tree.own])


def _functions(profiles: Sequence[Profile], part: float) -> tuple[FunctionFigures, ...]:
    """Figures of the mean run; a number of calls where it is the same in every run."""
    found: dict[Place, list[FunctionFigures]] = {}
    for profile in profiles:
        for each in profile.functions:
            found.setdefault(each.place, []).append(each)
    made = []
    for place, several in found.items():
        counts = {each.calls for each in several} | ({None} if len(several) < len(profiles) else set())
        own, total = (part * sum(figures) for figures in zip(*((one.own, one.total) for one in several), strict=True))
        made.append(FunctionFigures(place, own, total, counts.pop() if len(counts) == 1 else None))
    return tuple(made)


def _aspects(profiles: Sequence[Profile], part: float) -> tuple[Aspect, ...]:
    """The trees that every run has."""
    made = []
    for aspect in profiles[0].aspects:
        trees = [each.tree for profile in profiles for each in profile.aspects if each.name == aspect.name]
        if len(trees) == len(profiles):
            made.append(replace(aspect, tree=_scaled(merged(trees), part)))
    return tuple(made)
