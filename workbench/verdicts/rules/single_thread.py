"""One thread does all the work, and there are cores that it cannot use."""

from workbench.measure.units import percent
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.rules.cpu_quota import THROTTLED_PERCENT
from workbench.verdicts.window import Window
from workbench.verdicts.words import cores, figure, name, share, target, word

BUSY_PERCENT = 90.0
"""Of one core, running or ready to run and waiting for its turn: a thread that does nothing else."""
RUNNING_PERCENT = 50.0
"""Of one core: below it the waiting is the point, not the thread."""
REST_PERCENT = 25.0
"""Of one core for everything else in the container."""
LEAST_CORES = 1.5
"""At hand: with one core and a half a second thread could do something."""


def look(window: Window) -> Verdict | None:
    """The busiest thread fills a core, the rest hardly work, and more than one core is at hand: it does not scale."""
    busiest, thread = _busiest(window)
    at_hand, used = window.cores_at_hand, window.cores
    if not window.running or busiest is None or used is None or at_hand is None or at_hand < LEAST_CORES:
        return None
    if (window.mean.throttled_percent or 0.0) > THROTTLED_PERCENT:
        return None
    waited = window.pressure.cpu_some
    wanted = busiest + (waited or 0.0)
    rest = max(0.0, 100 * used - busiest)
    if busiest < RUNNING_PERCENT or wanted < BUSY_PERCENT or rest > REST_PERCENT:
        return None
    evidence = (
        figure(f"busiest thread{thread}", f"{percent(busiest)} of a core", f"{BUSY_PERCENT:.0f}% with its waiting"),
        share("CPU pressure", waited, unit="of the time"),
        figure("everything else in it", f"{percent(rest)} of a core", f"less than {percent(REST_PERCENT)}"),
        figure("cores at hand", cores(at_hand), f"at least {LEAST_CORES:g}"),
    )
    contended = waited is not None and wanted - busiest > 20.0
    return Verdict(
        "single-thread",
        "act",
        window.confidence(contended),
        word(f"one thread at {min(busiest, 100):.0f}%, {cores(at_hand)} at hand"),
        f"one thread{thread} uses {min(busiest, 100):.0f}% of a core, all else in it {rest:.0f}%, "
        f"and {cores(at_hand)} are at hand",
        evidence,
        f"see what it does: docker top {target(window.container)} -eLo pid,tid,pcpu,comm; "
        "then make that faster, or run it in more processes",
        min(busiest, 100.0),
    )


def _busiest(window: Window) -> tuple[float | None, str]:
    """CPU of the busiest thread and its name in brackets, where its processes were looked at."""
    thread, percents = "", []
    for look in window.situation.focus:
        told = [process for process in look.processes if process.busiest_thread_percent is not None]
        if told:
            most = max(told, key=lambda process: process.busiest_thread_percent or 0.0)
            percents.append(most.busiest_thread_percent or 0.0)
            thread = f" ({name(most.busiest_thread or most.name)})"
    if window.mean.busiest_task_percent is not None:
        return window.mean.busiest_task_percent, thread
    return (sum(percents) / len(percents), thread) if percents else (None, "")


RULE = Rule("single-thread", "bound to one thread", look)
