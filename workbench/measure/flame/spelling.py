"""Functions of a recording as a profiler of lines takes them: `MODULE:NAME`."""

import os.path
from pathlib import PurePosixPath

from workbench.measure.flame.functions import functions_of
from workbench.measure.flame.origin import origin
from workbench.model.frame_tree import FrameTree

MOST = 60
_MAIN = "__main__"


def spelled_functions(tree: FrameTree) -> tuple[str, ...]:
    """One's own functions, those with the most time first.

    A recording names files, not modules. The file that the program began with is `__main__`; the folder that all
    one's own files lie in is taken for the one that modules are looked for in. So a name is a guess.
    """
    found = [one.place for one in functions_of(tree) if origin(one.place) == "own" and "<" not in one.place.name]
    begun = _begun(tree)
    folders = [str(PurePosixPath(place.file).parent) for place in found if place.file.startswith("/")]
    root = os.path.commonpath(folders) if folders else ""
    spelled = (f"{_MAIN if place.file in begun else _module(place.file, root)}:{place.name}" for place in found)
    return tuple(dict.fromkeys(spelled))[:MOST]


def _begun(tree: FrameTree) -> set[str]:
    """The files that programs began with: their modules lie below no other code."""
    return {
        tree.at(node).file
        for node in range(1, len(tree))
        if tree.at(node).name == "<module>" and tree.at(tree.parent[node]).kind != "code"
    }


def _module(file: str, root: str) -> str:
    inside = os.path.relpath(file, root) if root and file.startswith("/") else file
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
