"""Its tasks wait for a disk."""

from workbench.measure.units import percent, quantity
from workbench.model.processes import FocusSnapshot
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.rules.memory_thrash import REFAULTS_PER_SECOND
from workbench.verdicts.window import Window
from workbench.verdicts.words import figure, listed, name, share, target, word

WAITED_PERCENT = 20.0
"""Of the time, by I/O pressure (PSI `some`), at least one task waiting."""
STUCK_PERCENT = 50.0
"""Of the looks at its processes that found a thread waiting for a device (state D), where pressure is not told."""
PAGE_BYTES = 4096
"""Of the page cache on x86 and most ARM machines."""
CACHE_SHARE = 0.5
"""Of what it reads: when so much is its own page cache again, memory is the cause and the disk the symptom."""


def look(window: Window) -> Verdict | None:
    """I/O pressure above 20%, or tasks in state D in half the looks. Tells rates, processes and the machine's disks."""
    waited = window.pressure.io_some
    looks = window.situation.focus
    stuck = 100 * sum(any(_waits(look)) for look in looks) / len(looks) if looks else None
    above = waited > WAITED_PERCENT if waited is not None else stuck is not None and stuck > STUCK_PERCENT
    if not window.running or not above:
        return None
    read, written = window.mean.block_read_bytes_per_second, window.mean.block_written_bytes_per_second
    refaults = window.mean.refaults_per_second or 0.0
    cache = refaults > REFAULTS_PER_SECOND and read is not None and refaults * PAGE_BYTES > CACHE_SHARE * read
    evidence = [share("I/O pressure", waited, WAITED_PERCENT, unit="of the time")]
    if stuck is not None:
        threshold = f"more than {percent(STUCK_PERCENT)}" if waited is None else ""
        evidence.append(figure("looks that found a task waiting for a device", percent(stuck), threshold))
    if read is not None or written is not None:
        rates = f"reads {quantity(read, 'B/s')}, writes {quantity(written, 'B/s')}"
        evidence.append(figure("the container", rates))
    disks = window.situation.host.disks if window.situation.host else ()
    if disks and disks[0].busy_percent is not None:
        evidence.append(
            figure(f"the machine's busiest disk, {name(disks[0].name)}", f"{percent(disks[0].busy_percent)} busy")
        )
    if cache:
        evidence.append(figure("pages of its cache read again", f"{refaults:.0f} per second"))
    waits = waited if waited is not None else stuck or 0.0
    waiting = sorted({name(process) for look in looks for process in _waits(look)})
    who = f" ({listed(waiting)})" if waiting else ""
    rates = f"; it reads {quantity(read, 'B/s')} and writes {quantity(written, 'B/s')}" if read is not None else ""
    return Verdict(
        "disk-wait",
        "watch" if cache else "act",
        window.confidence(waited is None, read is None),
        word(f"waits for the disk {waits:.0f}% of the time"),
        f"its tasks{who} waited for a disk {waits:.0f}% of the time{rates}"
        + (": most of it is its own page cache again, so memory is the cause" if cache else ""),
        tuple(evidence),
        "give it the memory to keep what it reads"
        if cache
        else f"see which process: docker top {target(window.container)} -eo pid,stat,wchan:24,comm; "
        "then batch its writes, cache its reads, or move its data to a faster disk",
        waits,
    )


def _waits(look: FocusSnapshot) -> list[str]:
    return [process.name for process in look.processes if process.state == "D" or process.waiting_threads]


RULE = Rule("disk-wait", "waiting for a disk", look)
