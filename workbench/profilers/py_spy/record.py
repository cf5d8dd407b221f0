"""A recording by py-spy: one-second segments until the time is over, the target ends or the user has seen enough."""

import time
from dataclasses import dataclass, field
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.units import duration
from workbench.model.probe import How, Route
from workbench.profilers.base import Heard, Made, Patient, Progress, Recorded, Wish, choose
from workbench.profilers.py_spy.cost import Standstill, about_cost, overhead_percent
from workbench.profilers.py_spy.routes import (
    IDLE_COUNTS,
    observed,
    root_pid,
    routes,
    stops_for_each_sample,
    traced_here,
)
from workbench.profilers.py_spy.said import Said, understand
from workbench.profilers.py_spy.samplers import sampler
from workbench.profilers.py_spy.segment import Sampler
from workbench.profilers.py_spy.stacks import Stacks
from workbench.profilers.sending import Sending

SEGMENT_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0
"""Until Ctrl-C: py-spy counts samples, not seconds, and falls behind on a busy machine."""
_MOST_PATIENCE_SECONDS = 8.0
"""Where it did not even come to its first sample before."""
_LOOK_SECONDS = 0.01
"""Between two looks whether the process stands still."""
_MOST_FAILURES = 3
"""In a row, before a recording gives up: a process may be starting or ending."""


@dataclass(slots=True)
class _Run:
    """What has been gathered so far."""

    stacks: Stacks = field(default_factory=Stacks)
    recorded_seconds: float = 0.0
    behind_seconds: float = 0.0
    failed_samples: int = 0
    failures: int = 0
    reason: str = ""
    ended: bool = False
    """Whether the target ended in the midst."""
    cost: tuple[float, float] | None = None
    """CPU seconds of py-spy, and those that had passed, when it was last asked; `None` while it does not tell."""
    patience: float = _PATIENCE_SECONDS
    """Seconds until Ctrl-C; more after one that came too early."""


def record(patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
    """Sample a target's stacks.

    Raises:
        Impossible: when there is no way in.
        Stopped: when the user gave up before the first sample.
        WorkbenchError: when there is nothing to show at the end, with the reason.
    """
    route = choose(routes(patient.facts, wish), wish, patient.facts)
    pid = root_pid(patient.facts, wish)
    process = observed(patient.facts, wish)
    stops = stops_for_each_sample(route, process, wish)
    taken_at = time.time()
    run = _Run()
    heard(Progress(route.name, 0.0, wish.seconds, note="starting py-spy"))
    started = time.monotonic()
    traced = traced_here(patient.facts, pid, wish) if stops else ()
    sending = Sending("py-spy", route.name, wish, heard, stop)
    with sampler(patient, route.name, pid, process, sending) as place, Standstill(traced, _LOOK_SECONDS) as stood:
        started = time.monotonic()
        _gather(place, arguments(wish, pid, stops=stops), wish, route.name, pid, run, heard, stop, started)
        was_stopped = stop.is_set()
    if not run.stacks.samples:
        if was_stopped:
            raise Stopped("stopped")
        _refuse_nothing(patient, wish, run)
    return Recorded(
        profiler="py-spy",
        how=route.name,
        unit="samples",
        duration_seconds=run.recorded_seconds,
        taken_at=taken_at,
        collapsed=run.stacks.collapsed(),
        files=(Made("collapsed", "text/plain", run.stacks.by_time().encode("utf-8", "replace")),),
        python=process.python if process else "",
        overhead_percent=overhead_percent(run.cost, stood.share),
        samples=run.stacks.samples,
        rate=wish.rate,
        warnings=(
            *_warnings(wish, route, run, stops=stops),
            *about_cost(route.name, run.cost, stood.share, stops=stops, is_seen=patient.facts.seen_from == "here"),
        ),
        complete=not (was_stopped or run.ended or run.failures),
    )


def arguments(wish: Wish, pid: int, *, stops: bool) -> tuple[str, ...]:
    """py-spy's arguments for one segment, without its output.

    Args:
        wish: What to record.
        pid: The process.
        stops: Whether the process is stopped for each sample.
    """
    chosen = {
        "--subprocesses": wish.subprocesses,
        "--idle": wish.idle,
        "--native": wish.native,
        "--gil": wish.gil,
        "--nonblocking": not stops,
    }
    options = [option for option, is_chosen in chosen.items() if is_chosen]
    timing = ("--duration", f"{SEGMENT_SECONDS:.0f}", "--rate", str(wish.rate))
    return ("--pid", str(pid), *timing, "--format", "raw", "--full-filenames", "--threads", *options)


def _gather(
    place: Sampler,
    words: tuple[str, ...],
    wish: Wish,
    how: How,
    pid: int,
    run: _Run,
    heard: Heard,
    stop: Event,
    started: float,
) -> None:
    """Record segment by segment into `run`."""
    deadline = started + wish.seconds
    while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
        began = time.monotonic()
        patience = min(run.patience, left) if run.stacks.samples else run.patience
        try:
            segment = place.record(words, patience, stop)
        except WorkbenchError as error:
            # The engine refuses to run anything in a container that has just ended
            run.ended = not place.is_alive()
            if not run.ended and not run.stacks.samples:
                raise
            run.failures, run.reason = run.failures + 1, error.reason
            return
        said = understand(segment.ran.output, pid)
        ended = time.monotonic()
        samples = run.stacks.add(segment.content, began - started, ended - started)
        if not segment.ran.was_interrupted:
            run.patience = _PATIENCE_SECONDS
        elif not samples and patience == run.patience < _MOST_PATIENCE_SECONDS:
            run.patience *= 2
            deadline = max(deadline, time.monotonic() + run.patience)
        _note(run, said, samples, ended - began)
        if run.failures and not place.is_alive():
            run.ended = True
            return
        elapsed = time.monotonic() - started
        if (used := place.cpu_seconds()) is not None:
            run.cost = used, elapsed
        heard(Progress(how, elapsed, wish.seconds, run.stacks.samples, run.stacks.collapsed(), run.reason))
        if run.failures >= _MOST_FAILURES:
            return
        if run.failures:
            stop.wait(0.2)


def _note(run: _Run, said: Said, samples: int, seconds: float) -> None:
    run.behind_seconds += said.behind_seconds
    run.failed_samples += said.errors
    if samples or not said.reason:
        run.failures = 0
        run.reason = ""
        run.recorded_seconds += seconds
    else:
        run.failures += 1
        run.reason = said.reason


def _refuse_nothing(patient: Patient, wish: Wish, run: _Run) -> None:
    """Say why there is nothing.

    Raises:
        WorkbenchError: always.
    """
    name = patient.facts.name
    if run.ended:
        raise WorkbenchError(
            f"{name} ended within the first second", "take a fresh run, which is recorded from its start: --fresh"
        )
    if run.reason:
        hint = "take another route with --route" if "let py-spy" in run.reason else "workbench profile … --probe"
        raise WorkbenchError(run.reason, hint)
    if run.patience > _PATIENCE_SECONDS:
        raise WorkbenchError(
            f"py-spy did not come to its first sample of {name}: the machine is busy", "record for longer: --for 30"
        )
    if not wish.idle:
        raise WorkbenchError(
            f"{name} did nothing that takes CPU in {duration(run.recorded_seconds)}", "see where it waits: add --idle"
        )
    raise WorkbenchError(f"py-spy took no sample of {name}", "record for longer: --for 30")


def _warnings(wish: Wish, route: Route, run: _Run, *, stops: bool) -> tuple[str, ...]:
    said = []
    if run.ended:
        said.append(f"the target ended after {duration(run.recorded_seconds)}; of its last second nothing is known")
    elif run.failures:
        said.append(f"the recording broke off: {run.reason}")
    if run.behind_seconds > 0.1 * run.recorded_seconds:
        said.append("py-spy fell behind: a lower rate gives truer shares")
    if IDLE_COUNTS in route.price and not wish.idle:
        others = "" if route.name == "local" else ": --route exec tells them apart"
        said.append(f"{IDLE_COUNTS} on this route{others}")
    elif stops and not wish.idle:
        said.append("it was stopped for each sample: on a loaded machine idle threads look busier than they are")
    if run.failed_samples > 0.05 * max(1, run.stacks.samples):
        said.append(f"{run.failed_samples} samples could not be read")
    if run.stacks.dropped:
        said.append(f"{run.stacks.dropped} samples of too many different or too deep stacks were left out")
    return tuple(said)
