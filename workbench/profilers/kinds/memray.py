"""memray in a process as it runs, or in every one of a fresh run: who held memory at the peak, keeps it, grows."""

from contextlib import suppress
from functools import partial
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.flame.memory_trees import TREES, from_memray
from workbench.model.probe import How, Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.attach.tools import live_memory, tooled_live_routes
from workbench.profilers.base import Heard, Made, Patient, Progress, Recorded, Unit, Wish, choose
from workbench.profilers.fresh import TOOLS
from workbench.profilers.memray_files import read_memray
from workbench.profilers.sending import later
from workbench.profilers.tooled import Agent, Finished, tooled_routes, tooled_run

_READ = ".json"
"""Behind a file's name, what was read of it beside the run."""
_MOST_COST_BYTES = 200


class Memray:
    """Records every allocation."""

    name = "memray"
    unit: Unit = "bytes"
    needs = "CPython 3.9 or newer on glibc or musl 1.2.4, as it runs or once more"
    makes: MadeBy = "memray"
    formats = ("bin", "html", "speedscope", "collapsed", "json")

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """Into the interpreter as it runs, then a fresh run."""
        return (*tooled_live_routes("memray", facts, wish), *tooled_routes("memray", facts, wish))

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Record, then read what memray wrote; see `base.Profiler`."""
        if wish.route != "fresh":
            route = choose(self.routes(patient.facts, wish), wish, patient.facts)
            finished = live_memory(patient, wish, route.name, heard, stop)
            return recorded_memory(finished, wish, heard, later(stop), route.name)
        environment = {"WORKBENCH_MEMORY": TOOLS, "WORKBENCH_NATIVE": str(int(wish.native))}
        reads = "memray_reader.py" if wish.native else ""
        agent = Agent("memory", environment, "every allocation is recorded", "memray", reads=reads, ending=".bin")
        finished = tooled_run(agent, patient, wish, heard, stop)
        return recorded_memory(finished, wish, heard, later(stop))


def recorded_memory(finished: Finished, wish: Wish, heard: Heard, stop: Event, how: How = "fresh") -> Recorded:
    """Read every process's recording.

    Args:
        finished: What a run left; names as `7-1700000000.bin` tell the process.
        wish: How it was recorded.
        heard: Told about every second.
        stop: Set to give up what is not read yet.
        how: The way in.

    Raises:
        Stopped: when it was given up before one was read.
        WorkbenchError: when none can be read.
    """
    names = (name for name in finished.files if ".bin" in name and not name.endswith(_READ))
    bins = {name: finished.files[name] for name in names if finished.files[name]}
    problems = _problems(finished)
    warnings = [*finished.warnings, *problems, _cost(finished)]
    read: list[tuple[bytes, bytes, str]] = []
    failed: WorkbenchError | None = None
    for number, (name, content) in enumerate(sorted(bins.items()), 1):
        note = f"reading what memray wrote: process {number} of {len(bins)}"
        try:
            there = finished.files.get(name + _READ) if wish.native else None
            trees = there or read_memray(content, stop, partial(_tell_reading, heard, wish, how, note))
        except Stopped:
            if not read:
                raise
            warnings.append(f"of {len(bins)} processes only {len(read)} were read: it was given up")
            break
        except WorkbenchError as error:
            failed = error
            warnings.append(f"the recording of process {_pid(name)} is left out: {error.reason}")
            continue
        read.append((trees, content, f"process {_pid(name)}"))
    if not read:
        raise failed or WorkbenchError(f"memray recorded nothing: {'; '.join(warnings)}", "--with py-spy looks at it")
    memory = from_memray([trees for trees, _, _ in read])
    order = {f"process {process.pid}": place for place, process in enumerate(memory.processes)}
    read.sort(key=lambda one: order.get(one[2], len(order)))
    if len(memory.processes) > 1:
        warnings.append("each process is shown at its own peak: added up they are more than was ever held at once")
    return Recorded(
        profiler="memray",
        how=how,
        unit="bytes",
        duration_seconds=finished.seconds,
        taken_at=finished.taken_at,
        files=(
            *(Made(TREES, "application/json", trees, name) for trees, _, name in read),
            *(Made("memray", "application/octet-stream", content, name) for _, content, name in read),
        ),
        python=finished.python,
        warnings=tuple(warnings),
        complete=finished.complete and not problems and len(read) == len(bins),
    )


def _tell_reading(heard: Heard, wish: Wish, how: How, note: str, passed: float) -> None:
    heard(Progress(how, wish.seconds, wish.seconds, note=f"{note}, {passed:.0f} s"))


def _pid(name: str) -> str:
    """Of `7-1700000000.bin` and, forked from it, `7-1700000000.bin.9`."""
    _, _, child = name.partition(".bin.")
    return child or name.partition("-")[0]


def _cost(finished: Finished) -> str:
    """Why its cost is not known, and what is: a hook at every call takes most of it, and memray counts allocations."""
    said = "what memray cost is not known, for it slows every call and does not count them"
    for name, content in sorted(finished.files.items()):
        if name.endswith(".cost") and len(content) <= _MOST_COST_BYTES:
            with suppress(ValueError):
                return f"{said}: here one took {1e6 * max(0.0, float(content)):.2f} µs longer"
    return said


def _problems(finished: Finished) -> list[str]:
    return [
        f"process {name.partition('.')[0]} was not recorded to its end: {content.decode('utf-8', 'replace')[:500]}"
        for name, content in sorted(finished.files.items())
        if name.endswith(".problem")
    ][:5]


PROFILER = Memray()
