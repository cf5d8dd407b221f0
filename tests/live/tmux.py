"""A program in tmux, as over SSH: keys go in, and what is on screen comes out as text."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.terminals import HANG_SECONDS


class Tmux:
    """One program in a window of its own server.

    Args:
        folder: Short, for the server's socket; on a disk that the test owns.
        argv: The program.
        columns: The window's width.
        rows: Its height.
        environment: The program's.
    """

    def __init__(
        self, folder: Path, argv: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]
    ) -> None:
        self._socket = folder / "tmux"
        self._environment = {name: value for name, value in environment.items() if name not in ("TMUX", "TERM")}
        size = ["-x", str(columns), "-y", str(rows)]
        # tmux closes the window of a program that has ended, so something outlives it.
        told = ["sh", "-c", '"$@"; echo "ended with $?"; exec sleep infinity', "sh", *argv]
        self._run("new-session", "-d", *size, *told)

    def _run(self, *command: str) -> str:
        tmux = ["tmux", "-S", str(self._socket), "-f", "/dev/null"]
        return subprocess.run(
            [*tmux, *command], env=self._environment, capture_output=True, text=True, check=True
        ).stdout

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names for them."""
        self._run("send-keys", *keys)

    def write(self, text: str) -> None:
        """Write some text."""
        self._run("send-keys", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def text(self) -> str:
        """What is on screen."""
        return self._run("capture-pane", "-p")

    def wait_for(self, *texts: str, without: str = "") -> str:
        """Wait until all these texts are on screen and another one is not; return the screen."""
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            shown = self.text
            if all(text in shown for text in texts) and not (without and without in shown):
                return shown
            assert time.monotonic() < deadline, f"{texts} without {without!r} never came:\n{shown}"
            time.sleep(0.05)

    def wait_for_end(self) -> int:
        """Wait until the program has ended; return its exit code."""
        shown = self.wait_for("ended with ")
        return int(shown.partition("ended with ")[2].split()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("kill-server")
