"""How much slower a program is while the workbench profiles it, by each profiler, and what the app says of it.

One program, about a second of Python calls, zlib and allocations, pinned to the second core; what looks at it from
outside is pinned to the first. Rounds are interleaved, A B C A B C …; the ratio is one of medians.

    python benchmarks/profiler_overhead.py [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from workbench.profilers.base import Progress, Wish
from workbench.profilers.kinds.cprofile import overhead_percent
from workbench.profiling import Profiling
from workbench.settings import Settings

AGENTS = Path(__file__).parents[1] / "workbench/profilers/agents"
PROGRAM = """
import sys, time, zlib

def leaf(n):
    return n * 2

def calls(n):
    total = 0
    for i in range(n):
        total += leaf(i)
    return total

def allocations(n):
    return [str(i) + "x" for i in range(n)]

def packed(data=bytes(range(256)) * 800):
    return len(zlib.compress(data))

def work():
    for _ in range(45):
        calls(16_000)
        allocations(8_000)
        for _ in range(8):
            packed()

print("ready", flush=True)
sys.stdin.readline()
began = time.perf_counter()
work()
print(time.perf_counter() - began, flush=True)
"""
SAMPLER_CORE, TARGET_CORE = 0, 1
LIMITS = {"py-spy, 100 Hz": 1.08, "cProfile": 1.75}


def target(**environment: str) -> subprocess.Popen[str]:
    """The program, ready to work."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        preexec_fn=lambda: os.sched_setaffinity(0, {TARGET_CORE}),
    )
    assert program.stdout
    assert program.stdout.readline() == "ready\n"
    return program


def work(program: subprocess.Popen[str]) -> float:
    """Let it work, and return its seconds."""
    assert program.stdin
    assert program.stdout
    print(file=program.stdin, flush=True)
    return float(program.stdout.readline())


def alone(_: Path) -> tuple[float, float | None]:
    """Seconds without a profiler."""
    with target() as program:
        return work(program), None


def sampled(_: Path) -> tuple[float, float | None]:
    """Seconds while py-spy samples it, and what the app says that cost."""
    profiling, samples, stop = Profiling(Settings()), Event(), Event()
    told: list[float | None] = []

    def hear(progress: Progress) -> None:
        if progress.elapsed_seconds > 0:
            samples.set()

    with target() as program:
        facts = profiling.probe(program.pid)

        def record() -> None:
            outcome = profiling.run("py-spy", facts, Wish(seconds=60, idle=True), hear, stop)
            told.append(outcome.recorded.overhead_percent)

        recording = Thread(target=record)
        recording.start()
        samples.wait()
        seconds = work(program)
        stop.set()
        recording.join()
    return seconds, told[0]


def counted(folder: Path) -> tuple[float, float | None]:
    """Seconds with the agent of fresh runs, and what the app says that cost."""
    with target(PYTHONPATH=str(AGENTS), WORKBENCH_PROFILE=str(folder)) as program:
        seconds = work(program)
    return seconds, overhead_percent(path.read_bytes() for path in folder.glob("*.cost"))


CONTENDERS: dict[str, Callable[[Path], tuple[float, float | None]]] = {
    "no profiler": alone,
    "py-spy, 100 Hz": sampled,
    "cProfile": counted,
}


def main(rounds: int) -> None:
    """Run the rounds and print the table."""
    os.sched_setaffinity(0, {SAMPLER_CORE})
    seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    said: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name, contender in CONTENDERS.items():
            with tempfile.TemporaryDirectory() as folder:
                taken, told = contender(Path(folder))
            seconds[name].append(taken)
            if told is not None:
                said[name].append(told)
    base = statistics.median(seconds["no profiler"])
    print(f"{'':18}{'median':>9}{'min':>9}{'max':>9}{'ratio':>9}   {'limit':12}{'the app says':>14}")
    for name, times in seconds.items():
        ratio, limit = statistics.median(times) / base, LIMITS.get(name)
        verdict = "" if limit is None else f"<= {limit} {'kept' if ratio <= limit else 'BROKEN'}"
        cost = f"{statistics.median(said[name]):.1f} %" if said[name] else ""
        print(
            f"{name:18}{statistics.median(times):8.2f}s{min(times):8.2f}s{max(times):8.2f}s{ratio:9.2f}"
            f"   {verdict:12}{cost:>14}"
        )
    print(f"{rounds} rounds; py-spy's cost is of the core beside the program, cProfile's of the program's own")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
