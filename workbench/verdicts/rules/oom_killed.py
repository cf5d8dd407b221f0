"""The kernel killed a process of it because it reached its memory limit."""

from workbench.measure.units import counted, duration
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import engine_size, figure, size, target, word

RAISE = 1.5
"""What the next step proposes, times the limit."""


def look(window: Window) -> Verdict | None:
    """An OOM event, a kill counted by the kernel, or the engine's flag. Figures once a second miss most of these."""
    events = window.events("oom")
    counts = [usage.oom_kills for usage in window.situation.usages if usage.oom_kills is not None]
    fresh = counts[-1] - counts[0] if counts else 0
    since_start = counts[-1] if counts else 0
    detail = window.situation.detail
    flagged = detail is not None and detail.out_of_memory_killed
    ended = not window.running
    if not (events or fresh > 0 or since_start > 0 or flagged):
        return None
    now = bool(events) or fresh > 0 or (ended and flagged)
    evidence = []
    if events:
        ago = f"{duration(window.situation.now - events[-1].at)} ago"
        evidence.append(figure("events that it ran out of memory", f"{len(events)}, the last {ago}", "any in 10 min"))
    if counts:
        evidence.append(
            figure("processes killed for memory", f"{since_start} since it started, {fresh} of them now", "any")
        )
    if flagged and detail is not None:
        code = f", exit code {detail.exit_code}" if detail.exit_code is not None else ""
        evidence.append(f"the engine says: killed for memory{code}")
    limit = detail.memory_limit_bytes if detail and detail.memory_limit_bytes else window.memory_limit_bytes
    if limit is not None:
        evidence.append(figure("its limit", size(limit)))
    times = max(len(events), fresh, since_start)
    what = "it" if ended and times <= 1 else counted(times, "process").replace("processs", "processes") + " of it"
    why = f"it reached its memory limit of {size(limit)}" if limit is not None else "the machine ran out of memory"
    when = f" {duration(window.situation.now - events[-1].at)} ago" if events else ""
    when = f", the last{when}" if when and times > 1 else when
    return Verdict(
        "oom-killed",
        "act" if now else "watch",
        window.confidence(seconds=60.0),
        word("out of memory: killed" + (f" {duration(window.situation.now - events[-1].at)} ago" if events else "")),
        f"the kernel killed {what}{when}{', and it is stopped' if ended else ''}: {why}",
        tuple(evidence),
        _next_step(window, limit, ended=ended),
        100.0,
    )


def _next_step(window: Window, limit: int | None, *, ended: bool) -> str:
    its = target(window.container)
    if limit is None:
        return f"it has no limit of its own, the machine ran out; see what it did: docker logs --tail 50 {its}"
    wanted = engine_size(limit * RAISE)
    start = f" && docker start {its}" if ended else ""
    return f"give it more, or make it need less: docker update --memory {wanted} --memory-swap {wanted} {its}{start}"


RULE = Rule("oom-killed", "killed for memory", look)
