"""How many independent samples those of a recording are worth for a function's share.

Samples that follow each other closely are alike: a program that spends a second in one phase gives a hundred samples
that say one thing. The share's variance is therefore taken from how it varies between spans of the recording's time
(batch means), as the ratio estimator of cluster samples has it (Cochran 1977, 6.3): with `x` samples of the function
among the `n` of each of `k` spans, `N` in all and `p` the share,

    var(p) = tau * k / (k - 1) * sum((x - p n)^2) / N^2

where `tau` is how many spans are worth one, for spans that resemble their neighbours too. Divided by `p (1 - p) / N` it
is the design effect (Kish 1965): samples divided by it are independent ones. Of several runs, what differs from run to
run counts where it is more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.measure.statistics.blocks import correlation_time
from workbench.model.frame_tree import OUTER, ROOT
from workbench.model.profile import Profile

FEWEST_SPANS = 4
"""With fewer on a side there is no telling how its samples vary over time."""
_Z = 1.959964
_MOST_STEPS = 10_000_000
"""Frames on stacks that are counted, about three seconds; of a larger recording the spans up to there are taken."""

Function = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SampleWorth:
    """What the samples of one side are worth."""

    samples: float
    has_times: bool
    """Whether the recordings tell enough of when samples were taken."""
    effects: dict[Function, float] = field(default_factory=dict)
    """By function, 1 or more."""

    def design_effect(self, function: Function) -> float:
        """How many samples are worth one for this function's share."""
        return self.effects.get(function, 1.0)


def sample_worth(profiles: Sequence[Profile]) -> SampleWorth:
    """What the samples of some runs of the same are worth.

    Args:
        profiles: One at least, sampled.
    """
    samples = float(sum(profile.samples or 0 for profile in profiles))
    several = [_spans(profile) for profile in profiles]
    if not samples or not all(several) or sum(map(len, several)) < FEWEST_SPANS:
        return SampleWorth(samples, has_times=False)
    whole = math.fsum(size for spans in several for size, _ in spans)
    found: dict[Function, float] = {}
    for spans in several:
        for _, counts in spans:
            for function, count in counts.items():
                found[function] = found.get(function, 0.0) + count
    every = math.fsum(profile.tree.total[ROOT] for profile in profiles) or whole
    looked_at = samples * min(1.0, whole / every)
    effects = {
        function: _effect(function, count / whole, several, looked_at, whole) for function, count in found.items()
    }
    return SampleWorth(samples, has_times=True, effects=effects)


_Span = tuple[float, dict[Function, float]]
"""All of its weight, and that of each function, callees included."""


def _spans(profile: Profile) -> list[_Span]:
    """Each slice of a recording in which anything was sampled; none where its times are not known."""
    moments, tree = profile.moments, profile.tree
    if moments is None:
        return []
    functions = [None if place.kind in OUTER else place.function for place in tree.places]
    found: list[_Span] = []
    steps = 0
    for number in range(len(moments)):
        size, counts = 0.0, dict[Function, float]()
        for pair in range(moments.first[number], moments.first[number + 1]):
            own, node, seen = moments.own[pair], moments.node[pair], set[Function]()
            size += own
            while node != ROOT:
                steps += 1
                function = functions[tree.place[node]]
                if function is not None and function not in seen:
                    seen.add(function)
                    counts[function] = counts.get(function, 0.0) + own
                node = tree.parent[node]
        if size > 0:
            found.append((size, counts))
        if steps > _MOST_STEPS:
            break
    return found


def _effect(
    function: Function, share: float, several: Sequence[Sequence[_Span]], samples: float, whole: float
) -> float:
    """The design effect of one function's share."""
    if not 0 < share < 1:
        return 1.0
    rests = [[counts.get(function, 0.0) - share * size for size, counts in spans] for spans in several]
    count = sum(map(len, rests))
    alike = correlation_time(rests)
    variance = alike * count / (count - 1) * math.fsum(rest * rest for each in rests for rest in each)
    freedom = max(1.0, count / alike - 1)
    if len(rests) > 1:
        runs = len(rests)
        between = runs / (runs - 1) * math.fsum(math.fsum(each) ** 2 for each in rests)
        if between > variance:
            variance, freedom = between, runs - 1
    binomial = share * (1 - share) / samples
    return max(1.0, _wider(freedom) * variance / whole**2 / binomial)


def _wider(freedom: float) -> float:
    """How much more variance a normal interval needs to be as wide as Student's, where few spans tell the variance.

    The quantile by Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5), short for one degree of freedom.
    """
    z, n = _Z, freedom
    student = z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
    return (student / z) ** 2
