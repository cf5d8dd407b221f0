"""An image's history matched with its file-system layers.

The engine's history does not say which steps made a layer; it only gives each step's size. A step with a
size made one; a step of size 0 is a candidate when its instruction can make a layer at all (`WORKDIR`, which
ships at most a directory, last). Where there are more candidates than layers left, every row gets the index
it most likely has, and a `diff_id` only when each possible choice agrees on it. Where steps and layers cannot
be reconciled, rows keep an index by the same best effort and no `diff_id`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.measure.arguments import LONGEST, masked_text
from workbench.model.images import Layer

_SHELL = r"/(?:usr/)?bin/(?:ba|da|a|z|k)?sh(?: -\w+(?: pipefail)?)*? -\w*c(?: |$)"
_CONFIGURATION_STEP = re.compile(rf"^(?:RUN )?(?:{_SHELL})?#\(nop\)\s*", re.ASCII)
_CONTENT_DIGEST = re.compile(r"\b(file|dir|multi):([0-9a-f]{8})[0-9a-f]{24,}")
"""The classic builder names what was copied by its digest; eight digits tell one from another."""
_BUILD_ARGUMENTS = re.compile(rf"^(?:RUN )?\|\d+ .*?(?={_SHELL})", re.ASCII | re.DOTALL)
_SHELL_STEP = re.compile(rf"^(?:RUN )?{_SHELL}", re.ASCII)
_BUILDKIT_MARK = re.compile(r"\s*# buildkit\s*$")

_NEVER_A_LAYER = frozenset(
    {
        "ARG",
        "CMD",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
    }
)
_ONLY_A_DIRECTORY = frozenset({"WORKDIR"})


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the engine's history."""

    created_by: str
    comment: str
    size_bytes: int
    created_at: float | None


def instruction(created_by: str, comment: str = "") -> str:
    """The Dockerfile instruction behind a history entry, without builder's decoration and secrets, bounded.

    Build arguments that builders write before a command are dropped: they are not part of the instruction and
    often hold secrets. An entry without an instruction (`docker import`) is told by its comment.
    """
    text = created_by.strip()[: 4 * LONGEST]
    text = _BUILDKIT_MARK.sub("", text)
    plain = _CONFIGURATION_STEP.sub("", text)
    if plain == text:
        plain = _BUILD_ARGUMENTS.sub("", text)
        plain = _SHELL_STEP.sub("RUN ", plain)
    plain = _CONTENT_DIGEST.sub(r"\1:\2", plain)
    return masked_text(plain.strip() or comment.strip())


def match_layers(history: Sequence[Step], diff_ids: Sequence[str], total_bytes: int) -> tuple[Layer, ...]:
    """Every step of the history with its place among the layers.

    Layers that the history does not mention come last, as one row without index that holds the rest of the
    size.

    Args:
        history: Base first.
        diff_ids: The image's RootFS layers, base first.
        total_bytes: The image's size.
    """
    told = [instruction(step.created_by, step.comment) for step in history]
    certain = [step.size_bytes > 0 for step in history]
    candidates = [row for row, text in enumerate(told) if not certain[row] and _first_word(text) not in _NEVER_A_LAYER]
    missing = max(0, len(diff_ids) - sum(certain))
    likeliest_first = sorted(candidates, key=lambda row: _first_word(told[row]) in _ONLY_A_DIRECTORY)
    chosen = frozenset(likeliest_first[:missing])
    is_open = len(candidates) > missing > 0
    agree = sum(certain) + len(chosen) == len(diff_ids)
    rows = []
    index = 0
    for row, step in enumerate(history):
        made_one = certain[row] or row in chosen
        settled = agree and (not is_open or _is_settled(row, candidates, missing))
        rows.append(
            Layer(
                index=index if made_one and index < len(diff_ids) else None,
                diff_id=diff_ids[index] if made_one and settled else None,
                instruction=told[row],
                size_bytes=step.size_bytes,
                created_at=step.created_at,
            )
        )
        index += made_one
    unmentioned = len(diff_ids) - index
    if unmentioned > 0:
        rest = max(0, total_bytes - sum(step.size_bytes for step in history))
        words = "1 layer" if unmentioned == 1 else f"{unmentioned} layers"
        rows.append(Layer(None, None, f"{words} that the history does not mention", rest, None))
    return tuple(rows)


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text else ""


def _is_settled(row: int, candidates: Sequence[int], missing: int) -> bool:
    """Whether every way to choose `missing` of the candidates gives this row the same index."""
    if row in candidates:
        return False
    before = sum(candidate < row for candidate in candidates)
    fewest = max(0, missing - (len(candidates) - before))
    return fewest == min(before, missing)
