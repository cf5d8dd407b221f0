"""A profile's figures in words."""

from workbench.measure.flame.origin import module, origin
from workbench.measure.flame.significance import share_error
from workbench.measure.flame.words import amount
from workbench.measure.units import NOT_MEASURED, counted, duration, percent
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Profile

FEW_SAMPLES = 200
ESTIMATED = (
    "stacks are estimated: cProfile knows pairs of caller and callee alone, and longer ones are made in proportion; "
    "the figures of each function, its callers and its callees are exact"
)
SHORT_PATHS = "paths are shortened: whose code a frame is, is told by its first folder alone"
BY_LETTER = {"own": "own code", "library": "library", "native": "native"}


def share(value: float, whole: float) -> str:
    """A part of the whole: `54%`."""
    return percent(100 * value / whole) if whole else NOT_MEASURED


def where(place: Place) -> str:
    """`orders.py:31`, the last two parts of the path."""
    file = "/".join(place.file.split("/")[-2:])
    return f"{file}:{place.line}" if file and place.line else file


def whole_path(place: Place) -> str:
    """The path as the profiler wrote it, with its line."""
    return place.where


def whose(place: Place) -> str:
    """`own code`, `library json`, `native`, `process`."""
    if place.kind != "code":
        return {"all": "everything", "rest": "not divided"}.get(place.kind, place.kind)
    kind, package = origin(place), module(place)
    return f"library {package}" if kind == "library" and package else BY_LETTER[kind]


def heading(profile: Profile, tree: FrameTree) -> str:
    """What was profiled, how, and for how long; and what is looked at of it comes to."""
    parts = [profile.target or "profile", profile.profiler]
    if profile.duration_seconds is not None:
        parts.append(duration(profile.duration_seconds))
    if profile.samples is not None:
        parts.append(counted(profile.samples, "sample"))
    if profile.unit != "samples":
        parts.append(amount(tree.total[0], profile.unit))
    if profile.how != "file":
        parts.append(f"via {profile.how}")
    if profile.overhead_percent is not None:
        parts.append(f"overhead {percent(profile.overhead_percent)}")
    if profile.python:
        parts.append(f"Python {profile.python}")
    return " · ".join(parts)


def warnings(profile: Profile) -> tuple[str, ...]:
    """Where its figures mislead, what the profiler said first."""
    found = list(profile.warnings)
    if profile.samples is not None and profile.samples < FEW_SAMPLES:
        error_of_half = percent(100 * share_error(0.5, profile.samples))
        found.append(f"{counted(profile.samples, 'sample')} are few: a share of 50% is off by up to {error_of_half}")
    if profile.tree_is_estimated:
        found.append(ESTIMATED)
    files = [place.file for place in profile.tree.places if place.file.endswith(".py")]
    if files and not any(file.startswith("/") for file in files):
        found.append(SHORT_PATHS)
    return tuple(found)
