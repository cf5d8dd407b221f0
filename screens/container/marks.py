"""What happened to a container, on the time axis: pure, no widgets."""

import time
from collections.abc import Sequence

from screens.time_axis import columns_back
from screens.widgets.line import Part
from workbench.model.events import EngineEvent

_BAD = frozenset({"oom", "die", "gpu", "alert"})


def signs(events: Sequence[EngineEvent], until: float, step: float) -> dict[int, str]:
    """A sign for every event, by how many columns of dots it is from the newest one; the worst wins a column."""
    drawn: dict[int, str] = {}
    for event in sorted(events, key=lambda event: event.kind in _BAD):
        if (back := columns_back(event.at, until, step)) >= 0:
            drawn[back] = sign(event)
    return drawn


def sign(event: EngineEvent) -> str:
    """One cell: `✘` for what went wrong, the letter of a mark, `▲` for the rest."""
    if event.kind == "mark":
        return event.detail[:1] or "▲"
    return "✘" if event.kind in _BAD else "▲"


def last_words(events: Sequence[EngineEvent]) -> list[Part]:
    """The newest event in words, and how many came before it."""
    if not events:
        return [Part("none", "dim")]
    newest = events[-1]
    # Of a mark the sign is its letter.
    words = newest.kind if newest.kind == "mark" else " ".join(word for word in (newest.kind, newest.detail) if word)
    at = time.strftime("%H:%M:%S", time.localtime(newest.at))
    parts = [Part(f"{sign(newest)} {words}", "watch" if newest.kind in _BAD else "plain"), Part(f" {at}", "dim")]
    if len(events) > 1:
        parts.append(Part(f"  and {len(events) - 1} before", "dim"))
    return parts
