"""The way in that a draft takes, in words: its price, its risk, why others are closed, and what else would work."""

from collections.abc import Mapping, Sequence

from screens.profile.draft import KINDS, Draft
from screens.widgets.wrapped import Paragraph
from workbench.model.probe import Route

Ways = Mapping[str, Sequence[Route]]


def blocked(draft: Draft, ways: Ways | None) -> str:
    """Why it cannot be started; empty when it can, or while that is not known."""
    if draft.profiler == "lines" and not draft.wish.functions:
        return "choose the functions first: f"
    if ways is None:
        return ""
    way = draft.way(ways)
    if way is None:
        return f"there is no such way in for {draft.kind.title}: w chooses another"
    return way.closed


def told(draft: Draft, ways: Ways) -> list[Paragraph]:
    """What stands below the options."""
    way = draft.way(ways)
    mine = ways.get(draft.profiler, ())
    found = []
    if why := blocked(draft, ways):
        found.append(Paragraph(why, "watch", 2))
        found.append(Paragraph(_what_works(draft, ways), "plain", 2))
    if way is not None and way.is_open:
        found.append(Paragraph(way.price, "plain", 3))
        if way.risk:
            found.append(Paragraph(f"it may go wrong: {way.risk}; you are asked first", "watch", 3))
    others = [other for other in mine if other is not way]
    is_open = [other.name for other in others if other.is_open]
    if is_open:
        found.append(Paragraph(f"also open: {', '.join(is_open)}", "dim"))
    reasons: dict[str, list[str]] = {}
    for other in others:
        if other.closed and other.closed != why:
            reasons.setdefault(other.closed, []).append(other.name)
    found += [Paragraph(f"closed: {', '.join(names)} · {reason}", "dim", 2) for reason, names in reasons.items()]
    return [paragraph for paragraph in found if paragraph.text]


def _what_works(draft: Draft, ways: Ways) -> str:
    """Profilers that could be started instead."""
    others = []
    for kind in KINDS:
        is_open = [way.name for way in ways.get(kind.name, ()) if way.is_open]
        if is_open and kind.name != draft.profiler:
            others.append(f"{kind.key} {kind.title}{' as a fresh run' if is_open == ['fresh'] else ''}")
    if any(way.is_open for way in ways.get(draft.profiler, ())):
        others.insert(0, "another way in: w")
    return f"what works: {', '.join(others)}" if others else ""
