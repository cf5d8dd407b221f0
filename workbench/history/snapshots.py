"""Whole snapshots of what has no fixed figures: GPUs, the machine's disks, processes. Packed, and bounded in bytes."""

import zlib
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from workbench.measure.text import all_encodable

if TYPE_CHECKING:
    import msgspec

T = TypeVar("T")
_LEVEL = 1
"""Of the packing: the quickest one halves such data already three times."""
_ENTRY_BYTES = 120
"""What an entry takes beside its content."""


class Snapshots(Generic[T]):
    """The newest snapshots of one kind, as many as fit.

    Args:
        shape: What they are.
        most: How many, at most.
        most_bytes: How much they may take together.
    """

    def __init__(self, shape: type[T], most: int, most_bytes: int) -> None:
        self._shape = shape
        self._most = most
        self._most_bytes = most_bytes
        self._kept: deque[tuple[float, bytes]] = deque()
        self._encoder: msgspec.msgpack.Encoder | None = None
        self._decoder: Any = None
        self.data_bytes = 0

    def add(self, at: float, value: T) -> None:
        """Keep one, newer than all before."""
        if self._encoder is None:
            import msgspec  # 26 ms, and not before there is something to keep

            self._encoder = msgspec.msgpack.Encoder()
            self._decoder = msgspec.msgpack.Decoder(self._shape)
        packed = zlib.compress(_encoded(self._encoder, value), _LEVEL)
        self._kept.append((at, packed))
        self.data_bytes += len(packed) + _ENTRY_BYTES
        while len(self._kept) > self._most or self.data_bytes > self._most_bytes:
            self.data_bytes -= len(self._kept.popleft()[1]) + _ENTRY_BYTES

    def at(self, at: float) -> tuple[float, T] | None:
        """The newest that is not after `at`, and when it was; `None` when there is none."""
        kept = list(self._kept)  # a copy: another thread adds meanwhile
        place = bisect_right(kept, at, key=lambda entry: entry[0])
        if not place:
            return None
        when, packed = kept[place - 1]
        return when, self._decoder.decode(zlib.decompress(packed))

    def span(self) -> tuple[float, float] | None:
        """When the oldest and the newest were; `None` when there is none."""
        return (self._kept[0][0], self._kept[-1][0]) if self._kept else None

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
        self.data_bytes = 0


def _encoded(encoder: "msgspec.msgpack.Encoder", value: object) -> bytes:
    try:
        return encoder.encode(value)
    except UnicodeEncodeError:  # a name may be any bytes
        import msgspec

        return encoder.encode(all_encodable(msgspec.to_builtins(value)))
