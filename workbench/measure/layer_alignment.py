"""The layers and histories of two images, those that answer each other side by side."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from workbench.model.image_comparison import HistoryLine, LayerDelta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.analysis import ImageAnalysis
    from workbench.model.images import Layer

_CONTENT_DIGEST = re.compile(r"\b(file|dir|multi):[0-9a-f]{8,64}")


def aligned_layers(before: ImageAnalysis, after: ImageAnalysis) -> tuple[LayerDelta, ...]:
    """Every layer of both images: by diff id as far as both are the same from the bottom, above that by instruction.

    Where instructions differ between two that agree, those with the same first word answer each other in order.
    """
    old, new = _instructions(before), _instructions(after)
    old_ids, new_ids = ([layer.diff_id for layer in image.index.layers] for image in (before, after))
    same = 0
    while same < min(len(old), len(new)) and old_ids[same] == new_ids[same]:
        same += 1
    pairs: list[tuple[int | None, int | None]] = [(place, place) for place in range(same)]
    old_keys = [_CONTENT_DIGEST.sub(r"\1", text) for text in old[same:]]
    new_keys = [_CONTENT_DIGEST.sub(r"\1", text) for text in new[same:]]
    for kind, a, b, c, d in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        lefts, rights = range(same + a, same + b), range(same + c, same + d)
        if kind == "equal":
            pairs.extend(zip(lefts, rights, strict=True))
        else:
            pairs.extend(_in_order(lefts, rights, old, new))
    return tuple(_delta(left, right, before, after, old, new) for left, right in pairs)


def aligned_history(before: Sequence[Layer], after: Sequence[Layer]) -> tuple[HistoryLine, ...]:
    """Every step of both histories, in order."""
    old, new = [step.instruction for step in before], [step.instruction for step in after]
    lines: list[HistoryLine] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines.extend(HistoryLine("same", text) for text in old[a:b])
        else:
            lines.extend(HistoryLine("removed", text) for text in old[a:b])
            lines.extend(HistoryLine("added", text) for text in new[c:d])
    return tuple(lines)


def _instructions(image: ImageAnalysis) -> list[str]:
    found = [""] * len(image.index.layers)
    for step in image.index.detail.layers:
        if step.index is not None and step.index < len(found):
            found[step.index] = step.instruction
    return found


def _in_order(
    lefts: Sequence[int], rights: Sequence[int], old: Sequence[str], new: Sequence[str]
) -> list[tuple[int | None, int | None]]:
    pairs: list[tuple[int | None, int | None]] = []
    waiting = list(lefts)
    for right in rights:
        word = new[right].partition(" ")[0]
        match = next((place for place, left in enumerate(waiting) if old[left].partition(" ")[0] == word), None)
        if match is None:
            pairs.append((None, right))
            continue
        pairs.extend((left, None) for left in waiting[:match])
        pairs.append((waiting[match], right))
        del waiting[: match + 1]
    pairs.extend((left, None) for left in waiting)
    return pairs


def _delta(
    left: int | None,
    right: int | None,
    before: ImageAnalysis,
    after: ImageAnalysis,
    old: Sequence[str],
    new: Sequence[str],
) -> LayerDelta:
    before_bytes = before.overlay.per_layer[left].shipped if left is not None else 0
    after_bytes = after.overlay.per_layer[right].shipped if right is not None else 0
    before_text = old[left] if left is not None else ""
    after_text = new[right] if right is not None else ""
    if left is None:
        return LayerDelta("added", None, right, "", after_text, 0, after_bytes)
    if right is None:
        return LayerDelta("removed", left, None, before_text, "", before_bytes, 0)
    if before.index.layers[left].diff_id == after.index.layers[right].diff_id:
        return LayerDelta("same", left, right, before_text, after_text, before_bytes, after_bytes)
    stripped = (_CONTENT_DIGEST.sub(r"\1", before_text), _CONTENT_DIGEST.sub(r"\1", after_text))
    return LayerDelta(
        "rebuilt" if stripped[0] == stripped[1] else "changed",
        left,
        right,
        before_text,
        after_text,
        before_bytes,
        after_bytes,
    )
