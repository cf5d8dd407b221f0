"""It waits for a CPU that others have, or that it asks too much of: the machine is full."""

from workbench.measure.units import percent
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import LONGEST_WORD, cores, figure, listed, name, share, target, used_of, word

WAITED_PERCENT = 20.0
"""Of the time, by CPU pressure (PSI `some`, by the difference of its total), at least one task waiting. A container
that showed 5 to 13% in `docker stats`, behind busy neighbours, had 44 to 54%. Where the kernel tells no pressure, the
run-queue delay stands for it: 0.2 s per second is the same share for one task."""
THROTTLED_PERCENT = 10.0
"""Of periods: above, a part of the waiting is its own quota's."""
ITS_OWN_SHARE = 0.8
"""Of the cores at hand: who uses so much is in its own way."""
QUOTA_SHARE = 0.85
"""Of its quota, used by one that is throttled: the quota is what it waits for. The container above used 24 to 63%."""
FULL_SHARE = 0.95
"""Of the cores at hand: full, even while hardly anything waits."""
TELLING_CORES = 0.05
"""A neighbour that uses less is not the cause."""
HOST = "host processes"
"""How all that runs in no container is called."""
OUTSIDE_CORES = 0.3
"""What runs in no container is worked out as a rest, of figures that were not read at one moment."""


def look(window: Window) -> Verdict | None:
    """CPU pressure above 20% that its own quota does not explain: others have the CPU, and the busiest are named.

    When its own tasks fill the cores that it may use, that is said instead.
    """
    if not window.running:
        return None
    waits = _unexplained(window)
    if _share_of_hand(window) >= (FULL_SHARE if waits is None else ITS_OWN_SHARE):
        return _full(window, waits)
    return None if waits is None else _contended(window, waits)


def _unexplained(window: Window) -> float | None:
    """Time that it waited for a CPU in percent; `None` when that is below the threshold, or its own quota's doing."""
    waited, delay = window.pressure.cpu_some, window.mean.run_delay_seconds_per_second
    waits = waited if waited is not None else 100 * delay if delay is not None else None
    if waits is None or waits <= WAITED_PERCENT:
        return None
    throttled, stalled = window.mean.throttled_percent or 0.0, window.mean.throttled_seconds_per_second
    if throttled >= THROTTLED_PERCENT:
        explained = 100 * stalled if stalled is not None else throttled
        if _has_its_quota(window) or waits - explained <= WAITED_PERCENT:
            return None
    return min(waits, 100.0)


def _has_its_quota(window: Window) -> bool:
    """Whether it gets what its quota allows: then nobody takes it away, however long its tasks wait."""
    quota, used = window.quota_cores, window.cores
    return quota is not None and used is not None and used >= QUOTA_SHARE * quota


def _share_of_hand(window: Window) -> float:
    used, at_hand = window.cores, window.cores_at_hand
    throttled = window.mean.throttled_percent
    if window.quota_cores is not None and (throttled is None or throttled >= THROTTLED_PERCENT):
        return 0.0  # its own quota then, as far as can be told
    return used / at_hand if used is not None and at_hand else 0.0


def _evidence(window: Window) -> list[str]:
    lines = [share("CPU pressure", window.pressure.cpu_some, WAITED_PERCENT, unit="of the time")]
    if window.mean.run_delay_seconds_per_second is not None:
        lines.append(figure("tasks ready and waiting", f"{window.mean.run_delay_seconds_per_second:.2f} s per second"))
    if window.mean.throttled_percent is not None:
        told = f"{percent(window.mean.throttled_percent)} of periods"
        lines.append(figure("throttled by its own quota", told, f"less than {THROTTLED_PERCENT:.0f}%"))
    if window.cores is not None:
        lines.append(figure("CPU used", f"{used_of(window.cores, window.cores_at_hand)} at hand"))
    return lines


def _waiting(window: Window, waits: float) -> str:
    throttled = window.mean.throttled_percent
    quota = f" while its quota stopped it in {throttled:.0f}% of periods" if throttled is not None else ""
    return f"its tasks were ready and waited for a CPU {waits:.0f}% of the time{quota}"


def _full(window: Window, waits: float | None) -> Verdict:
    used = used_of(window.cores, window.cores_at_hand)
    waited = window.pressure.cpu_some
    if waits is not None:
        told = _waiting(window, waits)
    else:
        told = "whether its tasks wait was not measured" if waited is None else "its tasks hardly wait"
    return Verdict(
        "cpu-contention",
        "watch" if waits is None else "act",
        window.confidence(waited is None),
        word(f"CPU full: uses {used} itself"),
        f"it fills the CPU that it may use by itself, {used}; {told}",
        tuple(_evidence(window)),
        f"see which: docker top {target(window.container)} -eo pid,pcpu,comm; then give it more cores, or less to do",
        100 * _share_of_hand(window) if waits is None else waits,
    )


def _contended(window: Window, waits: float) -> Verdict:
    others = _others(window)
    short = f"CPU contention: waits {waits:.0f}% of the time"
    if others:
        had = f" {cores(round(others[0][1], 1))}"
        short = f"CPU contention {waits:.0f}%: "
        short += name(others[0][0], LONGEST_WORD - len(short) - len(had)) + had
        who = listed([f"{other} {'use' if other == HOST else 'uses'} {cores(used)}" for other, used in others])
    else:
        who = "who has the CPU was not measured"
    mixed = (window.mean.throttled_percent or 0.0) >= THROTTLED_PERCENT
    return Verdict(
        "cpu-contention",
        "act",
        window.confidence(window.pressure.cpu_some is None, mixed, not others),
        word(short),
        f"{_waiting(window, waits)}: {who}",
        (*_evidence(window), *(figure(other, cores(used)) for other, used in others[:3])),
        _next_step(window) if others else "see who has the CPU: docker stats",
        waits,
    )


def _others(window: Window) -> list[tuple[str, float]]:
    """Who else uses CPU, and how many cores: the other containers, and all that runs in none, the busiest first."""
    situation = window.situation
    neighbours = [
        (name(each.name), each.usage.cpu_cores)
        for each in situation.neighbours
        if each.usage is not None and each.usage.cpu_cores is not None
    ]
    others = [(who, used) for who, used in neighbours if used >= TELLING_CORES]
    if situation.host and situation.host.cpu_percent is not None and situation.cpus and window.cores is not None:
        whole = situation.host.cpu_percent / 100 * situation.cpus
        outside = whole - window.cores - sum(used for _, used in neighbours)
        if outside >= OUTSIDE_CORES:
            others.append((HOST, outside))
    return sorted(others, key=lambda its: -its[1])


def _next_step(window: Window) -> str:
    """Weight for this one, or a cap for the container that uses most."""
    more = f"docker update --cpu-shares 4096 {target(window.container)}"
    busiest = next((each for each in window.situation.neighbours if each.usage and each.usage.cpu_cores), None)
    if busiest is None or busiest.usage is None or (busiest.usage.cpu_cores or 0) < TELLING_CORES:
        return f"let it go before the others: {more}"
    cap = max(0.1, round((busiest.usage.cpu_cores or 0) / 2, 1))
    return f"let it go before the others: {more}; or cap the busiest: docker update --cpus {cap:g} {target(busiest)}"


RULE = Rule("cpu-contention", "contention for the machine's CPUs", look)
