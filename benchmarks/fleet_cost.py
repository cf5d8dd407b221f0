"""What looking at many idle containers costs: our own CPU and memory, and the engine's.

Runs in turn, A B C A B C …, each in a pseudo-terminal of 120x40 and each for as long: nothing, which tells what the
engine costs by itself; `docker stats`; the workbench; and the workbench's fleet alone, without a screen, which tells
how long one pass takes. With `--beside` other monitors too, as far as they can be had, and the workbench on the GPUs
that are pretended to nvitop. Prints medians.

    python benchmarks/fleet_cost.py [CONTAINERS] [ROUNDS] [SECONDS] [--beside]

Makes that many containers of the live tests' base image on the local engine, and removes them. Needs to see the
engine's process: run it on the engine's own machine.
"""

import argparse
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from monitors import monitors, stand_in

ROOT = Path(__file__).resolve().parent.parent
LABEL = "workbench.test=fleet-cost"
WARM_UP_SECONDS = 6
"""From start until the clock runs: imports, first connections, and the first list."""
CPU_LIMIT, DAEMON_LIMIT, MEMORY_LIMIT_MB, PASS_LIMIT_MS = 1.5, 1.0, 80, 0.1
"""Percent of a core at a hundred containers once a second, the same for the engine, and milliseconds a container."""
DAEMONS = ("dockerd", "containerd", "podman")

ALONE_NAME = "the fleet alone"
ALONE = """
import json, signal, sys, time
from workbench.sources.live import LiveWorld
took, world = [], LiveWorld("")
def end(*_):
    world.close()
    print(json.dumps(took), flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
while True:
    began = time.perf_counter()
    snapshot = world.fleet.read()
    took.append((time.perf_counter() - began) / len([each for each in snapshot.containers if each.usage]))
    time.sleep(max(0.0, 1 - (time.perf_counter() - began)))
"""


@dataclass(slots=True)
class Contender:
    name: str
    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    cpu: list[float] = field(default_factory=list)
    daemon: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    bytes_out: list[float] = field(default_factory=list)
    passes: list[float] = field(default_factory=list)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads."""
    figures = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def daemons() -> list[int]:
    """The engine's processes, not the one each container has."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                name = (folder / "comm").read_text().strip()
            except OSError:
                continue
            if name in DAEMONS:
                found.append(int(folder.name))
    return found


def drain(terminal: int | None, seconds: float) -> int:
    """Read what comes out of a terminal for so long, and count it."""
    ends, count = time.monotonic() + seconds, 0
    while (left := ends - time.monotonic()) > 0:
        if terminal is None:
            time.sleep(left)
        elif select.select([terminal], [], [], left)[0]:
            count += len(os.read(terminal, 65536))
    return count


def run(contender: Contender, seconds: float, environment: dict[str, str]) -> None:
    """Let it run once, and note what it cost after it has warmed up."""
    pid, terminal = 0, None
    if contender.argv:
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(ROOT)
            os.execvpe(contender.argv[0], contender.argv, os.environ | environment | contender.environment)
        ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    try:
        drain(terminal, WARM_UP_SECONDS)
        engine = daemons()
        before = [cpu_seconds(each) for each in engine]
        own = cpu_seconds(pid) if pid else 0.0
        began = time.monotonic()
        count = drain(terminal, seconds)
        passed = time.monotonic() - began
        spent = sum(cpu_seconds(each) for each in engine) - sum(before)
        contender.daemon.append(100 * spent / passed)
        if pid:
            contender.cpu.append(100 * (cpu_seconds(pid) - own) / passed)
            contender.memory.append(peak_mb(pid))
            contender.bytes_out.append(count / passed)
    finally:
        if terminal is not None:
            os.kill(pid, signal.SIGTERM if contender.name == ALONE_NAME else signal.SIGKILL)
            said = b""
            try:
                while piece := os.read(terminal, 65536):
                    said += piece
            except OSError:  # how a terminal says that its program has ended
                pass
            os.waitpid(pid, 0)
            os.close(terminal)
            if contender.name == ALONE_NAME:
                contender.passes += [1000 * each for each in json.loads(said)[WARM_UP_SECONDS:]]


def docker(*arguments: str) -> list[str]:
    done = subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True)
    return done.stdout.split()


def remove() -> None:
    if left := docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}"):
        docker("rm", "--force", *left)


def middle(values: list[float], unit: str = "", digits: int = 2) -> str:
    return f"{statistics.median(values):.{digits}f}{unit}" if values else ""


def verdict(name: str, values: list[float], limit: float, unit: str, digits: int = 2) -> str:
    kept = statistics.median(values) <= limit
    return f"{name:48} {middle(values, unit, digits):>10}  <= {limit:g}{unit:6} {'kept' if kept else 'BROKEN'}"


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description="What looking at many idle containers costs")
    for name, usual in (("containers", 100), ("rounds", 3), ("seconds", 20)):
        parser.add_argument(name, nargs="?", type=int, default=usual)
    parser.add_argument("--beside", action="store_true", help="with other monitors")
    given = parser.parse_args()
    count, rounds, seconds = given.containers, given.rounds, given.seconds
    image = subprocess.run(
        [str(ROOT / "tests/live/base_image.sh")], check=True, capture_output=True, text=True
    ).stdout.split()[0]
    python = sys.executable
    contenders = [
        Contender("nothing", []),
        Contender("docker stats", ["docker", "stats"]),
        Contender("workbench", [python, "-m", "workbench"]),
        Contender(ALONE_NAME, [python, "-c", ALONE]),
    ]
    remove()
    try:
        for number in range(count):
            docker("run", "--detach", "--label", LABEL, "--name", f"fleet-cost-{number}", image, "sleep", "86400")
        with tempfile.TemporaryDirectory(prefix="workbench-cost.") as home:
            if given.beside:
                others = [Contender(each.name, each.argv, each.environment) for each in monitors(Path(home))]
                if any(each.name == "nvitop" for each in others):
                    others.append(Contender("workbench, GPUs", [python, "-m", "workbench"], stand_in(Path(home))))
                contenders += others
            folders = {f"XDG_{each}_HOME": f"{home}/{each}" for each in ("CONFIG", "DATA", "STATE", "CACHE")}
            terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
            for _ in range(rounds):
                for contender in contenders:
                    run(contender, seconds, folders | terminal)
    finally:
        remove()
    idle, stats, ours, alone, *_ = contenders
    load = os.getloadavg()[1]
    print(
        f"{count} idle containers, {rounds} rounds of {seconds} s each, interleaved, at a load of {load:.1f}; "
        "medians, CPU in % of a core"
    )
    print(f"{'':18} {'CPU':>8} {'peak':>8} {'engine CPU':>11} {'terminal':>12}")
    for each in contenders:
        print(
            f"{each.name:18} {middle(each.cpu, ' %'):>8} {middle(each.memory, ' MB', 0):>8} "
            f"{middle(each.daemon, ' %'):>11} {middle(each.bytes_out, ' B/s', 0):>12}".rstrip()
        )
    base = statistics.median(idle.daemon)
    print(f"our CPU over that of docker stats: {statistics.median(ours.cpu) / statistics.median(stats.cpu):.2f}")
    print(verdict("CPU of the workbench", ours.cpu, CPU_LIMIT, " %"))
    print(verdict("peak memory of the workbench", ours.memory, MEMORY_LIMIT_MB, " MB", 0))
    print(
        verdict(
            "CPU of the engine, beyond what it costs alone", [each - base for each in ours.daemon], DAEMON_LIMIT, " %"
        )
    )
    print(verdict(f"one pass, for each container ({len(alone.passes)} passes)", alone.passes, PASS_LIMIT_MS, " ms", 3))


if __name__ == "__main__":
    main()
