"""Profiles in files, told apart by their content: py-spy, speedscope, cProfile, memray, line_profiler; and written."""

from pathlib import Path
from threading import Event
from typing import Literal

from workbench.errors import ProfileError
from workbench.measure.flame.call_graph import estimated_tree
from workbench.measure.flame.collapsed import from_collapsed, profile_to_collapsed
from workbench.measure.flame.memory_trees import from_memray
from workbench.measure.flame.pstats_file import from_pstats
from workbench.measure.flame.speedscope import from_speedscope, to_speedscope
from workbench.measure.lprof_file import SIGN, from_lprof
from workbench.measure.text import printable
from workbench.model.profile import Profile

MOST_BYTES = 256 * 2**20
_MEMRAY = (b"memray\0", b"\x04\x22\x4d\x18")
"""How memray's files begin: as they are written, and in a frame of lz4 once they are complete."""
Format = Literal["collapsed", "speedscope"]


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        ProfileError: when the file is none, is too large, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}", "check its name and your rights") from None
    if len(data) > MOST_BYTES:
        raise ProfileError(f"{path} is larger than {MOST_BYTES >> 20} MiB", "record for a shorter time")
    return parse_profile(data, printable(path.name))


def parse_profile(data: bytes, target: str) -> Profile:
    """Make a profile of a file's content.

    Args:
        data: Collapsed stacks, speedscope's JSON, or what cProfile, memray or line_profiler write.
        target: What was profiled, in words.

    Raises:
        ProfileError: when it is none of these.
    """
    if data.startswith(_MEMRAY):
        return _of_memray(data, target)
    if data.startswith(SIGN):
        return _of_lprof(data, target)
    # JSON's first brace is followed by a text, a table of cProfile by a tuple.
    start = data[:64].lstrip()
    if start.startswith(b"{") and start[1:].lstrip()[:1] in (b'"', b"}"):
        return _of_speedscope(data, target)
    if data[:1] in (b"{", b"\xfb"):
        return _of_pstats(data, target)
    tree = from_collapsed(data.decode("utf-8", "surrogateescape"))
    if len(tree) == 1:
        raise ProfileError(f"{target} holds no stacks", "py-spy record -f raw writes some")
    return Profile("samples", tree, "py-spy", target=target, samples=round(tree.total[0]))


def _of_memray(data: bytes, target: str) -> Profile:
    from workbench.profilers.memray_files import read_memray

    found = from_memray([read_memray(data, Event(), lambda _: None)])
    return Profile(
        "bytes",
        found.aspects[0].tree,
        "memray",
        target=target,
        duration_seconds=found.seconds,
        aspects=found.aspects,
        heap=found.heap,
    )


def _of_lprof(data: bytes, target: str) -> Profile:
    found = from_lprof(data)
    if not found.lines:
        raise ProfileError(f"{target} holds no lines", "its functions did not run")
    return Profile("seconds", found.tree, "lines", target=target, lines=found.lines)


def _of_speedscope(data: bytes, target: str) -> Profile:
    found = from_speedscope(data.decode("utf-8", "surrogateescape"))
    if len(found.tree) == 1:
        raise ProfileError(f"{target} holds no samples", "py-spy record -f speedscope writes some")
    is_py_spy = found.exporter.startswith("py-spy")
    return Profile(
        found.unit,
        found.tree,
        "py-spy" if is_py_spy else "other",
        target=target,
        samples=found.samples,
        timeline=found.timeline,
    )


def _of_pstats(data: bytes, target: str) -> Profile:
    found = from_pstats(data)
    if not found.functions:
        raise ProfileError(f"{target} holds no functions", "python -m cProfile -o FILE writes one")
    return Profile(
        "seconds",
        estimated_tree(found.functions, found.edges),
        "cprofile",
        target=target,
        line_is="defined",
        tree_is_estimated=True,
        functions=found.functions,
        edges=found.edges,
    )


def write_profile(profile: Profile, path: Path) -> Format:
    """Write a profile for other viewers: speedscope's JSON when the name ends in `.json`, else collapsed stacks.

    Raises:
        ProfileError: when there is a file of that name, or it cannot be written.
    """
    form: Format = "speedscope" if path.suffix == ".json" else "collapsed"
    is_json = form == "speedscope"
    text = to_speedscope(profile, profile.target or "profile") if is_json else profile_to_collapsed(profile)
    try:
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except FileExistsError:
        raise ProfileError(f"{path} is there already", "choose another name") from None
    except OSError as error:
        raise ProfileError(f"{path} cannot be written: {error.strerror}", "choose another folder") from None
    return form
