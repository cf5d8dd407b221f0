"""What the app says a profiler cost a container, beside what it cost as seen from outside.

The program is that of `profiler_overhead.py`, without end and in a container; it tells the CPU time of each unit of its
work, so that what others do on the machine counts little. Units before the recording are held against those within it.
What runs in the container's control group besides the program, as py-spy by `exec` does, is what its group's CPU time
grew more than the program's own.

    python benchmarks/attached_overhead.py [IMAGE]

IMAGE has a Python; from 3.14 on it is entered by its own door, else by gdb. Without one it is the tests' own, bookworm.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

import docker
from docker.models.containers import Container

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.profiler_overhead import PROGRAM
from tests.live.engines import find_engine, run_script
from tests.live.labels import LABEL, run_id
from workbench.model.probe import How
from workbench.profilers.base import Progress, Wish
from workbench.profiling import Profiling
from workbench.settings import Settings
from workbench.sources.proc_files import read_schedstat

ENDLESS = (
    PROGRAM.partition('print("ready"')[0].replace("range(45)", "range(4)")
    + """
while True:
    began = time.process_time()
    work()
    print(time.time(), time.process_time() - began, flush=True)
"""
)
SECONDS = 10.0
BEFORE_SECONDS = 8.0
"""Long enough for some tens of units."""
MARGIN_SECONDS = 1.0
"""Around the recording: units in which it began or ended are neither."""


class Way(NamedTuple):
    """A profiler and its way in."""

    profiler: str
    route: How
    native: bool = False
    functions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For the table."""
        return f"{self.profiler} by {self.route}{', native' * self.native}"


class Cpu(NamedTuple):
    """CPU seconds at a moment."""

    at: float
    group: float
    program: float


@contextmanager
def target(client: docker.DockerClient, image: str) -> Iterator[Container]:
    """The program in a container, on the second core."""
    container = client.containers.run(
        image, ["python3", "-uc", ENDLESS], detach=True, network_mode="none", cpuset_cpus="1", labels={LABEL: run_id()}
    )
    try:
        yield container
    finally:
        container.remove(v=True, force=True)


def cpu(client: docker.DockerClient, container: Container, pid: int) -> Cpu:
    """What its group and the program have taken by now."""
    told = client.api.stats(container.id, stream=False, one_shot=True)
    tasks = Path(f"/proc/{pid}/task").iterdir()
    program = sum(read_schedstat(str(task))[0] or 0 for task in tasks)
    return Cpu(time.time(), told["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, program / 1e9)


def units(container: Container, begin: float, end: float) -> list[float]:
    """CPU seconds of each unit of work that ended between two moments."""
    rows = [line.split() for line in container.logs().decode().splitlines()]
    return [float(row[1]) for row in rows if len(row) == 2 and begin < float(row[0]) < end]


def compare(client: docker.DockerClient, profiling: Profiling, image: str, way: Way) -> str:
    """One row."""
    with target(client, image) as container:
        began = time.time()
        time.sleep(BEFORE_SECONDS)
        container.reload()
        pid = container.attrs["State"]["Pid"]
        marks: list[Cpu] = []

        def hear(progress: Progress) -> None:
            if progress.note == "recording" or progress.samples:
                marks.append(cpu(client, container, pid))

        wish = Wish(seconds=SECONDS, route=way.route, native=way.native, functions=way.functions, accepts_risk=True)
        before_end = time.time()
        recorded = profiling.run(way.profiler, profiling.probe(str(container.id)), wish, hear, Event()).recorded
        first, last = marks[0], marks[-1]
        before = units(container, began + MARGIN_SECONDS, before_end)
        during = units(container, first.at + MARGIN_SECONDS, last.at - MARGIN_SECONDS / 2)
    slower = 100 * (statistics.median(during) / statistics.median(before) - 1)
    beside = 100 * ((last.group - first.group) - (last.program - first.program)) / (last.at - first.at)
    says = "" if recorded.overhead_percent is None else f"{recorded.overhead_percent:.1f} %"
    notes = [warning for warning in recorded.warnings if "µs longer" in warning or "stood still" in warning]
    spread = f"{len(before)}, {len(during)}"
    return f"{way.name:22}{spread:>9}{slower:+9.0f} %{beside:8.1f} %{says:>13}  {' '.join(notes)}".rstrip()


def main(image: str) -> None:
    """Print the table."""
    engine = find_engine()
    profiling = Profiling(Settings())
    with target(engine.client, image) as container:
        process = profiling.probe(str(container.id)).pythons[0]
    into: How = "remote-exec" if (process.minor or 0) >= 14 else "gdb"
    ways = (
        Way("py-spy", "exec"),
        Way("py-spy", "exec", native=True),
        Way("cprofile", into),
        Way("memray", into),
        Way("lines", into, functions=("__main__:calls",)),
    )
    print(f"{'Python ' + process.python:22}{'units':>9}{'slower':>11}{'beside':>10}{'the app says':>13}")
    for way in ways:
        print(compare(engine.client, profiling, image, way), flush=True)
    print("slower: CPU time of a unit, medians within the recording over before; beside: of a core, in its group")
    profiling.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else run_script("base_image.sh")[0])
