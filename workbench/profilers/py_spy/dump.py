"""All stacks of a target as they are now, in JSON; local variables only when asked for, masked like secrets."""

import time
from threading import Event

import msgspec

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.arguments import masked_text, masked_value
from workbench.measure.stack_text import collapsed_stacks
from workbench.measure.text import shorten
from workbench.model.probe import TargetFacts
from workbench.profilers.base import Heard, Made, Patient, Progress, Recorded, Wish, choose
from workbench.profilers.py_spy.cost import Standstill, about_standstill
from workbench.profilers.py_spy.routes import observed, routes
from workbench.profilers.py_spy.said import understand
from workbench.profilers.py_spy.samplers import sampler
from workbench.profilers.sending import Sending

_MOST_FRAMES = 100_000
_LONGEST_VALUE = 400
_LOOK_SECONDS = 0.0005
"""Between two looks whether the process stands still: py-spy needs about a thousandth of a second."""


class Local(msgspec.Struct):
    """A local variable, its value masked."""

    name: str
    repr: str | None = None
    arg: bool = False


class StackFrame(msgspec.Struct):
    """One call on a stack."""

    name: str
    filename: str = ""
    line: int = 0
    locals: list[Local] | None = None


class ThreadStack(msgspec.Struct):
    """One thread, innermost call first."""

    pid: int
    thread_id: int
    thread_name: str | None = None
    os_thread_id: int | None = None
    active: bool = False
    owns_gil: bool = False
    frames: list[StackFrame] = []
    command: str = ""


def dump(patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
    """Take one look at every thread of every Python process, or of the wished one.

    Raises:
        Impossible: when there is no way in.
        WorkbenchError: when py-spy gets nothing, with the reason.
    """
    facts = patient.facts
    route = choose(routes(facts, wish, for_one_look=True), wish, facts)
    first = observed(facts, wish)
    taken_at = time.time()
    started = time.monotonic()
    heard(Progress(route.name, 0.0, 0.0, note="looking at all stacks"))
    threads: list[ThreadStack] = []
    reasons = []
    still: list[float | None] = []
    pids = _pids(facts, wish)
    words = ["--json", *(["--native"] if wish.native else []), *(["--locals"] if wish.locals else [])]
    words += ["--nonblocking"] if facts.paused else []  # what is stopped already cannot be stopped
    is_whole = True
    sending = Sending("py-spy", route.name, wish, heard, stop)
    with sampler(patient, route.name, pids[0], first, sending) as place:
        for number, pid in enumerate(pids):
            if stop.is_set():
                reasons.append(_not_looked_at(len(pids) - number, len(pids)))
                is_whole = False
                break
            heard(Progress(route.name, 0.0, 0.0, note=f"looking at process {number + 1} of {len(pids)}"))
            try:
                with Standstill(_here(facts, pid), _LOOK_SECONDS) as stood:
                    ran = place.dump((*words, "--pid", str(pid)))
            except WorkbenchError as error:
                if not threads:
                    raise
                reasons.append(f"{_not_looked_at(len(pids) - number, len(pids))}: {error.reason}")
                is_whole = False
                break
            still.append(stood.most_seconds)
            try:
                threads += msgspec.json.decode(ran.output, type=list[ThreadStack])
            except msgspec.DecodeError:
                reasons.append(understand(b"Error: " + ran.errors, pid).reason or f"process {pid} has ended")
    if not is_whole and not threads:
        raise Stopped("stopped")
    if not threads:
        raise WorkbenchError(reasons[0] if reasons else f"no stack of {facts.name}", "workbench profile … --probe")
    if not facts.paused:
        reasons.append(about_standstill([each for each in still if each is not None]))
    content = msgspec.json.encode([_masked(thread, facts) for thread in threads])
    return Recorded(
        profiler="dump",
        how=route.name,
        unit="samples",
        duration_seconds=time.monotonic() - started,
        taken_at=taken_at,
        collapsed=collapsed_stacks(content),
        files=(Made("dump", "application/json", content),),
        python=first.python if first else "",
        samples=len(threads),
        warnings=tuple(dict.fromkeys(reasons)),
        complete=is_whole,
    )


def _not_looked_at(count: int, pids: int) -> str:
    return f"{count} of {pids} processes were not looked at"


def _here(facts: TargetFacts, pid: int) -> tuple[int, ...]:
    """A process as this machine has it; none when it is not to be seen, or stands still anyway."""
    process = facts.process(pid)
    return () if facts.paused or process is None or process.host_pid is None else (process.host_pid,)


def _pids(facts: TargetFacts, wish: Wish) -> list[int]:
    """The processes to look at: py-spy's own way to children tells of the parent only."""
    first = observed(facts, wish)
    if first is None:
        raise WorkbenchError(f"there is no Python process in {facts.name}")
    if wish.pid is not None and not wish.subprocesses:
        return [wish.pid]
    if wish.pid is None:
        return [process.pid for process in facts.pythons] if wish.subprocesses else [first.pid]
    return [process.pid for process in facts.pythons_below(wish.pid)] or [wish.pid]


def _masked(thread: ThreadStack, facts: TargetFacts) -> ThreadStack:
    """A thread fit to be shown: bounded, and nothing in it that looks like a secret."""
    process = facts.process(thread.pid)
    thread.command = process.command if process else ""
    del thread.frames[_MOST_FRAMES:]
    for frame in thread.frames:
        for local in frame.locals or ():
            value = masked_value(local.name, local.repr or "")
            local.repr = shorten(masked_text(value), _LONGEST_VALUE)
    return thread
