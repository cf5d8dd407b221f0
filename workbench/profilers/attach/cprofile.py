"""cProfile attached to a process that runs: exact calls of what began meanwhile."""

from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.attached_calls import as_pstats, calls_in
from workbench.measure.call_cost import CountedCalls, counted_calls, overhead_percent, why_no_overhead
from workbench.model.probe import How, TargetFacts
from workbench.profilers.attach.boot import OURS
from workbench.profilers.attach.live import Taken, record_live
from workbench.profilers.attach.told import SEES_ALL_THREADS, about_end, about_main_thread, about_others
from workbench.profilers.base import Heard, Made, Patient, Recorded, Wish


def record_calls(patient: Patient, wish: Wish, how: How, heard: Heard, stop: Event) -> Recorded:
    """Profile the wished process; see `base.Profiler`.

    Raises:
        Stopped: when there was nothing yet.
        WorkbenchError: when it cannot be profiled.
    """
    taken = record_live(patient, wish, how, "cprofile", heard, stop)
    rows = taken.files.get("calls")
    if rows is None:
        if taken.was_stopped or taken.was_given_up:
            raise Stopped("stopped")
        raise WorkbenchError(
            f"process {taken.process.pid} ended before there were figures", "record a run from its start: --fresh"
        )
    cost = _cost(taken, calls_in(rows))
    overhead = overhead_percent([cost])
    return Recorded(
        profiler="cprofile",
        how=how,
        unit="seconds",
        duration_seconds=taken.seconds,
        taken_at=taken.taken_at,
        files=(Made("pstats", "application/octet-stream", as_pstats(rows, OURS)),),
        python=taken.process.python,
        overhead_percent=overhead,
        warnings=(*_warnings(patient.facts, taken), *([why_no_overhead([cost])] if overhead is None else [])),
        complete=taken.complete,
    )


def _cost(taken: Taken, calls: int) -> CountedCalls | None:
    """What the calls cost; what one took longer was timed in the process just before."""
    if taken.cpu_seconds is None:
        return None
    return counted_calls(b"%d %s %r" % (calls, taken.files.get("cost", b""), taken.cpu_seconds))


def _warnings(facts: TargetFacts, taken: Taken) -> tuple[str, ...]:
    process = taken.process
    said = [*about_end(taken), "functions that were running when it began are not among them"]
    said += about_main_thread(taken)
    if (process.minor or 0) >= SEES_ALL_THREADS and (process.threads or 1) > 1:
        said.append("with several threads callers and total times are mixed; self and calls hold")
    return (*said, *about_others(facts, taken))
