"""The rows of the form in words and looks: pure, no widgets."""

from collections.abc import Sequence

from screens.profile.draft import KINDS, Draft, Shown
from screens.profile.way_in import Ways
from screens.widgets.line import Part

LABEL = 11
"""Cells of the names of the options."""


def mark(*, here: bool) -> Part:
    """What stands before a row: whether the cursor is on it."""
    return Part("▸ " if here else "  ", "accent")


def profilers(draft: Draft, there: Sequence[str], ways: Ways | None, *, refused: bool) -> list[Part]:
    """All profilers in a row, the chosen one in brackets, those that cannot be used here dim."""
    parts = []
    for kind in KINDS:
        if kind.name not in there:
            continue
        action = f"screen.profiler('{kind.name}')"
        mine = (ways or {}).get(kind.name)
        closed = refused or (mine is not None and not any(way.is_open for way in mine))
        chosen = kind.name == draft.profiler
        look = "strong" if chosen else "dim" if closed else "plain"
        title = f"[{kind.title}]" if chosen else f" {kind.title} "
        parts += [Part(kind.key, "dim" if closed else "accent", action), Part(f"{title} ", look, action)]
    return parts


def option(row: Shown, *, here: bool) -> list[Part]:
    """An option: its letter, its name, its value, and what that means."""
    action = f"screen.pick('{row.option}')"
    return [
        mark(here=here),
        Part(row.key, "accent", action),
        Part(f"  {row.label:<{LABEL}}", "accent" if here else "plain", action),
        Part(row.value, "strong" if here else "plain", action),
        Part(f"   {row.note}" if row.note else "", "dim", action),
    ]


def way_in(draft: Draft, ways: Ways | None) -> list[Part]:
    """The way in that would be taken."""
    way = draft.way(ways) if ways is not None else None
    action = "screen.way"
    return [
        mark(here=False),
        Part("w", "accent", action),
        Part(f"  {'way in':<{LABEL}}", "plain", action),
        Part(way.name if way else "…", "plain" if way and way.is_open else "dim", action),
    ]


def keys(kept: int, *, closed: bool) -> list[Part]:
    """What can be pressed, Enter dim where it would do nothing.

    Args:
        kept: How many profiles of the container are kept.
        closed: Whether it cannot be started as it is chosen.
    """
    told = (
        ("Enter", " starts", "screen.start", closed),
        ("  ← →", " change", "", False),
        ("  0-9", " seconds", "", False),
        ("  e", f" {kept} earlier" if kept else " earlier", "screen.kept", not kept),
        ("  Esc", " leaves", "screen.leave", False),
    )
    parts = []
    for key, words, action, dim in told:
        parts += [Part(key, "dim" if dim else "accent", action), Part(words, "dim" if dim else "plain", action)]
    return parts
