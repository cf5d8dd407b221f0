"""What looking at many idle containers costs: our own CPU and memory, and the engine's.

Runs in turn, A B C A B C …, each in a pseudo-terminal of 120x40 and each for as long: nothing, which tells what the
engine costs by itself; `docker stats`; the workbench; and the workbench's fleet alone, without a screen, which tells
how long one pass takes. With `--beside` other monitors too, as far as they can be had, and the workbench on the GPUs
that are pretended to nvitop. Prints medians, and what each cost the engine beyond the windows in which nobody looked:
the mean of the differences of each round, and its 95 % interval by bootstrap.

    python benchmarks/fleet_cost.py [CONTAINERS] [ROUNDS] [SECONDS] [--beside]

The engine is a private one that nobody else speaks to, with that many containers of the live tests' base image; it goes
when this ends. Needs root and Docker Engine's programs.
"""

import argparse
import json
import os
import pty
import random
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

import docker
import psutil
from monitors import ROOT, monitors, stand_in

sys.path.insert(0, str(ROOT))
from tests.live.engines import PrivateEngine

WARM_UP_SECONDS = 10
"""From start until the clock runs: imports, first connections, the first list, and control groups that are found."""
CPU_LIMIT, DAEMON_LIMIT, MEMORY_LIMIT_MB, PASS_LIMIT_MS = 1.5, 1.0, 80, 0.1
"""Percent of a core at a hundred containers once a second, the same for the engine, and milliseconds a container."""
DAEMONS = ("dockerd", "containerd")
RESAMPLES = 5000

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
    """CPU time of a process with all its threads, and of its children that have ended."""
    figures = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, figures[11:15])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def drain(terminal: int | None, seconds: float) -> int:
    """Read what comes out of a terminal for so long, and count it."""
    ends, count = time.monotonic() + seconds, 0
    while (left := ends - time.monotonic()) > 0:
        if terminal is None:
            time.sleep(left)
        elif select.select([terminal], [], [], left)[0]:
            count += len(os.read(terminal, 65536))
    return count


def run(contender: Contender, seconds: float, environment: dict[str, str], engine: list[int]) -> None:
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
            if contender.name == ALONE_NAME and said:  # a machine that is too busy starts it too late to be told
                contender.passes += [1000 * each for each in json.loads(said)[WARM_UP_SECONDS:]]


def fill(engine: PrivateEngine, count: int) -> None:
    """Start idle containers in it."""
    image = subprocess.run(
        [str(ROOT / "tests/live/base_image.sh")], check=True, capture_output=True, text=True
    ).stdout.split()[0]
    saved = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
    subprocess.run(["docker", "-H", engine.host, "load", "--quiet"], check=True, stdin=saved.stdout)
    saved.wait()
    client = docker.DockerClient(engine.host)
    parent = f"/workbench-engine.{engine.pid}"  # named for each, so that inspect tells it and the groups are found
    for number in range(count):
        client.containers.run(image, ["sleep", "86400"], name=f"idle-{number}", detach=True, cgroup_parent=parent)
    client.close()


def interval(values: list[float]) -> tuple[float, float]:
    """95 % interval of the mean, by bootstrap."""
    pick = random.Random(1)
    means = sorted(statistics.fmean(pick.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]


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
    python = sys.executable
    contenders = [
        Contender("nothing", []),
        Contender("docker stats", ["docker", "stats"]),
        Contender("workbench", [python, "-m", "workbench"]),
        Contender(ALONE_NAME, [python, "-c", ALONE]),
    ]
    with PrivateEngine() as private, tempfile.TemporaryDirectory(prefix="workbench-cost.") as home:
        private.start()
        fill(private, count)
        children = psutil.Process(private.pid).children(recursive=True)
        engine = [each.pid for each in children if each.name() in DAEMONS]
        if given.beside:
            others = [Contender(each.name, each.argv, each.environment) for each in monitors(Path(home))]
            if any(each.name == "nvitop" for each in others):
                others.append(Contender("workbench, GPUs", [python, "-m", "workbench"], stand_in(Path(home))))
            contenders += others
        folders = {f"XDG_{each}_HOME": f"{home}/{each}" for each in ("CONFIG", "DATA", "STATE", "CACHE")}
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        for _ in range(rounds):
            for contender in contenders:
                run(contender, seconds, folders | terminal | {"DOCKER_HOST": private.host}, engine)
    idle, stats, ours, alone, *_ = contenders
    load = os.getloadavg()[1]
    print(
        f"{count} idle containers, {rounds} rounds of {seconds} s each, interleaved, at a load of {load:.1f}; "
        "medians, CPU in % of a core"
    )
    print(f"{'':18} {'CPU':>8} {'peak':>8} {'terminal':>12}   engine's CPU, and its 95 % interval")
    for each in contenders:
        more = [during - alone for during, alone in zip(each.daemon, idle.daemon, strict=True)]
        low, high = interval(more)
        engine_cost = f"{statistics.fmean(more):+8.2f} %  {low:+.2f} to {high:+.2f}"
        print(
            f"{each.name:18} {middle(each.cpu, ' %'):>8} {middle(each.memory, ' MB', 0):>8} "
            f"{middle(each.bytes_out, ' B/s', 0):>12} "
            f"{f'{statistics.fmean(idle.daemon):8.2f} % by itself' if each is idle else engine_cost}"
        )
    print(f"our CPU over that of docker stats: {statistics.median(ours.cpu) / statistics.median(stats.cpu):.2f}")
    print(verdict("CPU of the workbench", ours.cpu, CPU_LIMIT, " %"))
    print(verdict("peak memory of the workbench", ours.memory, MEMORY_LIMIT_MB, " MB", 0))
    high = interval([during - alone for during, alone in zip(ours.daemon, idle.daemon, strict=True)])[1]
    print(verdict("CPU of the engine beyond that, upper end", [high], DAEMON_LIMIT, " %"))
    print(verdict(f"one pass, for each container ({len(alone.passes)} passes)", alone.passes, PASS_LIMIT_MS, " ms", 3))


if __name__ == "__main__":
    main()
