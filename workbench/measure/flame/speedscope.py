"""Speedscope's JSON: read with the order of time, written for other viewers.

Format: https://www.speedscope.app/file-format-schema.json
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import ProfileError
from workbench.measure.flame.building import DEEPEST, TreeBuilder
from workbench.measure.flame.collapsed import outer_place
from workbench.measure.flame.moments import Slicer, in_order
from workbench.measure.secrets import mask_text
from workbench.measure.text import encodable
from workbench.model.frame_tree import FrameTree, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.model.frame_tree import Moments
    from workbench.model.profile import Profile, Unit

MOST_CHARACTERS = 256 * 2**20
MOST_SAMPLES = 20_000_000
SCHEMA = "https://www.speedscope.app/file-format-schema.json"
_HOW = "a speedscope file has shared.frames and profiles of type sampled or evented"
_THREAD = re.compile(r'Process (\d{1,20})(?:.*?) Thread (\w{1,20})(?: "(.*)")?', re.DOTALL)
_SECONDS = {"nanoseconds": 1e-9, "microseconds": 1e-6, "milliseconds": 1e-3, "seconds": 1.0}


@dataclass(frozen=True, slots=True)
class SpeedscopeFile:
    """What a file says."""

    unit: Unit
    tree: FrameTree
    timeline: FrameTree
    """In the order of time."""
    moments: Moments | None
    samples: int | None
    """`None` when events were recorded, not samples."""
    exporter: str


def from_speedscope(text: str) -> SpeedscopeFile:
    """Read a file.

    Raises:
        ProfileError: when it is none, or is too much.
    """
    if len(text) > MOST_CHARACTERS:
        raise ProfileError(f"more than {MOST_CHARACTERS >> 20} MiB of speedscope", "record for a shorter time")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ProfileError("not a speedscope file: it is no JSON", _HOW) from None
    try:
        return _read(data)
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError, ValueError) as error:
        raise ProfileError(f"not a speedscope file: {type(error).__name__} where a part should be", _HOW) from None


def _read(data: dict[str, Any]) -> SpeedscopeFile:
    places = [_place(frame) for frame in data["shared"]["frames"]]
    units = {profile["unit"] for profile in data["profiles"]}
    unit, factor = _unit(units)
    # Places of the line that ran for the tree; the order of time is of functions, or every line would be a frame.
    tree, timeline = TreeBuilder(), TreeBuilder(in_order=True)
    lines = [tree.intern(place) for place in places]
    hottest: dict[tuple[str, str], int] = {}
    functions = [
        timeline.intern(place._replace(line=hottest.setdefault(place.function, place.line))) for place in places
    ]
    samples = 0
    longest = max(map(_length, data["profiles"]), default=0.0)
    slicer = Slicer(longest * factor, "seconds" if unit == "seconds" else "samples")
    for profile in data["profiles"]:
        outer = _outer(str(profile.get("name", "")))
        above = [(tree.intern(place), timeline.intern(place)) for place in outer]
        clock = 0.0
        for stack, weight in _stacks(profile, len(places)):
            samples += 1
            if samples > MOST_SAMPLES:
                raise ProfileError(f"more than {MOST_SAMPLES:,} samples", "record for a shorter time")
            if not 0 <= weight < math.inf:
                raise ValueError("a weight")
            own = weight * factor
            begin, clock = clock, clock + own
            if not weight or not stack:
                continue
            frames = [(lines[frame], functions[frame]) for frame in stack]
            # py-spy may put the command line and the thread into the stack as well: those say more.
            told = {tree.places[line].kind for line, _ in frames[:2]}
            missing = [each for each in above if tree.places[each[0]].kind not in told]
            cut = 1 if "process" in told else 0
            frames[cut:cut] = missing
            slicer.add(tree.stack([line for line, _ in frames], own), begin, own)
            timeline.stack([function for _, function in frames], own)
    sampled = all(profile["type"] == "sampled" for profile in data["profiles"])
    exporter = mask_text(str(data.get("exporter", "")))
    merged = tree.finish()
    moments = slicer.finish(tree.moved) if unit != "bytes" else None
    return SpeedscopeFile(unit, merged, timeline.finish(), moments, samples if sampled else None, exporter)


def _place(frame: dict[str, Any]) -> Place:
    line = frame.get("line") or 0
    file = frame.get("file") or ""
    if not (isinstance(frame["name"], str) and isinstance(file, str) and isinstance(line, int)):
        raise TypeError("a frame")
    if not file and (outer := outer_place(frame["name"])):
        return outer
    return Place(frame["name"], file, line if 0 <= line < 10**9 else 0)


def _unit(units: set[Any]) -> tuple[Unit, float]:
    if not units:
        return "seconds", 1.0
    (one,) = units
    if one in _SECONDS:
        return "seconds", _SECONDS[one]
    return {"bytes": ("bytes", 1.0), "none": ("samples", 1.0)}[one]  # type: ignore[return-value]  # two of the units


def _outer(name: str) -> list[Place]:
    """The process and thread that py-spy writes into a profile's name; any other name is a thread's."""
    if found := _THREAD.fullmatch(name):
        thread = f"{found[2]} {mask_text(found[3] or '')}".rstrip()
        return [Place(found[1], kind="process"), Place(thread, kind="thread")]
    return [Place(mask_text(name), kind="thread")] if name else []


def _length(profile: dict[str, Any]) -> float:
    length = (
        math.fsum(map(float, profile["weights"]))
        if profile["type"] == "sampled"
        else float(profile["endValue"]) - float(profile["startValue"])
    )
    if not 0 <= length < math.inf:
        raise ValueError("a time")
    return length


def _stacks(profile: dict[str, Any], frames: int) -> Iterator[tuple[Sequence[int], float]]:
    if profile["type"] == "sampled":
        for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
            if not all(isinstance(frame, int) and 0 <= frame < frames for frame in stack):
                raise IndexError("a frame")
            yield stack[:DEEPEST], float(weight)
    elif profile["type"] == "evented":
        yield from _evented(profile, frames)
    else:
        raise ValueError("a type")


def _evented(profile: dict[str, Any], frames: int) -> Iterator[tuple[Sequence[int], float]]:
    stack: list[int] = []
    clock = float(profile["startValue"])
    for event in profile["events"]:
        now, frame = float(event["at"]), event["frame"]
        if now < clock or not (isinstance(frame, int) and 0 <= frame < frames):
            raise ValueError("an event")
        yield stack[:DEEPEST], now - clock
        clock = now
        if event["type"] == "O":
            stack.append(frame)
        elif event["type"] == "C" and stack and stack[-1] == frame:
            stack.pop()
        else:
            raise ValueError("an event")
    yield stack[:DEEPEST], max(0.0, float(profile["endValue"]) - clock)


def to_speedscope(profile: Profile, name: str) -> str:
    """Write a profile: one of theirs for every thread, in the order of time where that is known."""
    moments = profile.moments
    tree = profile.timeline or (
        in_order(profile.tree, moments, 0, len(moments), by_line=True) if moments is not None else profile.tree
    )
    frames: list[dict[str, object]] = []
    numbers: dict[int, int] = {}
    found: dict[tuple[int, ...], tuple[list[list[int]], list[float]]] = {}
    stacks: list[tuple[tuple[int, ...], list[int]]] = [((), [])] * len(tree)
    for node in range(len(tree)):
        if node:
            place = tree.at(node)
            outer, stack = stacks[tree.parent[node]]
            if place.kind in ("process", "thread"):
                outer = (*outer, tree.place[node])
            else:
                if tree.place[node] not in numbers:
                    numbers[tree.place[node]] = len(frames)
                    frames.append(_frame(place))
                stack = [*stack, numbers[tree.place[node]]]
            stacks[node] = outer, stack
        if tree.own[node] > 0:
            samples, weights = found.setdefault(stacks[node][0], ([], []))
            samples.append(stacks[node][1])
            weights.append(tree.own[node])
    unit = {"seconds": "seconds", "bytes": "bytes"}.get(profile.unit, "none")
    profiles = [
        {
            "type": "sampled",
            "name": encodable(_title([tree.places[place] for place in outer])) or name,
            "unit": unit,
            "startValue": 0,
            "endValue": math.fsum(weights),
            "samples": samples,
            "weights": weights,
        }
        for outer, (samples, weights) in found.items()
    ]
    return json.dumps({"$schema": SCHEMA, "name": name, "shared": {"frames": frames}, "profiles": profiles})


def _frame(place: Place) -> dict[str, object]:
    frame: dict[str, object] = {"name": encodable(place.name)}
    if place.file:
        frame["file"] = encodable(place.file)
    if place.line:
        frame["line"] = place.line
    return frame


def _title(outer: Sequence[Place]) -> str:
    process = next((place.name for place in outer if place.kind == "process"), "")
    thread = next((place.name for place in outer if place.kind == "thread"), "")
    if process and thread:
        number, _, called = thread.partition(" ")
        quoted = f' "{called}"' if called else ""
        return f"Process {process.partition(' ')[0]} Thread {number}{quoted}"
    return thread or (f"Process {process}" if process else "")
