"""cProfile attached to a process that runs: exact calls of what began meanwhile."""

from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.attached_calls import as_pstats, calls_in
from workbench.model.probe import How, TargetFacts
from workbench.profilers.attach.helper import OURS
from workbench.profilers.attach.live import Taken, record_live
from workbench.profilers.base import Heard, Made, Patient, Recorded, Wish

_SEES_ALL_THREADS = 12
"""From Python 3.12 on one profiler sees all threads, with one stack of calls among them."""


def record_calls(patient: Patient, wish: Wish, how: How, heard: Heard, stop: Event) -> Recorded:
    """Profile the wished process; see `base.Profiler`.

    Raises:
        Stopped: when there was nothing yet.
        WorkbenchError: when it cannot be profiled.
    """
    taken = record_live(patient, wish, how, "cprofile", heard, stop)
    rows = taken.files.get("calls")
    if rows is None:
        if stop.is_set():
            raise Stopped("stopped")
        raise WorkbenchError(
            f"process {taken.process.pid} ended before there were figures", "record a run from its start: --fresh"
        )
    spent = _spent(taken, calls_in(rows))
    return Recorded(
        profiler="cprofile",
        how=how,
        unit="seconds",
        duration_seconds=taken.seconds,
        taken_at=taken.taken_at,
        files=(Made("pstats", "application/octet-stream", as_pstats(rows, OURS)),),
        python=taken.process.python,
        overhead_percent=100 * spent / taken.seconds if spent and taken.seconds else None,
        warnings=(*_slower(taken, spent), *_warnings(patient.facts, taken)),
        complete=taken.has_ended and not stop.is_set(),
    )


def _spent(taken: Taken, calls: int) -> float | None:
    """Seconds of computing that the profiler cost: what a call took longer, as measured in the process, for all."""
    try:
        cost = float(taken.files.get("cost", b""))
    except ValueError:
        return None
    return calls * cost if 0 < cost < 1 else None


def _slower(taken: Taken, spent: float | None) -> tuple[str, ...]:
    """How much slower the process computed meanwhile, where that is worth a word."""
    if not spent or not taken.cpu_seconds or spent >= taken.cpu_seconds:
        return ()
    factor = taken.cpu_seconds / (taken.cpu_seconds - spent)
    return (f"the process computed about {factor:.1f} times as long for the same meanwhile",) if factor >= 1.1 else ()


def _warnings(facts: TargetFacts, taken: Taken) -> tuple[str, ...]:
    process, said = taken.process, []
    if not taken.has_ended:
        said.append(f"process {process.pid} ended meanwhile; of its last two seconds nothing is known")
    said.append("functions that were running when it began are not among them")
    minor = process.minor or 0
    if minor < _SEES_ALL_THREADS and (process.threads or 1) > 1:
        said.append(f"on Python 3.{minor} only the main thread is seen, of {process.threads}")
    elif minor >= _SEES_ALL_THREADS and (process.threads or 1) > 1:
        said.append("with several threads callers and total times are mixed; self and calls hold")
    if others := [str(one.pid) for one in facts.pythons if one.pid != process.pid]:
        said.append(f"only process {process.pid} is seen; other Pythons here: --pid {', '.join(others[:5])}")
    return tuple(said)
