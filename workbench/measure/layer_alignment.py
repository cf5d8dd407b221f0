"""The layers and histories of two images, those that answer each other side by side."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal, NamedTuple

from workbench.model.image_comparison import LayerDelta, StepDelta

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.measure.analysis import ImageAnalysis

_CONTENT_DIGEST = re.compile(r"\b(file|dir|multi):[0-9a-f]{8,64}")
_NAMES_ITS_SETTING = frozenset(("ARG", "ENV", "LABEL"))
"""Instructions of which only those that set the same name answer each other."""
_SAME_SUBJECT = 0.05
"""What a pair without a word in common but the first is worth, of at most 1.05."""
_MOST_COMPARED = 40_000
"""Pairs of steps; an engine takes no image of more than 127 layers."""


class _Step(NamedTuple):
    instruction: str
    diff_id: str | None
    """`None` for a step without a layer."""
    shipped: int
    """Bytes."""

    @property
    def key(self) -> str:
        """The instruction without the digest of what it copied."""
        return _CONTENT_DIGEST.sub(r"\1", self.instruction)

    @property
    def subject(self) -> str:
        """What another instruction must have in common to stand in its place."""
        word, _, rest = self.instruction.partition(" ")
        return f"{word} {rest.lstrip().partition('=')[0].partition(' ')[0]}" if word in _NAMES_ITS_SETTING else word


def aligned_layers(before: ImageAnalysis, after: ImageAnalysis) -> tuple[LayerDelta, ...]:
    """Every layer of both images: by diff id as far as both are the same from the bottom, above that by instruction.

    Where instructions differ between two that agree, those that begin with the same word answer each other in order,
    so that they have the most words in common.
    """
    old, new = _layers(before), _layers(after)
    same = 0
    while same < min(len(old), len(new)) and old[same].diff_id == new[same].diff_id:
        same += 1
    return tuple(
        LayerDelta(
            "same" if one and two and one.diff_id == two.diff_id else _kind(one, two), left, right, *_told(one, two)
        )
        for left, right, one, two in _pairs(old, new, same)
    )


def aligned_history(before: ImageAnalysis, after: ImageAnalysis) -> tuple[StepDelta, ...]:
    """Every step of both histories, those without a layer included, by instruction.

    Where instructions differ between two that agree, those that begin with the same word answer each other in order,
    so that they have the most words in common; an `ENV`, `LABEL` or `ARG` answers only one that sets the same name.
    """
    old, new = _history(before), _history(after)
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    return tuple(
        StepDelta(_kind(one, two), left, right, *_told(one, two)) for left, right, one, two in _pairs(old, new, same)
    )


def _layers(image: ImageAnalysis) -> list[_Step]:
    instructions = [""] * len(image.index.layers)
    for step in image.index.detail.layers:
        if step.index is not None and step.index < len(instructions):
            instructions[step.index] = step.instruction
    return [
        _Step(instruction, layer.diff_id, told.shipped)
        for instruction, layer, told in zip(instructions, image.index.layers, image.overlay.per_layer, strict=True)
    ]


def _history(image: ImageAnalysis) -> list[_Step]:
    layers = _layers(image)
    return [
        _Step(step.instruction, layers[step.index].diff_id, layers[step.index].shipped)
        if step.index is not None and step.index < len(layers)
        else _Step(step.instruction, None, 0)
        for step in image.index.detail.layers
    ]


def _pairs(
    old: Sequence[_Step], new: Sequence[_Step], same: int
) -> Iterator[tuple[int | None, int | None, _Step | None, _Step | None]]:
    """The numbers of those that answer each other, `None` where there is no counterpart, and the steps themselves.

    Args:
        old: The steps before.
        new: The steps after.
        same: How many from the bottom answer each other by their number.
    """
    pairs: list[tuple[int | None, int | None]] = [(place, place) for place in range(same)]
    matcher = SequenceMatcher(
        None, [step.key for step in old[same:]], [step.key for step in new[same:]], autojunk=False
    )
    for kind, a, b, c, d in matcher.get_opcodes():
        lefts, rights = range(same + a, same + b), range(same + c, same + d)
        pairs.extend(zip(lefts, rights, strict=True) if kind == "equal" else _in_order(lefts, rights, old, new))
    for left, right in pairs:
        yield left, right, None if left is None else old[left], None if right is None else new[right]


def _in_order(
    lefts: Sequence[int], rights: Sequence[int], old: Sequence[_Step], new: Sequence[_Step]
) -> list[tuple[int | None, int | None]]:
    """The pairing in order whose steps have the most words in common, by dynamic programming from the end."""
    if len(lefts) * len(rights) > _MOST_COMPARED:
        return [*((left, None) for left in lefts), *((None, right) for right in rights)]
    words = [frozenset(old[left].instruction.split()) for left in lefts]
    others = [frozenset(new[right].instruction.split()) for right in rights]
    best = [[0.0] * (len(rights) + 1) for _ in range(len(lefts) + 1)]
    likeness: dict[tuple[int, int], float] = {}
    for i in reversed(range(len(lefts))):
        for j in reversed(range(len(rights))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if old[lefts[i]].subject == new[rights[j]].subject:
                share = len(words[i] & others[j]) / max(1, len(words[i] | others[j]))
                # Squared: one pair that is nearly equal is worth more than two that are half so.
                likeness[i, j] = _SAME_SUBJECT + share**2
                best[i][j] = max(best[i][j], likeness[i, j] + best[i + 1][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(lefts) and j < len(rights):
        if (i, j) in likeness and best[i][j] == likeness[i, j] + best[i + 1][j + 1]:
            pairs.append((lefts[i], rights[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((lefts[i], None))
            i += 1
        else:
            pairs.append((None, rights[j]))
            j += 1
    pairs.extend((left, None) for left in lefts[i:])
    pairs.extend((None, right) for right in rights[j:])
    return pairs


def _kind(one: _Step | None, two: _Step | None) -> Literal["same", "rebuilt", "changed", "added", "removed"]:
    if one is None:
        return "added"
    if two is None:
        return "removed"
    if one.key != two.key:
        return "changed"
    return "same" if one.diff_id == two.diff_id else "rebuilt"


def _told(one: _Step | None, two: _Step | None) -> tuple[str, str, int, int]:
    return (
        one.instruction if one else "",
        two.instruction if two else "",
        one.shipped if one else 0,
        two.shipped if two else 0,
    )
