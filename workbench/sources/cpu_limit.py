"""How many cores a container may use."""

from workbench.sources.answers import Answer, limit, text

_NANO = 1_000_000_000
_DEFAULT_PERIOD = 100_000
"""Microseconds, the kernel's own."""


def cpu_limit_cores(host_config: Answer, machine_cpus: int) -> float | None:
    """The quota in cores, or the number of cores it is pinned to when that is less; `None` without either.

    Args:
        host_config: `HostConfig` of inspect.
        machine_cpus: Cores of the engine's machine; being pinned to all of them is no limit.
    """
    pinned = text(host_config, "CpusetCpus")
    nano = limit(host_config, "NanoCpus")
    if nano is not None:
        return cpu_limit_of(nano, _NANO, pinned, machine_cpus)
    return cpu_limit_of(limit(host_config, "CpuQuota"), limit(host_config, "CpuPeriod"), pinned, machine_cpus)


def cpu_limit_of(quota: int | None, period: int | None, cpuset: str, machine_cpus: int) -> float | None:
    """The same from the kernel's own terms.

    Args:
        quota: CPU time that may be used in each period; `None` for no quota.
        period: In the unit of the quota, microseconds when it is `None`.
        cpuset: The cores it is pinned to, `0-3,6`; empty for all.
        machine_cpus: Cores of the machine; 0 when not known.
    """
    limits: list[float] = []
    if quota is not None:
        limits.append(quota / (period or _DEFAULT_PERIOD))
    pinned = count_cpus(cpuset)
    if pinned and (machine_cpus <= 0 or pinned < machine_cpus):
        limits.append(float(pinned))
    return min(limits, default=None)


def count_cpus(cpuset: str) -> int:
    """How many cores a list such as `0-2,5` names; 0 when it names none or is no such list."""
    total = 0
    for span in cpuset.split(",") if cpuset.strip() else ():
        first, _, last = span.strip().partition("-")
        last = last or first
        if not (first.isdecimal() and last.isdecimal() and len(first) < 6 and len(last) < 6):
            return 0
        total += max(0, int(last) - int(first) + 1)
    return total
