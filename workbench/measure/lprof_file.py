"""line_profiler's results in files: a pickle of one LineStats. Nothing of it is run, and nothing else is taken.

Format: line_profiler 3 to 5, `LineStats.to_file`: an object with `timings`, a table of `(file, first line, name)` to
rows of `(line, hits, time)`, and `unit`, what one of these times is in seconds. Opcodes: CPython, Lib/pickletools.py.
"""

import pickletools
from collections.abc import Callable
from typing import TypeAlias

from workbench.errors import ProfileError
from workbench.measure.line_times import MOST_LINES, Counted, LineTimes, line_times

SIGN = b"\x80"
"""How a pickle of protocol 2 or newer begins."""
_HOW = "python -m kernprof -l FILE.py writes one"
_CLASSES = {
    ("line_profiler.line_profiler", "LineStats"),
    ("line_profiler._line_profiler", "LineStats"),
    ("_line_profiler", "LineStats"),
}
_MOST = 1 << 60
_LONGEST_KEY = 3

_Value: TypeAlias = object


class _Mark:
    """On the stack, where a run of values begins."""


class _Class:
    """LineStats, by its name alone."""


class _Stats:
    """What stands for a LineStats."""

    state: dict[_Value, _Value]


def from_lprof(data: bytes) -> LineTimes:
    """Read a file's lines.

    Raises:
        ProfileError: when it is none.
    """
    try:
        stats = _Machine().run(data)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, UnicodeDecodeError, OverflowError) as error:
        raise ProfileError(f"not a result of line_profiler: {error}", _HOW) from None
    if not isinstance(stats, _Stats):
        raise ProfileError("not a result of line_profiler: it holds something else", _HOW)
    return _times(getattr(stats, "state", {}))


def _times(state: dict[_Value, _Value]) -> LineTimes:
    timings, unit = state.get("timings"), state.get("unit")
    if not isinstance(timings, dict) or not isinstance(unit, float) or not 0 < unit <= 1:
        raise ProfileError("not a result of line_profiler: no timings and their unit", _HOW)
    rows: list[tuple[Counted, float]] = []
    for key, lines in timings.items():
        match key:
            case (str(file), int(first), str(name)) if _is_count(first) and isinstance(lines, list):
                pass
            case _:
                raise ProfileError("not a result of line_profiler: a function is missing where one should be", _HOW)
        for line in lines:
            match line:
                case (int(number), int(hits), int(time)) if all(map(_is_count, (number, hits, time))):
                    rows.append(((file, first, name, number, hits, time), unit))
                case _:
                    raise ProfileError("not a result of line_profiler: a line is missing where one should be", _HOW)
            if len(rows) > MOST_LINES:
                raise ProfileError(f"more than {MOST_LINES:,} lines", "profile fewer functions")
    return line_times(rows)


def _is_count(value: int) -> bool:
    return 0 <= value < _MOST


class _Machine:
    """Of pickle's machine what one LineStats needs: no call but its making, and no object but it."""

    def __init__(self) -> None:
        self.stack: list[_Value] = []
        self.memo: dict[int, _Value] = {}

    def run(self, data: bytes) -> _Value:
        """The object.

        Raises:
            ValueError: at an opcode that a LineStats does not need; others that say it is damaged.
        """
        for opcode, argument, _ in pickletools.genops(data):
            name = opcode.name
            if name == "STOP":
                break
            if name in _LITERALS:
                self.stack.append(argument)
            elif name in _STEPS:
                _STEPS[name](self, argument)
            else:
                raise ValueError(f"it has {name} in it")
        return self.stack.pop()

    def marked(self) -> list[_Value]:
        """Take what stands above the last mark."""
        found: list[_Value] = []
        while not isinstance(top := self.stack.pop(), _Mark):
            found.append(top)
        return found[::-1]

    def take(self, count: int) -> tuple[_Value, ...]:
        """Take the last values."""
        if len(self.stack) < count:
            raise IndexError("a value is missing")
        found = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return found

    def name_class(self, module: _Value, name: _Value) -> None:
        """Take the one class that there may be."""
        if not (isinstance(module, str) and isinstance(name, str)):  # a deep one could not be hashed
            raise TypeError("a name is none")
        if (module, name) not in _CLASSES:
            raise ValueError(f"it has {module[:40]}.{name[:40]} in it")
        self.stack.append(_Class())

    def make(self) -> None:
        """An object of that class, without arguments."""
        what, arguments = self.take(2)
        if not isinstance(what, _Class) or arguments != ():
            raise ValueError("it makes something else")
        self.stack.append(_Stats())

    def build(self) -> None:
        """Give the object its state."""
        stats, state = self.take(2)
        if not isinstance(stats, _Stats) or not isinstance(state, dict):
            raise ValueError("it builds something else")
        stats.state = state
        self.stack.append(stats)

    def set_items(self, pairs: list[_Value]) -> None:
        """Put pairs into the table on top. Keys are flat and short: no deep one can be hashed, no long one often."""
        table = self.stack[-1]
        if not isinstance(table, dict):
            raise TypeError("a table is missing")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            parts = key if isinstance(key, tuple) else (key,)
            if len(parts) > _LONGEST_KEY or not all(isinstance(part, str | int) for part in parts):
                raise TypeError("a key is none")
            table[key] = value

    def append(self, values: list[_Value]) -> None:
        """Put values into the list on top."""
        found = self.stack[-1]
        if not isinstance(found, list):
            raise TypeError("a list is missing")
        found.extend(values)

    def remember(self, place: int) -> None:
        """Note what is on top."""
        self.memo[place] = self.stack[-1]


_LITERALS = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE"}
)  # fmt: skip
_STEPS: dict[str, Callable[[_Machine, "int | str | None"], object]] = {
    "PROTO": lambda _, __: None,
    "FRAME": lambda _, __: None,
    "MARK": lambda machine, _: machine.stack.append(_Mark()),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "TUPLE1": lambda machine, _: machine.stack.append(machine.take(1)),
    "TUPLE2": lambda machine, _: machine.stack.append(machine.take(2)),
    "TUPLE3": lambda machine, _: machine.stack.append(machine.take(3)),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.marked())),
    "SETITEM": lambda machine, _: machine.set_items(list(machine.take(2))),
    "SETITEMS": lambda machine, _: machine.set_items(machine.marked()),
    "APPEND": lambda machine, _: machine.append(list(machine.take(1))),
    "APPENDS": lambda machine, _: machine.append(machine.marked()),
    "GLOBAL": lambda machine, name: machine.name_class(*str(name).split(" ", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.name_class(*machine.take(2)),
    "NEWOBJ": lambda machine, _: machine.make(),
    "BUILD": lambda machine, _: machine.build(),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    "BINPUT": lambda machine, place: machine.remember(int(place or 0)),
    "LONG_BINPUT": lambda machine, place: machine.remember(int(place or 0)),
    "BINGET": lambda machine, place: machine.stack.append(machine.memo[int(place or 0)]),
    "LONG_BINGET": lambda machine, place: machine.stack.append(machine.memo[int(place or 0)]),
}
