"""What differs in the configuration and the history of two images, as rows and as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.model.image_comparison import ConfigurationDelta, ImageComparison, StepDelta

NOT_SET = "not set"
EMPTY = "empty"
_LEAD = 6
"""Characters in front of the first difference that stay in sight."""
_ROOM = 5
"""Characters from the first difference on that are in sight."""
_PIECES = re.compile(r"[\s:,;]+")


class DeltaRow(NamedTuple):
    """One difference with both sides in sight. The texts are foreign and may hold anything."""

    place: int
    """In the comparison's list."""
    kind: str
    name: str
    """Of the setting; empty for a step of the history."""
    before: str
    after: str
    before_number: int | None = None
    """Of the step, from 0."""
    after_number: int | None = None
    delta_bytes: int = 0


def setting_rows(comparison: ImageComparison, width: int) -> list[DeltaRow]:
    """Every setting that differs, in a fixed order.

    Args:
        comparison: Two images.
        width: Characters that are in sight of either side; only what is longer loses its common beginning.
    """
    return [
        DeltaRow(place, one.kind, one.name, *in_sight(_value(one.before), _value(one.after), width))
        for place, one in enumerate(comparison.configuration)
    ]


def step_rows(comparison: ImageComparison, width: int) -> list[DeltaRow]:
    """Every step of the histories that differs, in their order.

    Args:
        comparison: Two images.
        width: Characters that are in sight of either side; only what is longer loses its common beginning.
    """
    return [
        DeltaRow(
            place,
            one.kind,
            "",
            *in_sight(one.before_instruction, one.after_instruction, width),
            one.before,
            one.after,
            one.delta_bytes,
        )
        for place, one in enumerate(comparison.history)
        if one.kind != "same"
    ]


def in_sight(before: str, after: str, width: int) -> tuple[str, str]:
    """Both texts so that their first difference stands within `width` characters: what both begin with is left out.

    The first word stays where there is room for it; `…` stands for what is left out.
    """
    shorter = min(len(before), len(after))
    common = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    word, blank, _ = before[:common].partition(" ")
    lead = f"{word} " if blank and len(word) + len(" …") + _LEAD + _ROOM <= width else ""
    start = common - _LEAD
    if before == after or max(len(before), len(after)) <= width or start <= len(lead) + 1:
        return before, after
    return f"{lead}…{before[start:]}", f"{lead}…{after[start:]}"


def setting_text(one: ConfigurationDelta) -> str:
    """All of one setting on both sides, and the pieces that only one of them has."""
    return "\n".join(
        [
            f"{one.kind} · {_one_line(one.name)}",
            *_both(_value(one.before), _value(one.after)),
            *_pieces(one.before, one.after),
        ]
    )


def step_text(one: StepDelta) -> str:
    """All of one step of the history on both sides, its bytes, and the words that only one of them has."""
    sides = [
        _labelled(f"{side}, step {number}", instruction)
        for side, number, instruction in (
            ("before", one.before, one.before_instruction),
            ("after", one.after, one.after_instruction),
        )
        if number is not None
    ]
    sizes = f"ships {one.before_bytes:,} → {one.after_bytes:,} bytes"
    change = f", {one.delta_bytes:+,}" if one.delta_bytes else ""
    told = f"{one.kind} · {sizes}{change}" if one.before_bytes or one.after_bytes else f"{one.kind} · ships nothing"
    both = one.before is not None and one.after is not None
    pieces = _pieces(one.before_instruction, one.after_instruction) if both else []
    return "\n".join([told, *sides, *pieces])


def _value(value: str | None) -> str:
    return NOT_SET if value is None else value or EMPTY


def _both(before: str, after: str) -> list[str]:
    return [_labelled("before", before), _labelled("after", after)]


def _pieces(before: str | None, after: str | None) -> list[str]:
    """The words, or the parts of a list such as `PATH`, that are on one side only; nothing when most are."""
    if not before or not after:
        return []
    old, new = _PIECES.split(before), _PIECES.split(after)
    gone, come = _only_in(old, new), _only_in(new, old)
    if len(gone) + len(come) > len(set(old) & set(new)):
        return []
    return [
        _labelled(label, "  ".join(found)) for label, found in (("only before", gone), ("only after", come)) if found
    ]


def _only_in(here: Iterable[str], there: Iterable[str]) -> list[str]:
    elsewhere = {*there, ""}
    return [piece for piece in dict.fromkeys(here) if piece not in elsewhere]


def _labelled(label: str, text: str) -> str:
    """Later lines are indented: none of them can pass for a label."""
    return f"{label}: " + text.replace("\n", "\n" + " " * (len(label) + 2))


def _one_line(text: str) -> str:
    return text.replace("\n", "␊")
