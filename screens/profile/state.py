"""What is worked out of a profile before it is drawn; pure, so it may be done on any thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.measure.flame.functions import figures_of, functions_of, nodes_by_file
from workbench.measure.flame.geometry import FlameLayout
from workbench.measure.flame.origin import origin
from workbench.measure.flame.search import FrameSearch
from workbench.measure.flame.views import Choices, Shown, shown
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures, Profile

LARGE = 20_000
"""Frames from which on working out is felt, and done on a thread."""


@dataclass(frozen=True, slots=True)
class ProfileState:
    """One profile as it is looked at."""

    profile: Profile
    choices: Choices
    shown: Shown
    layout: FlameLayout
    fills: dict[int, str]
    """What every place of the drawn tree is painted as."""
    search: FrameSearch
    functions: tuple[FunctionFigures, ...]
    nodes: Mapping[str, Sequence[int]]
    """The frames of every file, in the tree of lines."""
    whole: float
    """What a share is a share of."""

    @property
    def samples(self) -> int | None:
        """How many samples the shares of what is looked at rest on; `None` when it was not sampled."""
        every = self.profile.tree.total[0]
        return None if self.profile.samples is None else round(self.profile.samples * self.whole / (every or 1))


def worked_out(profile: Profile, choices: Choices) -> ProfileState:
    """Fold, order, lay out and add up."""
    trees = shown(profile, choices)
    functions = figures_of(profile) if profile.functions else functions_of(trees.lines)
    places = trees.drawn.places
    return ProfileState(
        profile,
        choices,
        trees,
        FlameLayout(trees.drawn),
        {number: _fill(place) for number, place in enumerate(places)},
        FrameSearch(trees.drawn),
        tuple(functions),
        nodes_by_file(trees.lines),
        trees.drawn.total[0],
    )


def _fill(place: Place) -> str:
    return origin(place) if place.kind == "code" else "outer"
