"""Profiles in files: of py-spy, speedscope and cProfile, told apart by their content; and written for other viewers."""

from pathlib import Path
from typing import Literal

from workbench.errors import ProfileError
from workbench.measure.flame.call_graph import estimated_tree
from workbench.measure.flame.collapsed import read_collapsed, to_collapsed
from workbench.measure.flame.pstats_file import from_pstats
from workbench.measure.flame.speedscope import from_speedscope, to_speedscope
from workbench.measure.text import printable
from workbench.model.profile import Profile

MOST_BYTES = 256 * 2**20
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
        data: Collapsed stacks, speedscope's JSON, or cProfile's marshalled table.
        target: What was profiled, in words.

    Raises:
        ProfileError: when it is none of these.
    """
    # JSON's first brace is followed by a text, a table of cProfile by a tuple.
    start = data[:64].lstrip()
    if start.startswith(b"{") and start[1:].lstrip()[:1] in (b'"', b"}"):
        return _of_speedscope(data, target)
    if data[:1] in (b"{", b"\xfb"):
        return _of_pstats(data, target)
    tree, moments = read_collapsed(data.decode("utf-8", "surrogateescape"))
    if len(tree) == 1:
        raise ProfileError(f"{target} holds no stacks", "py-spy record -f raw writes some")
    return Profile("samples", tree, "py-spy", target=target, samples=round(tree.total[0]), moments=moments)


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
        moments=found.moments,
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
    text = to_speedscope(profile, profile.target or "profile") if form == "speedscope" else to_collapsed(profile.tree)
    try:
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except FileExistsError:
        raise ProfileError(f"{path} is there already", "choose another name") from None
    except OSError as error:
        raise ProfileError(f"{path} cannot be written: {error.strerror}", "choose another folder") from None
    return form
