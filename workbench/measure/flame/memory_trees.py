"""What was read of memray's files, as trees of bytes: at the peak, what was left, what grew, what was brief."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from workbench.errors import ProfileError
from workbench.measure.flame.building import TreeBuilder
from workbench.model.frame_tree import Place
from workbench.model.profile import Aspect, HeapMoment

TREES = "memray trees"
"""The kind of a kept file that holds what was read of one process's recording."""
MOST_MOMENTS = 500
WORDS = {
    "peak": "held when the process held most",
    "growth": "allocated in the second half and still held at the end: what leaks grows",
    "leaks": "still held at the end",
    "temporary": "freed before the next allocation but one",
}
_NO_FRAME = Place("outside of Python")
_REST = Place("the rest", kind="rest")

_Amount = Annotated[int, msgspec.Meta(ge=0, lt=1 << 60)]
_Time = Annotated[float, msgspec.Meta(ge=0, lt=1e12)]


class _Read(msgspec.Struct):
    """As `profilers/agents/memray_reader.py` writes it."""

    pid: _Amount
    began: _Time
    ended: _Time
    peak: _Amount
    allocations: _Amount
    frames: list[tuple[str, str, int]]
    aspects: dict[str, list[tuple[_Amount, _Amount, list[int]]]]
    heap: list[tuple[_Time, _Amount, _Amount | None]]
    native: bool = False


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    """One process of a recording."""

    pid: int
    peak_bytes: int
    allocations: int


@dataclass(frozen=True, slots=True)
class Memory:
    """All processes of a recording together."""

    aspects: tuple[Aspect, ...]
    """In the order of `WORDS`; `own` of a frame is bytes, `calls` allocations."""
    heap: tuple[HeapMoment, ...]
    processes: tuple[ProcessMemory, ...]
    """That with the highest peak first."""
    seconds: float
    native: bool = False
    """Whether there are frames of C among them."""

    @property
    def peak_bytes(self) -> int | None:
        """Of one process; of several no common peak is known."""
        return self.processes[0].peak_bytes if len(self.processes) == 1 else None

    @property
    def allocations(self) -> int:
        """Of all."""
        return sum(process.allocations for process in self.processes)


def from_memray(documents: Sequence[bytes]) -> Memory:
    """Put together what was read of every process's file.

    Raises:
        ProfileError: when one is not as the reader writes it.
    """
    try:
        each = [msgspec.json.decode(document, type=_Read) for document in documents]
        return _together(each)
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError) as error:
        raise ProfileError(f"not what is read of memray's files: {error}", "record it again") from None


def _together(each: Sequence[_Read]) -> Memory:
    if not each:
        raise ProfileError("no process was recorded", "record it again")
    each = sorted(each, key=lambda one: (-one.peak, one.pid))
    began, ended = min(one.began for one in each), max(one.ended for one in each)
    return Memory(
        tuple(_aspect(name, each) for name in WORDS),
        _heap(each, began, ended),
        tuple(ProcessMemory(one.pid, one.peak, one.allocations) for one in each),
        max(0.0, ended - began),
        any(one.native for one in each),
    )


def _aspect(name: str, each: Sequence[_Read]) -> Aspect:
    builder = TreeBuilder()
    for one in each:
        outer = [builder.intern(Place(str(one.pid), kind="process"))] if len(each) > 1 else []
        places = [Place(function, file, max(0, line)) for function, file, line in one.frames]
        for size, count, frames in one.aspects.get(name, ()):
            stack = [_REST] if frames == [-1] else [places[frame] for frame in frames] or [_NO_FRAME]
            builder.stack([*outer, *map(builder.intern, stack)], size, count)
    return Aspect(name, WORDS[name], builder.finish())


def _heap(each: Sequence[_Read], began: float, ended: float) -> tuple[HeapMoment, ...]:
    """What all held together, at equal distances; resident memory of one process alone, for pages are shared."""
    steps = min(MOST_MOMENTS, max((len(one.heap) for one in each), default=0))
    if not steps or ended <= began:
        return ()
    at = [0] * len(each)
    found = []
    for step in range(1, steps + 1):
        now = began + (ended - began) * step / steps
        held, resident = 0, None
        for index, one in enumerate(each):
            while at[index] < len(one.heap) and one.heap[at[index]][0] <= now:
                at[index] += 1
            if at[index] and now <= max(one.ended, one.heap[-1][0]):
                _, heap, resident = one.heap[at[index] - 1]
                held += heap
        found.append(HeapMoment(now - began, held, resident if len(each) == 1 else None))
    return tuple(found)
