"""Collapsed stacks, one a line: `outer (file:line);inner (file:line) 12`. What py-spy calls raw.

Format: https://github.com/brendangregg/FlameGraph (stackcollapse), with py-spy's frames: `process 7:"python3 app.py"`,
`thread (0x7F12): name`, `name (file:line)`. No character is escaped, so names with a semicolon are put together again
where that can be told.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from workbench.errors import ProfileError
from workbench.measure.flame.building import DEEPEST, TreeBuilder
from workbench.measure.flame.transform import relabelled
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable
from workbench.model.frame_tree import FrameTree, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.model.profile import Profile

MOST_CHARACTERS = 256 * 2**20
LONGEST_LINE = 2**20
_PROCESS = re.compile(r'process (\d{1,20}):"(.*)"', re.DOTALL)
_THREAD = re.compile(r"thread \((\w{1,20})\)(?:: (.*))?", re.DOTALL)
_HOW = "collapsed stacks are lines such as: main (app.py:3);work (app.py:9) 41"


def from_collapsed(text: str) -> FrameTree:
    """Read collapsed stacks; equal ones are added up. Secrets in command lines are masked.

    Raises:
        ProfileError: when a line is none, with its number; or when there is too much.
    """
    builder = TreeBuilder()
    known: dict[tuple[str, bool], int] = {}
    for stack, value in _lines(text):
        outer, places = True, []
        for part in _frames(stack)[:DEEPEST]:
            number = known.get((part, outer))
            if number is None:
                number = known[part, outer] = builder.intern((outer_place(part) if outer else None) or _code(part))
            outer = outer and builder.places[number].kind != "code"
            places.append(number)
        builder.stack(places, value)
    return _same_threads(builder.finish())


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
        if not line.strip() or line.startswith("#"):
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


def _same_threads(tree: FrameTree) -> FrameTree:
    """A thread that was seen before it had a name is the same thread."""
    threads = [place for place in tree.places if place.kind == "thread"]
    named = {place.name.partition(" ")[0]: place for place in threads if " " in place.name}
    if all(" " in place.name or place.name not in named for place in threads):
        return tree
    return relabelled(
        tree, [named.get(place.name, place) if place.kind == "thread" else place for place in tree.places]
    )
