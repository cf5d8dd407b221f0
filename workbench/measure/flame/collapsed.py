"""Collapsed stacks, one a line: `outer (file:line);inner (file:line) 12`. What py-spy calls raw.

Format: https://github.com/brendangregg/FlameGraph (stackcollapse), with py-spy's frames: `process 7:"python3 app.py"`,
`thread (0x7F12): name`, `name (file:line)`. No character is escaped, so names with a semicolon are put together again
where that can be told. The workbench's own recordings have a line `# from 3.000 s to 4.012 s` before the stacks of that
time, which other readers pass over.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from workbench.errors import ProfileError
from workbench.measure.flame.building import DEEPEST, TreeBuilder
from workbench.measure.flame.moments import moments_of
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable
from workbench.model.frame_tree import FrameTree, Moments, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.model.profile import Profile

MOST_CHARACTERS = 256 * 2**20
LONGEST_LINE = 2**20
_PROCESS = re.compile(r'process (\d{1,20}):"(.*)"', re.DOTALL)
_THREAD = re.compile(r"thread \((\w{1,20})\)(?:: (.*))?", re.DOTALL)
_TID = re.compile(r"tid:(\d{1,20})")
_SAMPLING = re.compile(r"(.+?):(.+):(\d{1,9})", re.DOTALL)
"""A frame of Python's own `profiling.sampling`: `app.py:main:3`, `<task>:Task-2:0`; its stacks begin with a thread."""
_SLICE = re.compile(r"# from (\d{1,7}\.\d{3}) s to (\d{1,7}\.\d{3}) s")
MOST_SLICES = 20_000
_HOW = "collapsed stacks are lines such as: main (app.py:3);work (app.py:9) 41"


def from_collapsed(text: str) -> FrameTree:
    """Read collapsed stacks; equal ones are added up. Secrets in command lines are masked.

    Raises:
        ProfileError: when a line is none, with its number; or when there is too much.
    """
    return read_collapsed(text)[0]


def read_collapsed(text: str) -> tuple[FrameTree, Moments | None]:
    """Read collapsed stacks, and when they were seen, where the file tells it.

    Raises:
        ProfileError: when a line is none, with its number; or when there is too much.
    """
    builder = TreeBuilder()
    known: dict[tuple[str, bool, object], int] = {}
    threads: dict[str, int] = {}
    edges: list[float] = []
    slices: list[dict[int, float]] = []
    for stack, value in _lines(text):
        if stack.startswith("#"):
            found = _SLICE.fullmatch(stack)
            if found is None:
                continue
            since, until = float(found[1]), float(found[2])
            if len(slices) < MOST_SLICES and until >= since >= (edges[-1] if edges else 0.0):
                edges[-1:] = [since, until]
                slices.append({})
            continue
        outer, places = True, []
        parts = _frames(stack)[:DEEPEST]
        placed = _sampling_place if _TID.fullmatch(parts[0]) else _place
        for part in parts:
            number = known.get((part, outer, placed))
            if number is None:
                number = known[part, outer, placed] = _interned(builder, placed(part, outer=outer), threads)
            outer = outer and builder.places[number].kind != "code"
            places.append(number)
        node = builder.stack(places, value)
        if slices:
            slices[-1][node] = slices[-1].get(node, 0.0) + value
    tree = builder.finish()
    return tree, moments_of(edges, slices, builder.moved) if len(slices) > 1 else None


def _place(part: str, *, outer: bool) -> Place:
    return (outer_place(part) if outer else None) or _code(part)


def _sampling_place(part: str, *, outer: bool) -> Place:
    """A place as `profiling.sampling` names it; a task of asyncio is none of code."""
    if outer and (found := _TID.fullmatch(part)):
        return Place(found[1], kind="thread")
    if found := _SAMPLING.fullmatch(part):
        file, name, line = found.groups()
        return Place(name, kind="task") if file == "<task>" else Place(name, file, int(line))
    return Place(part)


def _interned(builder: TreeBuilder, place: Place, threads: dict[str, int]) -> int:
    """The number of a place. A thread that was seen before it had a name is the same thread."""
    if place.kind != "thread":
        return builder.intern(place)
    number, _, name = place.name.partition(" ")
    known = threads.get(number)
    if known is not None and not name:
        return known
    if known is not None and builder.places[known].name == number:
        builder.rename(known, place)
        return known
    threads[number] = builder.intern(place)
    return threads[number]


def slice_mark(since: float, until: float) -> str:
    """The line before the stacks of a slice of time, in seconds from the recording's beginning."""
    return f"# from {since:.3f} s to {until:.3f} s\n"


def to_collapsed(tree: FrameTree, *, per_unit: int = 1) -> str:
    """Write collapsed stacks, in the tree's order, with whole numbers; what is below a half is left out.

    Args:
        tree: What to write.
        per_unit: What its values are multiplied by, for the format has whole numbers only.
    """
    lines, path = [], ""
    paths: list[str] = []
    depths: list[int] = []
    for node in range(1, len(tree)):
        while depths and tree.end[depths[-1]] <= node:
            depths.pop()
            paths.pop()
        text = frame_text(tree.at(node))
        path = f"{paths[-1]};{text}" if paths else text
        if tree.end[node] > node + 1:
            depths.append(node)
            paths.append(path)
        if value := round(tree.own[node] * per_unit):
            lines.append(f"{path} {value}\n")
    return "".join(lines)


def profile_to_collapsed(profile: Profile) -> str:
    """The same of a profile; seconds are written as microseconds."""
    return to_collapsed(profile.tree, per_unit=1_000_000 if profile.unit == "seconds" else 1)


def frame_text(place: Place) -> str:
    """A place as collapsed stacks name it, on one line and without a semicolon."""
    return printable(_text(place)).replace(";", ":")


def _text(place: Place) -> str:
    if place.kind == "process":
        number, _, command = place.name.partition(" ")
        return f'process {number}:"{command}"'
    if place.kind == "thread":
        number, _, name = place.name.partition(" ")
        return f"thread ({number}): {name}" if name else f"thread ({number})"
    if not place.file:
        return place.name or "?"
    return f"{place.name} ({place.file}:{place.line})" if place.line else f"{place.name} ({place.file})"


def _lines(text: str) -> Iterator[tuple[str, float]]:
    if len(text) > MOST_CHARACTERS:
        raise ProfileError(f"more than {MOST_CHARACTERS >> 20} MiB of stacks", "record for a shorter time")
    at, number = 0, 0
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        number += 1
        if stop - at > LONGEST_LINE:
            raise ProfileError(f"line {number} is longer than {LONGEST_LINE:,} characters", _HOW)
        line = text[at:stop].rstrip("\r")
        at = stop + 1
        if line.startswith("#"):
            yield line, 0.0
            continue
        if not line.strip():
            continue
        stack, _, figure = line.rpartition(" ")
        yield stack, _value(figure, number)


def _value(figure: str, line: int) -> float:
    try:
        value = float(figure)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e18 or "_" in figure:
        raise ProfileError(f"line {line} does not end in how often its stack was seen", _HOW)
    return value


def _frames(stack: str) -> list[str]:
    """The frames of a stack, put together again where a command line or a thread's name held a semicolon."""
    parts = stack.split(";")
    if '"' not in stack and "; " not in stack:
        return parts
    found: list[str] = []
    if parts[0].startswith("process "):
        closed = next((place for place, part in enumerate(parts) if part.endswith('"')), 0)
        found.append(";".join(parts[: closed + 1]))
        parts = parts[closed + 1 :]
    for part in parts:
        if found and part.startswith(" "):
            found[-1] += f";{part}"
        else:
            found.append(part)
    return found


def outer_place(part: str) -> Place | None:
    """The process or thread that a part names; `None` when it is a frame."""
    if found := _PROCESS.fullmatch(part):
        return Place(f"{found[1]} {mask_text(found[2])}".rstrip(), kind="process")
    if found := _THREAD.fullmatch(part):
        return Place(f"{found[1]} {mask_text(found[2] or '')}".rstrip(), kind="thread")
    return None


def _code(part: str) -> Place:
    if not part.endswith(")"):
        return Place(part)
    start = _opening(part)
    if start < 1 or part[start - 1] != " ":
        return Place(part)
    name, where = part[: start - 1], part[start + 1 : -1]
    file, colon, line = where.rpartition(":")
    if colon and line.isascii() and line.isdigit() and len(line) < 10:
        return Place(name, file, int(line))
    return Place(name, "" if where == "?" else where)


def _opening(part: str) -> int:
    """Where the parenthesis that closes at the end was opened: a file's name may hold some of its own."""
    depth = 0
    for place in range(len(part) - 1, -1, -1):
        if part[place] == ")":
            depth += 1
        elif part[place] == "(":
            depth -= 1
            if not depth:
                return place
    return part.rfind("(")
