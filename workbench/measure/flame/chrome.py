"""Chrome's trace format: spans of time in threads, read from other tools and written for their viewers.

Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (Trace Event Format): complete
events (`X`), begin and end (`B`, `E`), and names of processes and threads (`M`); everything else is passed over.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.errors import ProfileError
from workbench.measure.flame.building import DEEPEST, TreeBuilder
from workbench.measure.flame.collapsed import outer_place
from workbench.measure.flame.moments import Slicer, in_order
from workbench.measure.flame.transform import few_threads
from workbench.measure.secrets import mask_text
from workbench.measure.text import encodable
from workbench.model.frame_tree import OUTER, ROOT, FrameTree, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.model.frame_tree import Moments
    from workbench.model.profile import Profile

MOST_CHARACTERS = 256 * 2**20
MOST_EVENTS = 5_000_000
LONGEST_SECONDS = 1e9
_MICROSECONDS = 1e6
_HOW = "a trace has events with ph, ts, pid, tid and name: py-spy record -f chrometrace writes one"

Thread = tuple[str, str]
"""Process and thread, as the file numbers them."""


@dataclass(frozen=True, slots=True)
class ChromeFile:
    """What a file says, in seconds."""

    tree: FrameTree
    timeline: FrameTree
    moments: Moments | None


@dataclass(slots=True)
class _Span:
    begin: float
    end: float
    place: Place


def from_chrome(text: str) -> ChromeFile:
    """Read a file.

    Raises:
        ProfileError: when it is none, or is too much.
    """
    if len(text) > MOST_CHARACTERS:
        raise ProfileError(f"more than {MOST_CHARACTERS >> 20} MiB of trace", "record for a shorter time")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ProfileError("not a Chrome trace: it is no JSON", _HOW) from None
    try:
        return _read(data["traceEvents"] if isinstance(data, dict) else data)
    except (KeyError, TypeError, AttributeError, OverflowError, ValueError) as error:
        raise ProfileError(f"not a Chrome trace: {type(error).__name__} where a part should be", _HOW) from None


def _read(events: list[dict[str, Any]]) -> ChromeFile:
    if not isinstance(events, list):
        raise TypeError("events")
    if len(events) > MOST_EVENTS:
        raise ProfileError(f"more than {MOST_EVENTS:,} events", "record for a shorter time")
    spans, outer_places = _spans(events)
    begin = min((span.begin for each in spans.values() for span in each), default=0.0)
    end = max((span.end for each in spans.values() for span in each), default=0.0)
    tree, timeline, slicer = TreeBuilder(), TreeBuilder(in_order=True), Slicer(end - begin, "seconds")
    lines: dict[tuple[str, str], int] = {}
    taken: set[tuple[str, Place]] = set()
    for process, thread in sorted(spans):
        own = outer_places.get((process, thread), Place(thread, kind="thread"))
        if (process, own) in taken:  # two threads that call themselves the same stay two
            own = own._replace(name=f"{own.name} {process}/{thread}")
        taken.add((process, own))
        outer = [outer_places.get((process, ""), Place(process, kind="process")), own]
        for since, until, stack in _stacks(spans[process, thread]):
            places = [*outer, *(span.place for span in stack)]
            node = tree.stack([tree.intern(place) for place in places], until - since)
            alike = (place._replace(line=lines.setdefault(place.function, place.line)) for place in places)
            timeline.stack([timeline.intern(place) for place in alike], until - since)
            slicer.add(node, since - begin, until - since)
    merged = tree.finish()
    return ChromeFile(merged, timeline.finish(), slicer.finish(tree.moved))


def _spans(events: Iterable[dict[str, Any]]) -> tuple[dict[Thread, list[_Span]], dict[Thread, Place]]:
    """Every thread's spans, and the processes and threads that have names."""
    spans: dict[Thread, list[_Span]] = {}
    begun: dict[Thread, list[_Span]] = {}
    outer: dict[Thread, Place] = {}
    last = -math.inf
    for event in events:
        kind, where = event.get("ph"), (_number(event.get("pid", 0)), _number(event.get("tid", 0)))
        if kind == "M" and event["name"] in ("process_name", "thread_name"):
            name = mask_text(str(event["args"]["name"]))
            if event["name"] == "process_name":
                outer[where[0], ""] = Place(f"{where[0]} {name}".rstrip(), kind="process")
            else:
                outer[where] = Place(f"{where[1]} {name}".rstrip(), kind="thread")
        if kind not in ("X", "B", "E"):
            continue
        at = _seconds(event["ts"])
        length = max(0.0, _seconds(event.get("dur", 0))) if kind == "X" else 0.0
        last = max(last, at + length)
        if kind != "E":
            span = _Span(at, at + length if kind == "X" else math.inf, _place(event))
            # py-spy puts its threads among the frames; they are of no width of their own.
            found = None if span.place.file else outer_place(span.place.name)
            if found is None:
                spans.setdefault(where, []).append(span)
            elif found.kind == "thread" and (where not in outer or " " in found.name):
                outer[where] = found
            if kind == "B":
                begun.setdefault(where, []).append(span)
        elif begun.get(where):
            span = begun[where].pop()
            span.end = max(at, span.begin)
    for each in begun.values():
        for span in each:
            span.end = max(last, span.begin)
    return spans, outer


def _number(value: object) -> str:
    if not isinstance(value, int | str):
        raise TypeError("a process or thread")
    return mask_text(str(value)[:40])


def _seconds(value: object) -> float:
    seconds = float(value) / _MICROSECONDS  # type: ignore[arg-type]  # what cannot be one raises
    if not abs(seconds) < LONGEST_SECONDS:
        raise ValueError("a time")
    return seconds


def _place(event: dict[str, Any]) -> Place:
    arguments = event.get("args") or {}
    file = arguments.get("filename") or arguments.get("file") or ""
    line = arguments.get("line") or arguments.get("lineno") or 0
    name = event["name"]
    if not isinstance(name, str):
        raise TypeError("a name")
    known = isinstance(line, int) and 0 <= line < 10**9
    return Place(name, file if isinstance(file, str) else "", line if known else 0)


def _stacks(spans: list[_Span]) -> Iterator[tuple[float, float, list[_Span]]]:
    """From when until when which spans were open; one that outlives the one around it is cut."""
    stack: list[_Span] = []
    clock = -math.inf
    # Of two that begin together the longer is around the other.
    for span in [*sorted(spans, key=lambda each: (each.begin, -each.end)), _Span(math.inf, math.inf, Place(""))]:
        while stack and stack[-1].end <= span.begin:
            if stack[-1].end > clock:
                yield clock, stack[-1].end, stack
                clock = stack[-1].end
            stack.pop()
        if stack and span.begin > clock:
            yield clock, span.begin, stack
        clock = max(clock, span.begin)
        if len(stack) < DEEPEST:
            stack.append(_Span(span.begin, min(span.end, stack[-1].end) if stack else span.end, span.place))


def to_chrome(profile: Profile) -> str:
    """Write a profile whose order of time is known, a complete event for every call that was seen.

    Where only slices of time are known, what was seen in a slice stands side by side within it.

    Raises:
        ProfileError: when nothing tells when what ran.
    """
    timeline, moments = profile.timeline, profile.moments
    events: list[dict[str, object]] = []
    if timeline is not None and profile.unit == "seconds":
        events += _events(timeline, 0.0, 1.0)
    elif moments is not None:
        apart = few_threads(profile.tree)
        for number, (since, until) in enumerate(pairwise(moments.edges)):
            cut = in_order(profile.tree, moments, number, number + 1, threads_apart=apart)
            busiest = max((length for _, length in _outers(cut)), default=0.0)
            if busiest > 0:
                events += _events(cut, since, (until - since) / busiest)
    else:
        raise ProfileError("when what ran is not known of this profile", "py-spy's recordings and speedscope have it")
    return json.dumps({"traceEvents": [*_named(timeline or profile.tree), *events], "displayTimeUnit": "ms"})


def _outers(tree: FrameTree) -> list[tuple[int, float]]:
    """The frames that have a time of their own, and how long that is."""
    found: dict[int, float] = {}
    outer = _outer(tree)
    for node in range(1, len(tree)):
        if tree.own[node] > 0:
            found[outer[node]] = found.get(outer[node], 0.0) + tree.own[node]
    return list(found.items())


def _outer(tree: FrameTree) -> list[int]:
    outer = [ROOT] * len(tree)
    for node in range(1, len(tree)):
        outer[node] = node if tree.at(node).kind in OUTER else outer[tree.parent[node]]
    return outer


def _events(tree: FrameTree, start: float, scale: float) -> Iterator[dict[str, object]]:
    begin, outer = tree.begin, _outer(tree)
    if begin is None:
        return
    for node in range(1, len(tree)):
        place, around = tree.at(node), outer[node]
        if around == node:
            continue
        process, thread = _ids(tree, around)
        event: dict[str, object] = {
            "name": encodable(place.name),
            "ph": "X",
            "ts": round((start + (begin[node] - begin[around]) * scale) * _MICROSECONDS, 1),
            "dur": round(tree.total[node] * scale * _MICROSECONDS, 1),
            "pid": process,
            "tid": thread,
        }
        if place.file:
            event["args"] = {"filename": encodable(place.file), "line": place.line}
        yield event


def _ids(tree: FrameTree, outer: int) -> tuple[str, str]:
    path = [tree.at(step) for step in tree.path(outer)]
    process = next((place.name.partition(" ")[0] for place in path if place.kind == "process"), "1")
    thread = next((place.name.partition(" ")[0] for place in path if place.kind == "thread"), process)
    return encodable(process), encodable(thread)


def _named(tree: FrameTree) -> Iterator[dict[str, object]]:
    for node in range(1, len(tree)):
        place = tree.at(node)
        name = place.name.partition(" ")[2]
        if place.kind in ("process", "thread") and name:
            process, thread = _ids(tree, node)
            kind = f"{place.kind}_name"
            yield {"name": kind, "ph": "M", "pid": process, "tid": thread, "args": {"name": encodable(name)}}
