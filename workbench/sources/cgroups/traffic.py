"""What went through the interfaces of a network namespace, from `/proc/PID/net/dev`."""

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


def read_traffic(path: str) -> Traffic | None:
    """Of the namespace that this file belongs to; `None` when its process is gone.

    The file is opened anew each time: held open, it would keep the namespace of a removed container alive.
    """
    content = read_once(path)
    if not content:
        return None
    try:
        return parse_traffic(content)
    except ValueError:
        return NO_TRAFFIC
