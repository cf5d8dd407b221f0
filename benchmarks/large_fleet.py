"""Key to paint in a fleet of a thousand recorded containers that ticks, in a pseudo-terminal of 120x40, and memory.

The recording is made on the fly: a hundred readings, a second apart, in which a third of the containers use other CPU
and memory each time. A clock stops when what the key asks for has come out of the terminal: the cursor on another row,
another order, another count of what the filter leaves.

    python benchmarks/large_fleet.py [ROUNDS] [CONTAINERS]
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from search_typing import Terminal

from workbench.model.containers import Container, ContainerUsage, EngineInfo, FleetSnapshot, MemoryParts, Pressure
from workbench.model.host import HostSnapshot
from workbench.sources.recording_file import RecordingWriter
from workbench.sources.recording_format import Line, SourceName, encode, encode_value

LIMIT_MS = 50
READINGS = 100
SETTLE = 20.0
"""Seconds until the whole recording is in the history."""
PAGE = 33
"""Rows that a page moves, at this size."""
REST = 0.15
"""Seconds between two keys: a held key's, about."""
CURSOR = rb"\xe2\x96\xb8(?:\x1b\[[0-9;]*m|\s)*%s"
"""The mark of the row under the cursor, and the name there."""
NAMES = ("api", "cache", "worker", "db")
GIB = 2**30


def usage(chance: random.Random) -> ContainerUsage:
    """What one container used over a second."""
    busy = chance.random()
    return ContainerUsage(
        interval_seconds=1.0,
        cpu_percent=150 * busy**4,
        memory_used_bytes=int(2e8 * busy),
        memory_limit_bytes=GIB,
        network_received_bytes_per_second=1e5 * busy,
        network_sent_bytes_per_second=1e4 * busy,
        block_read_bytes_per_second=0.0,
        block_written_bytes_per_second=1e5 * busy,
        pids=int(20 * busy) + 1,
        throttled_percent=0.0,
        run_delay_seconds_per_second=0.01 * busy,
        memory=MemoryParts(int(1e8 * busy), 0, 10**6, 10**6, 10**5),
        pressure=Pressure(10 * busy, busy, 0.0, 0.0, busy, 0.0),
    )


def fleets(count: int) -> Iterator[FleetSnapshot]:
    """One reading after another."""
    chance = random.Random(7)
    engine = EngineInfo(
        "unix:///run/docker.sock", None, "docker", "28.1", "1.49", "overlay2", "Linux", 2, 64, 256 * GIB
    )
    used = [usage(chance) for _ in range(count)]
    while True:
        used = [usage(chance) if chance.random() < 1 / 3 else each for each in used]
        containers = tuple(
            Container(
                id=f"{place:064x}",
                name=f"{NAMES[place % len(NAMES)]}-{place:04d}",
                image=f"shop/{NAMES[place % len(NAMES)]}:1.4",
                image_id=f"sha256:{place % len(NAMES):064x}",
                state="running",
                status="Up 2 hours",
                created_at=1.7e9 + place,
                project=f"shop-{place % 40}",
                cpu_limit_cores=2.0,
                usage=each,
            )
            for place, each in enumerate(used)
        )
        yield FleetSnapshot(engine, containers, measured_from="cgroup v2 and /proc")


def record(path: Path, count: int) -> None:
    """Write the recording."""
    writer = RecordingWriter(path, "a large engine", 1.0)
    host = HostSnapshot(40.0, 64, 10.0, 100 * GIB, 256 * GIB, 0, 0)
    readings = fleets(count)
    for second in range(READINGS):
        for source, value in (("fleet", next(readings)), ("host", host)):
            name: SourceName = "fleet" if source == "fleet" else "host"
            writer.write(encode(Line(float(second), name, value=encode_value(value))))
    writer.close()


def memory_mb(pid: int) -> tuple[float, float]:
    """Memory at its highest, and now."""
    status = Path(f"/proc/{pid}/status").read_text()
    high, now = (int(status.split(f"{name}:")[1].split()[0]) * 1024 / 1e6 for name in ("VmHWM", "VmRSS"))
    return high, now


class Keys:
    """Presses keys and notes how long each took."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.taken_ms: dict[str, list[float]] = {}

    def press(self, what: str, keys: bytes, pattern: bytes) -> None:
        """Press, and wait until a pattern has come."""
        self.terminal.press(keys)
        self.taken_ms.setdefault(what, []).append(1000 * self.terminal.seconds_until(pattern)[0])
        self.terminal.rest(REST)


def one_round(keys: Keys, names: list[str]) -> None:
    """All keys once; begins and ends with the cursor on the first row, by name."""

    def at(place: int) -> bytes:
        return CURSOR % names[place].encode()

    for place in range(1, 20):
        keys.press("down", b"j", at(place))
    for place in range(18, -1, -1):
        keys.press("up", b"k", at(place))
    for number in range(1, 9):
        keys.press("page down", b"\x06", at(number * PAGE))
    for _ in range(3):
        keys.press("end", b"G", at(len(names) - 1))
        keys.press("home", b"g", at(0))
    for column in ("state", "cpu", "memory", "waits", "network", "block", "pids", "verdict", "gpu", "image", "project"):
        keys.press("sort", b"s", b"sort %s" % column[:2].encode())
    keys.press("sort", b"s", b"sort na")
    for _ in range(2):
        keys.press("reverse", b"S", "sort name ▾".encode())
        keys.press("reverse", b"S", "sort name ▴".encode())
    for typed in ("db-09", "cache", "zebra"):
        keys.terminal.press(b"/")
        keys.terminal.rest(REST)
        for end in range(1, len(typed) + 1):
            keys.press("filter", typed[end - 1].encode(), b"filter %s" % typed[:end].encode())
        keys.terminal.press(b"\x1b")  # not timed: Textual waits 100 ms for the rest of an escape sequence
        keys.terminal.seconds_until(b"m%d containers" % len(names))
        keys.terminal.rest(REST)


def main() -> None:
    """Print medians and the worst."""
    parser = argparse.ArgumentParser(description="Key to paint in a large fleet")
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("containers", nargs="?", type=int, default=1000)
    given = parser.parse_args()
    os.chdir(Path(__file__).parents[1])
    names = sorted(f"{NAMES[place % len(NAMES)]}-{place:04d}" for place in range(given.containers))
    with tempfile.TemporaryDirectory(prefix="workbench-fleet.") as scratch:
        recording = Path(scratch, "fleet.ndjson")
        record(recording, given.containers)
        print(f"{given.containers:,} containers, {READINGS} readings, {recording.stat().st_size / 1e6:.0f} MB")
        folders = {f"XDG_{each}_HOME": f"{scratch}/{each}" for each in ("CONFIG", "DATA", "STATE", "CACHE")}
        argv = [sys.executable, "-m", "workbench", "open", "--loop", str(recording)]
        terminal = Terminal(argv, folders | {"PYTHONPATH": str(Path.cwd())})
        keys = Keys(terminal)
        try:
            terminal.seconds_until(b"%d containers" % given.containers, most=120)
            terminal.rest(SETTLE)
            for _ in range(given.rounds):
                one_round(keys, names)
            high, now = memory_mb(terminal.pid)
        finally:
            terminal.close()
    count = sum(len(taken) for taken in keys.taken_ms.values())
    print(f"{'':16} {'median':>8} {'p90':>8} {'max':>8}  limit {LIMIT_MS} ms ({count} keys)")
    for what, taken in keys.taken_ms.items():
        taken.sort()
        median, ninetieth, worst = statistics.median(taken), taken[len(taken) * 9 // 10], taken[-1]
        kept = "kept" if worst <= LIMIT_MS else f"median {'kept' if median <= LIMIT_MS else 'BROKEN'}"
        over = sum(each > LIMIT_MS for each in taken)
        print(f"{what:16} {median:5.0f} ms {ninetieth:5.0f} ms {worst:5.0f} ms  {kept}, {over} of {len(taken)} over")
    print(f"memory: {now:.0f} MB at the end, {high:.0f} MB at its highest")


if __name__ == "__main__":
    main()
