"""Its memory is nearly at its limit: the next allocation may get one of its processes killed."""

from workbench.measure.units import percent
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import engine_size, figure, share, size, target, word

HELD_PERCENT = 90.0
"""Anonymous and shared memory over the limit. Page cache does not count: it goes when room is needed."""
FULL_PERCENT = 98.0
"""From here on it is not near, it is there."""
USED_PERCENT = 95.0
"""In place of the above when only the engine's figure is known, which counts page cache in use."""
HOST_FULL_PERCENT = 95.0
"""Of the machine's memory, for a container without a limit of its own: the kernel kills on the whole machine then."""
HOST_SHARE_PERCENT = 10.0
"""Of the machine's memory that it must hold itself to be worth naming."""
RAISE = 1.5
"""What the next step proposes, times what it holds."""


def look(window: Window) -> Verdict | None:
    """Anonymous and shared memory above 90% of the lower of `memory.max` and `memory.high`: an OOM kill is near."""
    if not window.running:
        return None
    limit = window.memory_limit_bytes
    return _of_the_machine(window) if limit is None else _of_its_limit(window, limit)


def _of_its_limit(window: Window, limit: int) -> Verdict | None:
    held, used = window.memory_held_bytes, window.mean.memory_used_bytes
    split = held is not None
    taken = held if held is not None else used
    threshold = HELD_PERCENT if split else USED_PERCENT
    if taken is None or 100 * taken / limit <= threshold:
        return None
    part = 100 * taken / limit
    high = window.mean.memory_high_bytes
    soft = high is not None and limit == high
    what = "anonymous and shared memory" if split else "memory, page cache in use among it"
    evidence = [figure(what, f"{size(taken)}, {percent(part)} of its limit", f"more than {percent(threshold)}")]
    evidence.append(figure("its limit", f"{size(limit)}{' (memory.high: it is slowed down there)' if soft else ''}"))
    evidence.append(share("memory pressure", window.pressure.memory_some, unit="of the time"))
    wanted = engine_size(taken * RAISE)
    return Verdict(
        "memory-near-limit",
        "act" if split and part >= FULL_PERCENT else "watch",
        # A level is known at once: how long was measured does not matter
        window.confidence(not split, not split, seconds=60.0),
        word(
            f"memory at {part:.0f}% of its limit, cannot be freed" if split else f"memory at {part:.0f}% of its limit"
        ),
        f"{size(taken)} of its {size(limit)} is {what}, {part:.0f}%: "
        + ("beyond it the kernel slows it down" if soft else "beyond it the kernel kills a process of it"),
        tuple(evidence),
        f"raise it: docker update --memory {wanted} --memory-swap {wanted} {target(window.container)}; "
        "or find what holds the memory",
        part,
    )


def _of_the_machine(window: Window) -> Verdict | None:
    host, held = window.situation.host, window.memory_held_bytes
    if host is None or not host.memory_total_bytes or held is None:
        return None
    full = 100 * host.memory_used_bytes / host.memory_total_bytes
    part = 100 * held / host.memory_total_bytes
    if full <= HOST_FULL_PERCENT or part <= HOST_SHARE_PERCENT:
        return None
    wanted = engine_size(held * RAISE)
    return Verdict(
        "memory-near-limit",
        "watch",
        window.confidence(seconds=60.0),
        word(f"machine's memory {full:.0f}% full, {part:.0f}% here"),
        f"it has no limit of its own and the machine's memory is {full:.0f}% full; it holds {size(held)}, {part:.0f}%",
        (
            share("the machine's memory in use", full, HOST_FULL_PERCENT),
            share("held by this container", part, HOST_SHARE_PERCENT, unit="of the machine's memory"),
        ),
        f"give it a limit: docker update --memory {wanted} --memory-swap {wanted} {target(window.container)}",
        full,
    )


RULE = Rule("memory-near-limit", "memory near its limit", look)
