"""What went through the interfaces of a network namespace, from `/proc/PID/net/dev`."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.sources.cgroups.kept_file import read_once


@dataclass(frozen=True, slots=True)
class Traffic:
    """Sums over all interfaces but `lo`, since each was made. `None` is not measured."""

    received_bytes: int | None = None
    sent_bytes: int | None = None
    dropped: int | None = None
    """Packets, in and out; so is the next."""
    errors: int | None = None


NO_TRAFFIC = Traffic()
TrafficOf = Callable[[], Traffic]
"""Tells the traffic until now."""
_HEADER_LINES = 2
_FIGURES = 16


def parse_traffic(content: bytes) -> Traffic:
    """Read the table; a line is `name: rx bytes packets errs drop fifo frame compressed multicast, tx bytes …`.

    Raises:
        ValueError: when a figure is no number.
    """
    received = sent = dropped = errors = 0
    for line in content.splitlines()[_HEADER_LINES:]:
        # An interface may be named with a colon inside
        name, _, figures = line.rpartition(b":")
        words = figures.split()
        if name.strip() == b"lo" or len(words) < _FIGURES:
            continue
        received += int(words[0])
        sent += int(words[8])
        errors += int(words[2]) + int(words[10])
        dropped += int(words[3]) + int(words[11])
    return Traffic(received, sent, dropped, errors)


def no_traffic() -> Traffic:
    """Of a container whose traffic is not its own, or is not looked at."""
    return NO_TRAFFIC


class Interfaces:
    """The interfaces of the namespace that one process lives in.

    The file is opened anew each time: held open, it would keep the namespace of a removed container alive.

    Args:
        pid: The process.
        proc: The process file system.
    """

    def __init__(self, pid: int, proc: str) -> None:
        self._path = f"{proc}/{pid}/net/dev"
        self._bytes = b""
        self._traffic = NO_TRAFFIC

    def read(self) -> Traffic | None:
        """What went through until now; `None` when the process is gone."""
        content = read_once(self._path)
        if not content:
            return None
        if content != self._bytes:
            self._bytes = content
            try:
                self._traffic = parse_traffic(content)
            except ValueError:
                self._traffic = NO_TRAFFIC
        return self._traffic
