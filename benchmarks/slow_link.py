"""A terminal that takes 2 kB a second, and one that takes nothing: calm mode, keys and leaving, at 120x40.

The world is a recording of twelve containers of which a third change each second. The clocks of the keys stop when the
cursor is seen on the next row, on the far side of the slow link; those of leaving when the process is gone.

    python benchmarks/slow_link.py [ROUNDS] [BYTES_PER_SECOND]
"""

import argparse
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from large_fleet import CURSOR, NAMES, record
from search_typing import Terminal

CONTAINERS = 12
CALM_LIMIT = 1000
LEAVE_LIMIT = 2.0
KEYS = 10
WATCHED = 40.0
"""Seconds for which bytes are counted in calm mode."""
PATIENCE = 30.0
"""Seconds after which it is taken not to leave at all."""
WHILE = 8.0
"""Seconds that are looked at to tell whether the link has room."""
SLICE = 0.05
"""Seconds between two sips."""


class SlowTerminal(Terminal):
    """Read from no faster than a link is.

    Args:
        argv: What is started.
        environment: Added to its environment.
        rate: Bytes a second.
    """

    def __init__(self, argv: list[str], environment: dict[str, str], rate: int) -> None:
        super().__init__(argv, environment)
        self.rate = rate
        self.seen = b""
        os.set_blocking(self.fd, False)

    def sip(self) -> None:
        """Take what comes through the link in one slice."""
        time.sleep(SLICE)
        try:
            self.seen += os.read(self.fd, max(1, int(self.rate * SLICE)))
        except (BlockingIOError, OSError):
            return

    def seconds_to(self, pattern: bytes, most: float = 120) -> float:
        """Seconds until a pattern has come through, from now on."""
        started, place = time.monotonic(), len(self.seen)
        while not re.search(pattern, self.seen[place:]):
            if time.monotonic() - started > most:
                raise TimeoutError(f"{pattern!r} never came; the last was {self.seen[-2000:]!r}")
            self.sip()
        return time.monotonic() - started

    def seconds_to_keep_up(self) -> float:
        """Seconds until the link is half empty for a while, from now on: what was written before has come through."""
        started = began = time.monotonic()
        place = len(self.seen)
        while time.monotonic() - began < WHILE or len(self.seen) - place > WHILE * self.rate / 2:
            if time.monotonic() - began >= WHILE:
                began, place = time.monotonic(), len(self.seen)
            self.sip()
        return time.monotonic() - started

    def seconds_to_leave(self, *, drained: bool) -> float:
        """Press q and wait until the process is gone."""
        started = time.monotonic()
        self.press(b"q")
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() - started > PATIENCE:
                os.kill(self.pid, signal.SIGKILL)  # counted as so long, and told as broken
            if drained:
                self.sip()
            else:
                time.sleep(SLICE)
        os.close(self.fd)
        return time.monotonic() - started


def open_slowly(recording: Path, scratch: str, rate: int) -> SlowTerminal:
    """The workbench behind a slow link, once its fleet is on screen."""
    folders = {f"XDG_{each}_HOME": f"{scratch}/{each}" for each in ("CONFIG", "DATA", "STATE", "CACHE")}
    argv = [sys.executable, "-m", "workbench", "open", "--loop", str(recording)]
    return SlowTerminal(argv, folders | {"PYTHONPATH": str(Path.cwd())}, rate)


def one_round(recording: Path, scratch: str, rate: int) -> dict[str, list[float]]:
    """What was measured of each thing."""
    names = sorted(f"{NAMES[place % len(NAMES)]}-{place:04d}" for place in range(CONTAINERS))
    terminal = open_slowly(recording, scratch, rate)
    taken: dict[str, list[float]] = {"calm": [terminal.seconds_to(b"calm")]}
    taken["keeps up"] = [terminal.seconds_to_keep_up()]
    ends, before = time.monotonic() + WATCHED, len(terminal.seen)
    while time.monotonic() < ends:
        terminal.sip()
    taken["bytes"] = [(len(terminal.seen) - before) / WATCHED]
    taken["keys"] = []
    for place in range(1, 1 + KEYS):
        terminal.press(b"j")
        taken["keys"].append(terminal.seconds_to(CURSOR % names[place].encode()))
        for _ in range(10):
            terminal.sip()
    taken["leave"] = [terminal.seconds_to_leave(drained=True)]
    terminal = open_slowly(recording, scratch, rate)
    terminal.seconds_to(b"containers")
    time.sleep(10)
    for _ in range(40):
        terminal.press(b"j")
        time.sleep(SLICE)
    taken["leave blocked"] = [terminal.seconds_to_leave(drained=False)]
    return taken


def main() -> None:
    """Print medians and the worst."""
    parser = argparse.ArgumentParser(description="A slow link")
    parser.add_argument("rounds", nargs="?", type=int, default=2)
    parser.add_argument("rate", nargs="?", type=int, default=2000)
    given = parser.parse_args()
    os.chdir(Path(__file__).parents[1])
    all_taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="workbench-link.") as scratch:
        recording = Path(scratch, "fleet.ndjson")
        record(recording, CONTAINERS)
        for _ in range(given.rounds):
            for what, taken in one_round(recording, scratch, given.rate).items():
                all_taken.setdefault(what, []).extend(taken)
    print(f"{given.rounds} rounds at {given.rate} bytes a second")
    for what, title, unit, limit in (
        ("calm", "from the start until calm mode is told", "s", None),
        ("keeps up", "from then until the link has room", "s", None),
        ("bytes", "in calm mode", "B/s", CALM_LIMIT),
        ("keys", "from a key until the cursor has come", "s", None),
        ("leave", "from q until it is gone", "s", LEAVE_LIMIT),
        ("leave blocked", "the same while nothing is taken, after forty keys", "s", LEAVE_LIMIT),
    ):
        taken = all_taken[what]
        kept = "" if limit is None else f"  <= {limit:g} {'kept' if max(taken) <= limit else 'BROKEN'}"
        print(f"{title:50} median {statistics.median(taken):6.2f} {unit}, worst {max(taken):6.2f}{kept}")


if __name__ == "__main__":
    main()
