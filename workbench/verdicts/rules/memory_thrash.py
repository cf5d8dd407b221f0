"""Its limit is too small for its page cache: it drops what it needs again at once."""

from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import engine_size, figure, share, size, target, word

STALLED_PERCENT = 5.0
"""Of the time, by memory pressure (PSI `full`), all of its tasks at once waited for memory. A container that re-reads
80 MB within a limit of 24 MiB showed 5 to 20%, while the engine's own fail counter stood still."""
REFAULTS_PER_SECOND = 1000.0
"""Pages, 4 KiB each: 4 MB of its cache read again every second. The container above made 32 000 and more."""
FELT_PERCENT = 1.0
"""Of the time, by memory or disk pressure: below it the refaults hurt nobody."""
RAISE = 2
"""What the next step proposes, times the limit."""


def look(window: Window) -> Verdict | None:
    """Memory pressure `full` above 5%, or many refaults that are felt: the limit is smaller than what it works with."""
    full, some = window.pressure.memory_full, window.pressure.memory_some
    refaults = window.mean.refaults_per_second
    stalled = full is not None and full > STALLED_PERCENT
    felt = [each for each in (some, window.pressure.io_some) if each is not None]
    again = refaults is not None and refaults > REFAULTS_PER_SECOND and (not felt or max(felt) > FELT_PERCENT)
    if not window.running or not (stalled or again):
        return None
    evidence = [share("memory pressure, all tasks at once", full, STALLED_PERCENT, unit="of the time")]
    if refaults is None:
        evidence.append("pages read again soon after they were dropped: not measured")
    else:
        threshold = f"more than {REFAULTS_PER_SECOND:.0f}"
        evidence.append(
            figure("pages read again soon after they were dropped", f"{refaults:.0f} per second", threshold)
        )
    if window.mean.major_faults_per_second is not None:
        evidence.append(figure("major faults", f"{window.mean.major_faults_per_second:.0f} per second"))
    limit = window.memory_limit_bytes
    if limit is not None:
        evidence.append(figure("its limit", size(limit)))
    told = []
    if full is not None:
        told.append(f"all its tasks waited for memory {full:.1f}% of the time")
    if refaults:
        told.append(f"{refaults:.0f} pages a second were read again soon after they were dropped")
    where = f"within {size(limit)}" if limit is not None else "on a machine that is short of memory"
    return Verdict(
        "memory-thrash",
        "act",
        window.confidence(full is None, refaults is None, not again and not stalled),
        word(
            f"memory thrash: stalled {full:.0f}% of the time"
            if stalled
            else f"memory thrash: {refaults:.0f} refaults/s"
        ),
        f"{' and '.join(told)}, {where}",
        tuple(evidence),
        _next_step(window, limit),
        min(100.0, 100 * (refaults or 0) / (10 * REFAULTS_PER_SECOND)) if not stalled else max(full or 0.0, 25.0),
    )


def _next_step(window: Window, limit: int | None) -> str:
    if limit is None:
        return "it has no limit of its own, the machine is short: see who holds its memory: docker stats --no-stream"
    wanted = engine_size(limit * RAISE)
    return (
        f"give it room for what it reads again: docker update --memory {wanted} --memory-swap {wanted} "
        f"{target(window.container)}"
    )


RULE = Rule("memory-thrash", "memory thrash", look)
