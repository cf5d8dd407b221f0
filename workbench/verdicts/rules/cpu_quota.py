"""Its own CPU quota holds it back: the kernel stops it until the next period."""

import math

from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import cores, figure, share, target, used_of, word

THROTTLED_PERCENT = 25.0
"""Of the scheduler's periods (100 ms each, `cpu.stat` nr_throttled over nr_periods): one in four. Below one in ten is
what bursts of a healthy service do."""
WAITED_PERCENT = 10.0
"""Of the time, by CPU pressure: less, and the throttling hit tasks that had almost nothing to do."""
FULL_SHARE = 0.95
"""Of the quota, where throttling is not measured: who uses that much was stopped, or nearly."""
LEAST_HEADROOM = 1.5
"""A quota that is raised by less than half is throttled again soon."""


def look(window: Window) -> Verdict | None:
    """Throttled in more than 25% of periods while its tasks wait for a CPU: the quota is what they wait for."""
    throttled = window.mean.throttled_percent
    if throttled is None:
        return _full(window)
    if throttled <= THROTTLED_PERCENT:
        return None
    waited = window.pressure.cpu_some
    quota = window.quota_cores
    stalled = window.mean.throttled_seconds_per_second
    evidence = [share("throttled", throttled, THROTTLED_PERCENT, unit="of periods")]
    if stalled is not None:
        evidence.append(figure("its CPUs stood still", f"{stalled:.2f} s per second"))
    evidence.append(share("CPU pressure", waited, WAITED_PERCENT, unit="of the time"))
    if window.cores is not None:
        evidence.append(figure("CPU used", used_of(window.cores, quota)))
    hardly = waited is not None and waited < WAITED_PERCENT
    of_quota = f" of {cores(quota)}" if quota else ""
    return Verdict(
        "cpu-quota",
        "watch" if hardly else "act",
        window.confidence(waited is None),
        word(f"own CPU quota: throttled {throttled:.0f}% of periods"),
        f"its own CPU quota{of_quota} was used up in {throttled:.0f}% of the scheduler's periods"
        + (f", and its tasks waited for a CPU {waited:.0f}% of the time" if waited is not None else ""),
        tuple(evidence),
        _next_step(window, quota, stalled),
        throttled,
    )


def _full(window: Window) -> Verdict | None:
    """Without throttling figures, only that it uses all of its limit can be said."""
    quota, used = window.quota_cores, window.cores
    if not window.running or not quota or used is None or used < FULL_SHARE * quota:
        return None
    return Verdict(
        "cpu-quota",
        "watch",
        "low",
        word(f"at its CPU limit: uses {used_of(used, quota)}"),
        f"it uses {used_of(used, quota)} that it may use; how often its quota stops it was not measured",
        (
            figure("CPU used", used_of(used, quota), f"at least {FULL_SHARE:.0%}"),
            share("throttled", None),
            share("CPU pressure", window.pressure.cpu_some, WAITED_PERCENT, unit="of the time"),
        ),
        _next_step(window, quota, None),
        100 * used / quota,
    )


def _next_step(window: Window, quota: float | None, stalled: float | None) -> str:
    cpus = window.situation.cpus or math.inf
    if quota is None:
        return f"raise its quota: docker inspect -f '{{{{json .HostConfig}}}}' {target(window.container)} tells it"
    wanted = max((window.cores or quota) + (stalled or 0.0), LEAST_HEADROOM * quota)
    wanted = min(math.ceil(wanted * 2) / 2, cpus)
    if wanted <= quota:
        return "it may use every core of the machine: make it need less, or give it a larger machine"
    return f"give it more, or make it need less: docker update --cpus {wanted:g} {target(window.container)}"


RULE = Rule("cpu-quota", "its own CPU quota", look)
