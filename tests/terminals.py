"""A pseudo-terminal with a program in it: what it writes is kept, what a terminal must answer is answered."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.cells import cell_len

HANG_SECONDS = 60.0
"""What has not come after this long never will; no test passes or fails by being faster or slower."""
SYNC_QUERY = b"\x1b[?2026$p"
SYNC_ANSWER = b"\x1b[?2026;2$y"
"""Yes, this terminal can hold back a frame until it is whole."""


def plain_environment(**more: str) -> dict[str, str]:
    """The environment of a 256-colour terminal that can do true colour, with nothing else of the test's own."""
    others = ("TEXTUAL", "NO_COLOR", "XDG", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **more}


class Terminal:
    """One program on its own terminal.

    Args:
        argv: The program.
        columns: The terminal's width.
        rows: Its height.
        environment: The program's; see `plain_environment`.
        pass_fds: Descriptors that the program inherits.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str],
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = self.modes()
        self.written = bytearray()
        """All that the program has written."""
        self._answered = 0
        self._open = True
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *argv],  # its own, so that a lost connection is told to it
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=dict(environment),
            pass_fds=pass_fds,
        )

    def modes(self) -> list[Any]:
        """The terminal's settings, as `stty` knows them."""
        return termios.tcgetattr(self._slave)

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size, and tell the program as a terminal does."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.process.pid, signal.SIGWINCH)

    def listen(self, seconds: float, most: int = 65536) -> bool:
        """Take in what the program writes next, so many bytes at most; `False` when it wrote nothing in that time."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        self.written += os.read(self.master, most)
        asked = self.written.count(SYNC_QUERY)
        while self._answered < asked:
            self._answered += 1
            self.press(SYNC_ANSWER)
        return True

    def wait_for(self, text: bytes, start: int = 0) -> int:
        """Listen until the program has written some text at or after a place; return where the text ends."""
        deadline = time.monotonic() + HANG_SECONDS
        while (place := self.written.find(text, start)) < 0:
            self.listen(0.2)
            if self.process.poll() is not None and not self.listen(0.2):
                raise AssertionError(f"it ended with {self.process.returncode} before {text!r}: {self._tail()}")
            assert time.monotonic() < deadline, f"{text!r} never came: {self._tail()}"
        return place + len(text)

    def wait_for_end(self) -> int:
        """Listen until the program has ended; return its exit code."""
        deadline = time.monotonic() + HANG_SECONDS
        while self.process.poll() is None:
            self.listen(0.05)
            assert time.monotonic() < deadline, f"it never ended: {self._tail()}"
        while self.listen(0.05):
            pass
        return self.process.returncode

    def _tail(self) -> str:
        return self.written[-2000:].decode("utf-8", "replace")

    def hang_up(self) -> None:
        """Go away, as a terminal does when the connection is lost."""
        self._open = False
        os.close(self._slave)
        os.close(self.master)

    def close(self) -> None:
        """End the program and the terminal."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._open:
            self.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_STEERING = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b\].*?(?:\x07|\x1b\\\\)|\x1bP.*?\x1b\\\\|\x1b[ -/]*[0-~]|(?P<control>[\r\n\b])|(?P<text>[^\x00-\x1f]+)",
    re.DOTALL,
)


def screen_of(written: bytes | bytearray, columns: int, rows: int) -> list[str]:
    """What a terminal shows after some output that places its text with `row;columnH`, as Textual's does."""
    grid = [[" "] * columns for _ in range(rows)]
    x = y = 0
    for found in _STEERING.finditer(written.decode("utf-8", "replace")):
        if found["final"] == "H":
            place = [int(number or 1) for number in (found["parameters"] or "1;1").split(";")]
            y, x = place[0] - 1, place[1] - 1
        elif found["final"] == "J":
            grid = [[" "] * columns for _ in range(rows)]
        elif found["control"] == "\r":
            x = 0
        elif found["control"] == "\n":
            y = min(y + 1, rows - 1)
        for char in found["text"] or "":
            width = cell_len(char)
            if x + width <= columns and y < rows:
                grid[y][x : x + width] = [char, *[""] * (width - 1)]
            x += width
    return ["".join(line) for line in grid]


def python(*arguments: str) -> list[str]:
    """The command line of a Python program with this interpreter."""
    return [sys.executable, *arguments]
