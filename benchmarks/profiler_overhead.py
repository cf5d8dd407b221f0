"""How much slower a program is while the workbench profiles it, by each profiler, and what the app says of it.

One program, about a second of Python calls, zlib and allocations, pinned to the second core; what looks at it from
outside is pinned to the first. Rounds are interleaved, A B C A B C …; ratios are of medians. Those of the program's CPU
time are held against the limits: other work on the machine makes it wait, and that is not the profiler's doing. The
wall clock stands beside it, for a profiler could make it wait too.

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
from typing import NamedTuple

from workbench.measure.call_cost import counted_calls, overhead_percent
from workbench.profilers.base import Progress, Wish
from workbench.profilers.wheels.tool import tool_files
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
began = time.perf_counter(), time.process_time()
work()
print(time.perf_counter() - began[0], time.process_time() - began[1], flush=True)
"""
SAMPLER_CORE, TARGET_CORE = 0, 1
LIMITS = {"py-spy, 100 Hz": 1.08, "cProfile": 1.75, "memray": 1.5}


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


class Taken(NamedTuple):
    """What a run took."""

    wall_seconds: float
    cpu_seconds: float
    told: float | None = None
    """What the app says that the profiler cost, in percent."""


def work(program: subprocess.Popen[str]) -> Taken:
    """Let it work."""
    assert program.stdin
    assert program.stdout
    print(file=program.stdin, flush=True)
    return Taken(*map(float, program.stdout.readline().split()))


def alone(_: Path) -> Taken:
    """Without a profiler."""
    with target() as program:
        return work(program)


def sampled(_: Path) -> Taken:
    """While py-spy samples it."""
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
        taken = work(program)
        stop.set()
        recording.join()
    return taken._replace(told=told[0])


def counted(folder: Path) -> Taken:
    """With the agent of fresh runs."""
    with target(PYTHONPATH=str(AGENTS), WORKBENCH_PROFILE=str(folder)) as program:
        taken = work(program)
    return taken._replace(told=overhead_percent(counted_calls(path.read_bytes()) for path in folder.glob("*.cost")))


def recorded(folder: Path) -> Taken:
    """With the agent that records allocations, and the tool that a fresh run would be given."""
    with target() as program:
        process = Profiling(Settings()).probe(program.pid).pythons[0]
        program.kill()
    files = tool_files("memray", process, Event(), lambda words: print(words, file=sys.stderr))
    lies = {f"lib/{process.abi}-{process.libc}/{path}": content for path, content in files.items()}
    lies |= {f"lib/{process.abi}-{process.libc}/answered": b"", "out/here": b"", "asks/here": b""}
    for name in ("memory/sitecustomize.py", "workbench_tool.py"):
        lies[f"agent/{Path(name).name}"] = (AGENTS / name).read_bytes()
    for path, content in lies.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    with target(PYTHONPATH=str(folder / "agent"), WORKBENCH_MEMORY=str(folder)) as program:
        taken = work(program)
    if not list(folder.glob("out/*.bin")):
        raise RuntimeError("memray recorded nothing")
    return taken


CONTENDERS: dict[str, Callable[[Path], Taken]] = {
    "no profiler": alone,
    "py-spy, 100 Hz": sampled,
    "cProfile": counted,
    "memray": recorded,
}


def main(rounds: int) -> None:
    """Run the rounds and print the table."""
    os.sched_setaffinity(0, {SAMPLER_CORE})
    runs: dict[str, list[Taken]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name, contender in CONTENDERS.items():
            with tempfile.TemporaryDirectory() as folder:
                runs[name].append(contender(Path(folder)))
    base = [statistics.median(figures) for figures in zip(*((run[:2]) for run in runs["no profiler"]), strict=True)]
    print(f"{'':18}{'CPU':>8}{'min':>9}{'max':>9}{'ratio':>8}{'of wall':>9}   {'limit':14}{'the app says':>13}")
    for name, taken in runs.items():
        wall = statistics.median(run.wall_seconds for run in taken)
        used = [run.cpu_seconds for run in taken]
        ratio, limit = statistics.median(used) / base[1], LIMITS.get(name)
        verdict = "" if limit is None else f"<= {limit} {'kept' if ratio <= limit else 'BROKEN'}"
        told = [run.told for run in taken if run.told is not None]
        cost = f"{statistics.median(told):.1f} %" if told else ""
        print(
            f"{name:18}{statistics.median(used):7.2f}s{min(used):8.2f}s{max(used):8.2f}s{ratio:8.2f}"
            f"{wall / base[0]:9.2f}   {verdict:14}{cost:>13}".rstrip()
        )
    print(f"{rounds} rounds; py-spy's cost is of the core beside the program, cProfile's of the program's own")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
