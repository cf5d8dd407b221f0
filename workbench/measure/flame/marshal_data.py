"""Python's marshal format, data alone: no code objects, nothing executed, everything bounded.

`marshal.loads` may crash on hostile input and makes whatever code objects a file asks for, so files from elsewhere are
read here. Format: CPython, Python/marshal.c, versions 2 to 5.
"""

import struct
from typing import Final

from workbench.errors import ProfileError

MOST_BYTES = 256 * 2**20
DEEPEST = 8
"""pstats needs five: the table, its value, the callers, a caller."""
_REF: Final = 0x80
_TOO_SHORT = "cut short"

Data = None | bool | int | float | str | bytes | tuple["Data", ...] | dict["Data", "Data"]


class _Null:
    """Ends a dictionary."""


NULL = _Null()


def loads(data: bytes) -> Data:
    """Read one value: none, booleans, numbers, texts, bytes, tuples and dictionaries.

    Raises:
        ProfileError: for anything else.
    """
    if len(data) > MOST_BYTES:
        raise ProfileError(f"more than {MOST_BYTES >> 20} MiB of marshal data", "profile for a shorter time")
    value = _Reader(data).value(0)
    if isinstance(value, _Null):
        raise ProfileError("no marshal data")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._refs: list[Data | _Null] = []

    def value(self, depth: int) -> Data | _Null:
        """The value that begins here."""
        if depth > DEEPEST:
            raise ProfileError("marshal data nested too deeply")
        code = self._take(1)[0]
        place = -1
        if code & _REF:
            # A container's place is taken before its content, as its writer did.
            place = len(self._refs)
            self._refs.append(NULL)
        value = self._of(chr(code & ~_REF), depth)
        if place >= 0:
            self._refs[place] = value
        return value

    def _of(self, kind: str, depth: int) -> Data | _Null:
        match kind:
            case "0":
                return NULL
            case "N":
                return None
            case "T" | "F":
                return kind == "T"
            case "i":
                return int(struct.unpack("<i", self._take(4))[0])
            case "l":
                return self._long()
            case "g":
                return float(struct.unpack("<d", self._take(8))[0])
            case "s":
                return self._take(self._size())
            case "u" | "t" | "a" | "A":
                return self._take(self._size()).decode("utf-8", "surrogatepass")
            case "z" | "Z":
                return self._take(self._take(1)[0]).decode("latin-1")
            case "(":
                return self._tuple(self._size(), depth)
            case ")":
                return self._tuple(self._take(1)[0], depth)
            case "{":
                return self._dictionary(depth)
            case "r":
                return self._refs[self._size()]
            case _:
                raise ProfileError(f"marshal data of a kind that holds no figures: {kind!r}")

    def _take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise ProfileError(f"marshal data is {_TOO_SHORT}")
        self._at += count
        return found

    def _size(self) -> int:
        size = int(struct.unpack("<I", self._take(4))[0])
        # Every item takes a byte at least, so nothing is reserved that is not there.
        if size > len(self._data):
            raise ProfileError(f"marshal data is {_TOO_SHORT}")
        return size

    def _long(self) -> int:
        digits = struct.unpack("<i", self._take(4))[0]
        if abs(digits) > 64:
            raise ProfileError("marshal data holds a number beyond all counting")
        value = 0
        for place in range(abs(digits)):
            value |= struct.unpack("<H", self._take(2))[0] << (15 * place)
        return -value if digits < 0 else value

    def _tuple(self, size: int, depth: int) -> Data:
        items: list[Data] = []
        for _ in range(size):
            item = self.value(depth + 1)
            if isinstance(item, _Null):
                raise ProfileError("marshal data ends a dictionary inside a tuple")
            items.append(item)
        return tuple(items)

    def _dictionary(self, depth: int) -> Data:
        found: dict[Data, Data] = {}
        while not isinstance(key := self.value(depth + 1), _Null):
            value = self.value(depth + 1)
            if isinstance(value, _Null):
                raise ProfileError(f"marshal data is {_TOO_SHORT}")
            found[key] = value
        return found
