"""A recording of memray as the headless front writes it: what held memory, by size, and what grows."""

from threading import Event
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.measure.flame.functions import functions_of
from workbench.measure.flame.memory_trees import TREES, Memory, from_memray
from workbench.measure.text import encodable
from workbench.measure.units import duration, quantity

if TYPE_CHECKING:
    from workbench.model.profile import Aspect, FunctionFigures, Profile
    from workbench.profilers.base import Recorded

_SHOWN = 15
_SHOWN_OTHERS = 5
_MOST = 100
"""Functions of each aspect in JSON."""


def memory_of(recorded: "Recorded") -> Memory:
    """What was read of the processes' recordings."""
    return from_memray([file.content for file in recorded.files if file.kind == TREES])


def document(recorded: "Recorded") -> dict[str, object]:
    """What the summary says of memory besides, as JSON."""
    memory = memory_of(recorded)
    return {
        "peak_bytes": memory.peak_bytes,
        "allocations": memory.allocations,
        "processes": [
            {"pid": one.pid, "peak_bytes": one.peak_bytes, "allocations": one.allocations} for one in memory.processes
        ],
        "aspects": {aspect.name: _aspect(aspect) for aspect in memory.aspects},
        "heap": [
            {"seconds": one.seconds, "heap_bytes": one.heap_bytes, "resident_bytes": one.resident_bytes}
            for one in memory.heap
        ],
    }


def _aspect(aspect: "Aspect") -> dict[str, object]:
    return {
        "shows": aspect.words,
        "bytes": aspect.tree.total[0],
        "top": [
            {
                "function": encodable(one.place.name),
                "file": encodable(one.place.file),
                "line": one.place.line,
                "bytes": one.own,
                "allocations": one.calls,
            }
            for one in functions_of(aspect.tree)[:_MOST]
            if one.own
        ],
    }


def tell(profile: "Profile", recorded: "Recorded") -> None:
    """Tables on stdout, and a line of the whole."""
    memory = memory_of(recorded)
    for number, aspect in enumerate(memory.aspects):
        found = [one for one in functions_of(aspect.tree) if one.own][: _SHOWN_OTHERS if number else _SHOWN]
        if number:
            output.text("")
        output.text(f"{aspect.name}: {quantity(aspect.tree.total[0], 'B')} {aspect.words}")
        if found:
            _table(found, aspect.tree.total[0])
    peak = f"peak {quantity(memory.peak_bytes, 'B')}"
    if memory.peak_bytes is None:
        peak = "peaks " + ", ".join(f"{quantity(one.peak_bytes, 'B')} in {one.pid}" for one in memory.processes[:4])
    talk.say(
        f"{profile.target} · {profile.how} · {duration(profile.duration_seconds or 0.0)} · {peak}"
        f" · {memory.allocations:,} allocations"
    )


def _table(found: "list[FunctionFigures]", total: float) -> None:
    output.table(
        [("bytes", "right"), ("%", "right"), ("allocations", "right"), ("function", "left"), ("where", "left")],
        [
            [
                quantity(one.own, "B"),
                f"{100 * one.own / total:.1f}",
                str(one.calls),
                one.place.name,
                f"{one.place.file}:{one.place.line}" if one.place.file else "",
            ]
            for one in found
        ],
    )


def contents(kind: str, recorded: "Recorded") -> dict[str, bytes]:
    """What a file of memray's own kinds holds, by what is put behind its name: of the largest process nothing.

    Args:
        kind: `bin`, or `html` for memray's own flame graph.
        recorded: What the profiler left.
    """
    bins = [file for file in recorded.files if file.kind == "memray"]
    if kind == "bin":
        return {f".{file.name.split()[-1]}" if place else "": file.content for place, file in enumerate(bins)}
    from workbench.profilers.memray_files import memray_html

    if len(bins) > 1:
        talk.say(f"of {bins[0].name}, which had the highest peak; -o FILE --format bin writes all {len(bins)}")
    if memory_of(recorded).native:
        talk.say("frames of C in it are named by the libraries of this machine, which may be others")
    page = memray_html(bins[0].content, Event(), lambda passed: talk.progress(f"memray draws it, {passed:.0f} s"))
    talk.end_progress()
    return {"": page}
