"""Reads one memray file in a process of its own and writes what the workbench shows of it, as JSON.

A file comes from the target and may be hostile: whoever starts this bounds its time and memory. The standard library
and memray alone, so that it can also run beside the target, where native frames have their names.

    python memray_reader.py FILE MADE [native] [html]
"""

import json
import sys

TYPE_CHECKING = False  # typing is not needed to run
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MOST_MEMORY = 4 << 30
_MOST_WRITTEN = 256 << 20
_MOST_SECONDS = 280
_MOST_MOMENTS = 2_000
_MOST_STACKS = 50_000
"""Of one aspect; what is beyond counts for one frame without a name."""
_DEEPEST = 500
_OURS = ("/.workbench/agent/", "workbench-attached")
"""Where what runs in the target begins."""


class _Frames:
    """Numbers for frames."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str, int], int] = {}
        self.agents: set[int] = set()
        """Those of the workbench's own."""

    def stack(self, record: "Any", native: bool) -> "list[int]":  # noqa: ANN401  memray has several
        """The numbers of a record's frames, the outermost first."""
        trace = record.hybrid_stack_trace(_DEEPEST) if native else record.stack_trace(_DEEPEST)
        found = []
        for frame in reversed(trace):
            number = self.numbers.setdefault(tuple(frame), len(self.numbers))
            if frame[1].startswith(_OURS):
                self.agents.add(number)
            found.append(number)
        return found


def _rows(records: "Iterable[Any]", frames: _Frames, native: bool) -> "list[Any]":
    return _largest([(record.size, record.n_allocations, record) for record in records], frames, native)


def _growth(records: "Iterable[Any]", middle: int, frames: _Frames, native: bool) -> "list[Any]":
    """What was allocated after the middle and is still held at the end."""
    found = []
    for record in records:
        kept = [
            one
            for one in record.intervals
            if one.deallocated_before_snapshot is None and one.allocated_before_snapshot > middle
        ]
        if kept:
            found.append((sum(one.n_bytes for one in kept), sum(one.n_allocations for one in kept), record))
    return _largest(found, frames, native)


def _largest(found: "list[tuple[int, int, Any]]", frames: _Frames, native: bool) -> "list[Any]":
    """Rows of bytes, allocations and frames, and one row for what is too much."""
    found.sort(key=lambda row: -row[0])
    rows: list[Any] = []
    for size, count, record in found[:_MOST_STACKS]:
        stack = frames.stack(record, native)
        if frames.agents.isdisjoint(stack):
            rows.append([size, count, stack])
    rest = found[_MOST_STACKS:]
    if rest:
        rows.append([sum(row[0] for row in rest), sum(row[1] for row in rest), [-1]])
    return rows


def read(path: str, native: bool) -> "dict[str, Any]":
    """Everything that is shown of a file.

    Raises:
        OSError: when memray cannot read it.
    """
    from memray import FileReader

    reader = FileReader(path, max_memory_records=_MOST_MOMENTS)
    about = reader.metadata
    native = native and about.has_native_traces
    frames = _Frames()
    moments = [(moment.time / 1000, moment.heap, moment.rss) for moment in reader.get_memory_snapshots()]
    began = about.start_time.timestamp()
    ended: float | None = moments[-1][0] if moments else None
    aspects = {
        "peak": _rows(reader.get_high_watermark_allocation_records(merge_threads=True), frames, native),
        "leaks": _rows(reader.get_leaked_allocation_records(merge_threads=True), frames, native),
        "temporary": _rows(
            reader.get_temporary_allocation_records(merge_threads=True, threshold=1), frames, native
        ),
        "growth": _growth(
            reader.get_temporal_allocation_records(merge_threads=True), _middle(moments), frames, native
        ),
    }  # fmt: skip
    return {
        "version": 1,
        "pid": about.pid,
        "began": began,
        "ended": max(ended or began, about.end_time.timestamp() if about.end_time > about.start_time else began),
        "peak": about.peak_memory,
        "allocations": about.total_allocations,
        "native": bool(native),
        "frames": [list(frame) for frame in frames.numbers],
        "aspects": aspects,
        "heap": moments,
    }


def _middle(moments: "list[Any]") -> int:
    """The last moment of the first half of the time."""
    if not moments:
        return 0
    half = (moments[0][0] + moments[-1][0]) / 2
    return len([moment for moment in moments if moment[0] <= half]) - 1


def _write_graph(path: str, target: str) -> int:
    """Have memray draw its own flame graph. No line of a source is put in: those of this machine may be others."""
    from memray.commands import main

    options = ["flamegraph", "--no-web", "--confidential-files", "all", "--force", "--output", target, path]
    return main(options)


def _limit() -> None:
    """Bound what a hostile file can take."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY),
        (resource.RLIMIT_FSIZE, _MOST_WRITTEN),
        (resource.RLIMIT_CPU, _MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    _limit()
    source, made, *modes = sys.argv[1:]
    if "html" in modes:
        sys.exit(_write_graph(source, made))
    else:
        # A lone surrogate of a hostile name has an escape in JSON that readers refuse
        text = json.dumps(read(source, "native" in modes), ensure_ascii=False)
        with open(made, "wb") as file:  # noqa: PTH123  without pathlib
            file.write(text.encode("utf-8", "replace"))
