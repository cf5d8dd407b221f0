"""What to know before believing a recording of a process that ran."""

from workbench.model.probe import TargetFacts
from workbench.profilers.attach.live import Taken
from workbench.profilers.tooled import about_left_out

SEES_ALL_THREADS = 12
"""From Python 3.12 on what one thread starts is started for all."""


def about_end(taken: Taken) -> list[str]:
    """Whether it ended as it should, and all of it was fetched."""
    missing = about_left_out(taken.left_out, was_given_up=taken.was_given_up)
    if taken.has_ended:
        return missing
    said = f"process {taken.process.pid} ended meanwhile or answered no more"
    return [f"{said}; of its last two seconds nothing is known", *missing]


def about_main_thread(taken: Taken) -> list[str]:
    """Whether threads are missing."""
    process = taken.process
    if "missed" in taken.files:
        return ["there were so many threads that not all are seen"]
    if "threads" in taken.files:
        return []
    if (process.minor or 0) >= SEES_ALL_THREADS or (process.threads or 1) < 2:
        return []
    return [f"on Python {process.python} only the main thread is seen, of {process.threads}"]


def about_others(facts: TargetFacts, taken: Taken) -> list[str]:
    """Whether there are other processes, which are not seen."""
    others = [str(one.pid) for one in facts.pythons if one.pid != taken.process.pid]
    if not others:
        return []
    return [f"only process {taken.process.pid} is seen; other Pythons here: --pid {', '.join(others[:5])}"]
