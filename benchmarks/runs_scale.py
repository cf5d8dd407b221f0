"""The list of runs opened from a store that is full: from the question to the rows, and from the key to the paint.

A store of 10,000 runs with a few metrics each is made in a temporary folder. Then, in processes of their own: the list
is read, `workbench runs --limit 10000 --json` writes all of it, and the runs mode is opened on a screen of 120x40.

    python benchmarks/runs_scale.py [RUNS]
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LIMIT_SECONDS = 1.0
ROUNDS = 5


def fill(count: int) -> None:
    """Make the store; without the wait for the disk, which is not what is measured."""
    from workbench.model.runs import Conditions, Environment, Metric, NewRun, Target
    from workbench.places import store_file
    from workbench.store import Store

    where = Environment("bench", cpu_model="a CPU", cpu_cores=8, kernel="6.1", engine="docker", engine_version="28.5")
    with Store.open(store_file()) as store:
        store._connection.execute("PRAGMA synchronous = OFF")
        for number in range(count):
            metrics = (
                Metric("latency_p99", "ms", 40.0 + number % 7, -1),
                Metric("throughput", "/s", 500.0 + number % 11, 1),
                Metric("memory_peak", "B", 2e8 + number, -1),
            )
            store.record_run(
                NewRun(
                    Target("container", f"service-{number % 40}"),
                    where,
                    "bench",
                    1_780_000_000.0 + 60 * number,
                    1_780_000_030.0 + 60 * number,
                    label=f"try {number}",
                    metrics=metrics,
                    conditions=Conditions(git_commit=f"{number:040x}"),
                )
            )


def read() -> tuple[float, float]:
    """Seconds to read the list, on the clock and of CPU."""
    from workbench.run_book import RunBook

    book = RunBook()
    started = now()
    runs = book.runs()
    taken = since(started)
    book.close()
    assert runs
    return taken


async def opened() -> tuple[float, float]:
    """Seconds from the key to the rows on the screen, in the app, with no terminal."""
    from textual.app import ScreenStackError

    from screens.app import WorkbenchApp
    from screens.widgets.live_table import LiveTable
    from workbench.session import Session
    from workbench.settings import Settings

    def there() -> bool:
        try:
            tables = app.screen.query("#runs")
        except ScreenStackError:  # between two modes
            return False
        return bool(tables) and bool(tables.first(LiveTable).row_count)

    app = WorkbenchApp(Session.demo(Settings(interval=60.0)))
    async with app.run_test(size=(120, 40)):
        await asyncio.sleep(3)  # the demo's recording is read meanwhile
        started = now()
        app.mode("runs")
        while not there():  # noqa: ASYNC110  the screen tells nobody
            await asyncio.sleep(0.005)
        return since(started)


def in_process(what: str) -> tuple[float, float]:
    """What a process of its own measured."""
    done = subprocess.run([sys.executable, __file__, "--only", what], capture_output=True, text=True, check=True)
    wall, cpu = map(float, done.stdout.split())
    return wall, cpu


def verb() -> tuple[float, float]:
    """Seconds of the whole command line, start and exit included."""
    before, started = os.times(), time.perf_counter()
    argv = [sys.executable, "-m", "workbench", "runs", "--limit", "1000000", "--json"]
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return time.perf_counter() - started, cpu


def now() -> tuple[float, float]:
    """The clock, and the CPU time of this process, in seconds."""
    return time.perf_counter(), time.process_time()


def since(started: tuple[float, float]) -> tuple[float, float]:
    """What has passed of both."""
    wall, cpu = now()
    return wall - started[0], cpu - started[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=10_000)
    parser.add_argument("--only", choices=("read", "opened"))
    chosen = parser.parse_args()
    if chosen.only:
        print(*(read() if chosen.only == "read" else asyncio.run(opened())))
        return
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_DATA_HOME"] = folder
        started = time.perf_counter()
        fill(chosen.runs)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        print(f"{chosen.runs:,} runs, {size / 1e6:.1f} MB, made in {time.perf_counter() - started:.0f} s\n")
        print(f"{'':34}{'median':>9}{'of CPU':>9}   against the limit")
        os.environ["XDG_DATA_HOME"] = empty
        fill(1)
        tell("the runs mode with a single run", lambda: in_process("opened"), limited=False)
        os.environ["XDG_DATA_HOME"] = folder
        tell("the runs mode with all of them", lambda: in_process("opened"))
        tell("read from the store", lambda: in_process("read"))
        tell("workbench runs --json, whole", verb)


def tell(name: str, way: Callable[[], tuple[float, float]], *, limited: bool = True) -> None:
    """Measure one way and print its line."""
    wall, cpu = (statistics.median(column) for column in zip(*(way() for _ in range(ROUNDS)), strict=True))
    kept = "kept" if wall <= LIMIT_SECONDS else "kept in CPU time" if cpu <= LIMIT_SECONDS else "NOT KEPT"
    print(f"{name:34}{wall:>8.2f}s{cpu:>8.2f}s   {f'<= {LIMIT_SECONDS:g} s  {kept}' if limited else ''}".rstrip())


if __name__ == "__main__":
    main()
