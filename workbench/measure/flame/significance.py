"""Whether a share differs between two sampled profiles, and how small a difference could have been seen.

Shares, never absolute counts: how many samples a run gives depends on the machine's day. Each function gets a
two-proportion z test (pooled), all of them together Benjamini and Hochberg's control of the false discovery rate
(1995, "Controlling the false discovery rate"). Samples that follow each other closely are alike, so a share that stands
out here is worth a look, not a proof.
"""

import math
from collections.abc import Sequence

FALSE_ALARMS = 0.05
"""A q value from which on a difference may be chance: of those below it, one in twenty is."""
_REACH = 2.8
"""1.96 + 0.84: two-sided 5 % with 80 % power."""


def share_error(share: float, samples: float) -> float:
    """Half the width of a share's 95 % interval, 0 to 1: `1.96 * sqrt(p (1 - p) / n)`."""
    return 1.96 * math.sqrt(max(0.0, share * (1 - share)) / samples) if samples > 0 else 1.0


def two_proportions(first: float, first_all: float, second: float, second_all: float) -> float:
    """The two-sided p value of two shares being one: `z = (p2 - p1) / sqrt(p (1 - p) (1/n1 + 1/n2))`.

    Args:
        first: Samples of the first profile with the function in them.
        first_all: All samples of the first profile.
        second: The same of the second.
        second_all: The same of the second.
    """
    if first_all <= 0 or second_all <= 0:
        return 1.0
    pooled = (first + second) / (first_all + second_all)
    error = math.sqrt(max(0.0, pooled * (1 - pooled)) * (1 / first_all + 1 / second_all))
    if error == 0:
        return 1.0
    z = (second / second_all - first / first_all) / error
    return math.erfc(abs(z) / math.sqrt(2))


def detectable_change(share: float, first_all: float, second_all: float) -> float:
    """The smallest difference of a share that four of five runs would show: `2.8 sqrt(p (1 - p) (1/n1 + 1/n2))`."""
    if first_all <= 0 or second_all <= 0:
        return 1.0
    return min(1.0, _REACH * math.sqrt(max(0.0, share * (1 - share)) * (1 / first_all + 1 / second_all)))


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """Adjusted p values (q values), in the order given: those below 5 % hold at most one false alarm in twenty."""
    order = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    adjusted = [1.0] * len(values)
    least = 1.0
    for rank, place in zip(range(len(values), 0, -1), order, strict=True):
        least = min(least, values[place] * len(values) / rank)
        adjusted[place] = least
    return adjusted
