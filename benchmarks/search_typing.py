"""Key to paint while somebody types a search into a tree of 300,000 files, in a pseudo-terminal of 120x40.

For every key two clocks stop: when the typed text has come out of the terminal, and when the title tells what was
found. The image is an archive made on the fly, opened from the list of images.

    python benchmarks/search_typing.py [ROUNDS]
"""

import argparse
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from image_scale import many_layers, write_archive

LIMIT_MS = 50
WORDS = ("Record", "Json", "Block", "Data", "A/p", "Zebra")
"""Searches with many, few and no matches, in a letter case that nothing else on the screen has."""
REST = 0.25
"""Seconds between two keys: a quick typist's."""


class Terminal:
    """The workbench in a pseudo-terminal.

    Args:
        argv: What is started.
        environment: Added to its environment.
    """

    def __init__(self, argv: list[str], environment: dict[str, str]) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", **environment)
            os.execv(argv[0], argv)
        ioctl(self.fd, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def press(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self.fd, keys)

    def seconds_until(self, *patterns: bytes, most: float = 30) -> list[float]:
        """Seconds until each of some patterns has come, from now on."""
        started = time.perf_counter()
        seen = b""
        taken: dict[bytes, float] = {}
        while len(taken) < len(patterns):
            left = most - (time.perf_counter() - started)
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise TimeoutError(f"{set(patterns) - set(taken)} never came; the last was {seen[-2000:]!r}")
            seen += os.read(self.fd, 65536)
            for pattern in patterns:
                if pattern not in taken and re.search(pattern, seen):
                    taken[pattern] = time.perf_counter() - started
        return [taken[pattern] for pattern in patterns]

    def rest(self, seconds: float) -> None:
        """Let it paint what it wants for a while."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                os.read(self.fd, 65536)

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def open_image(terminal: Terminal, archive: Path) -> None:
    """From the first screen into the tree of the archive's files."""
    terminal.seconds_until(b"Container")
    terminal.press(b"3")
    terminal.seconds_until(b"Images|images")
    terminal.rest(1)
    terminal.press(b"o")
    terminal.rest(1)
    terminal.press(b"%s\r" % str(archive).encode())
    terminal.seconds_until(b"final", most=120)
    terminal.rest(1)


def type_searches(terminal: Terminal, words: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """Type every word into the search, key by key.

    Returns:
        Milliseconds to the typed text and to what was found, for every key.
    """
    typed_ms, found_ms = [], []
    for word in words:
        terminal.press(b"/")
        terminal.rest(1)
        for end in range(1, len(word) + 1):
            text = re.escape(word[:end].encode())
            terminal.press(word[end - 1].encode())
            typed, found = terminal.seconds_until(text, b"/" + text + b"  (match|no match)")
            typed_ms.append(1000 * typed)
            found_ms.append(1000 * found)
            terminal.rest(REST)
        terminal.press(b"\x1b")
        terminal.rest(1)
    return typed_ms, found_ms


def main() -> None:
    """Print medians and the worst."""
    parser = argparse.ArgumentParser(description="Key to paint while a search is typed")
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    rounds = parser.parse_args().rounds
    os.chdir(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory(prefix="workbench-typing.") as scratch:
        archive = Path(scratch, "image.tar")
        print(f"{write_archive(archive, many_layers(300_000, 40)):,} entries under 40 layers")
        terminal = Terminal([sys.executable, "-m", "workbench", "demo"], {"XDG_CACHE_HOME": scratch})
        try:
            open_image(terminal, archive)
            terminal.press(b"\t")
            rows = [type_searches(terminal, WORDS) for _ in range(rounds)]
        finally:
            terminal.close()
    print(f"{'':22} {'median':>8} {'p90':>8} {'max':>8}  limit {LIMIT_MS} ms ({len(rows[0][0]) * rounds} keys)")
    for name, place in (("the typed text", 0), ("what was found", 1)):
        taken = sorted(value for row in rows for value in row[place])
        median, ninetieth = statistics.median(taken), taken[len(taken) * 9 // 10]
        kept = "kept" if taken[-1] <= LIMIT_MS else f"median {'kept' if median <= LIMIT_MS else 'BROKEN'}"
        over = sum(value > LIMIT_MS for value in taken)
        print(f"{name:22} {median:5.0f} ms {ninetieth:5.0f} ms {taken[-1]:5.0f} ms  {kept}, {over} keys over")


if __name__ == "__main__":
    main()
