"""What is worked out of a profile before it is drawn; pure, so it may be done on any thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screens.widgets.fills import MODULES
from workbench.measure.flame.functions import figures_of, functions_of, nodes_by_file
from workbench.measure.flame.geometry import FlameLayout
from workbench.measure.flame.origin import module, origin
from workbench.measure.flame.search import FrameSearch
from workbench.measure.flame.views import Choices, Shown, chosen_tree, shown
from workbench.model.frame_tree import FrameTree, Place
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
    legend: tuple[tuple[str, str], ...]
    """Modules and what they are painted as, where that is chosen."""
    search: FrameSearch
    functions: tuple[FunctionFigures, ...]
    nodes: Mapping[str, Sequence[int]]
    """The frames of every file, in the tree of lines."""
    whole: float
    """What a share is a share of."""

    @property
    def tree(self) -> FrameTree:
        """The one of the profile's trees that is chosen."""
        return chosen_tree(self.profile, self.choices)

    @property
    def unit(self) -> str:
        """What the figures count."""
        return "allocations" if self.choices.by_number else self.profile.unit

    def fill(self, node: int) -> str:
        """What a frame of the drawn tree is painted as."""
        return self.fills[self.shown.drawn.place[node]]

    @property
    def samples(self) -> int | None:
        """How many samples the shares of what is looked at rest on; `None` when it was not sampled."""
        every = self.profile.tree.total[0]
        return None if self.profile.samples is None else round(self.profile.samples * self.whole / (every or 1))


def worked_out(profile: Profile, choices: Choices) -> ProfileState:
    """Fold, order, lay out and add up."""
    trees = shown(profile, choices)
    exact = profile.functions and not choices.part and not choices.span
    functions = figures_of(profile) if exact else functions_of(trees.lines)
    places = trees.drawn.places
    painted = _modules(functions) if choices.by_module else {}
    return ProfileState(
        profile,
        choices,
        trees,
        FlameLayout(trees.drawn),
        {number: _fill(place, painted if choices.by_module else None) for number, place in enumerate(places)},
        tuple(painted.items()),
        FrameSearch(trees.drawn),
        tuple(functions),
        nodes_by_file(trees.lines),
        trees.drawn.total[0],
    )


def _modules(functions: Sequence[FunctionFigures]) -> dict[str, str]:
    """The modules that do the most themselves, and what they are painted as."""
    own: dict[str, float] = {}
    for each in functions:
        name = module(each.place)
        own[name] = own.get(name, 0.0) + each.own
    largest = sorted((name for name in own if name), key=lambda name: (-own[name], name))
    return dict(zip(largest, MODULES, strict=False))


def _fill(place: Place, painted: Mapping[str, str] | None) -> str:
    if place.kind != "code":
        return "outer"
    return origin(place) if painted is None else painted.get(module(place), "native")
