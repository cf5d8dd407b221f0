"""The GPUs that a container uses or was given, over a window."""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.model.gpu import GpuDevice, GpuProcess
from workbench.model.verdicts import Situation


@dataclass(frozen=True, slots=True)
class UsedGpu:
    """One GPU on which the container had a process, over the window."""

    newest: GpuDevice
    """As it was last read."""
    readings: int
    """How often it was read while the container had a process on it."""
    utilisation_percent: float | None
    """Mean; of the whole device. `None` in MIG mode, where the driver does not tell."""
    own_sm_percent: float | None
    """Mean of what the container's processes took; `None` when the driver does not tell it per process."""
    others: tuple[tuple[str, float | None], ...]
    """Container id (empty: in none) and mean SM percent of everybody else on the same device, the busiest first."""
    throttled: tuple[tuple[str, float], ...]
    """Reason and share of the readings in percent, the most frequent first."""

    @property
    def busy_percent(self) -> float | None:
        """What of it works for the container, as well as can be told."""
        if not self.others:
            return self.utilisation_percent if self.utilisation_percent is not None else self.own_sm_percent
        return self.own_sm_percent


def used_gpus(situation: Situation) -> tuple[UsedGpu, ...]:
    """The GPUs on which it has a process in the newest reading, by index."""
    if not situation.gpus:
        return ()
    used = []
    for device in situation.gpus[-1].devices:
        mine = [process for process in device.processes if process.container_id == situation.container.id]
        if mine:
            used.append(_used(situation, device, mine))
    return tuple(used)


def given_devices(situation: Situation) -> tuple[GpuDevice, ...]:
    """The GPUs it was given, as they were last read: by index, UUID or `all`."""
    if situation.detail is None or not situation.gpus:
        return ()
    given = set(situation.detail.gpus)
    return tuple(
        device
        for device in situation.gpus[-1].devices
        if "all" in given
        or str(device.index) in given
        or (device.uuid and device.uuid in given)
        or any(slice_.uuid and slice_.uuid in given for slice_ in device.mig_devices)
    )


def _used(situation: Situation, newest: GpuDevice, mine: list[GpuProcess]) -> UsedGpu:
    slices = {process.mig_index for process in mine}
    own: list[float | None] = []
    whole: list[float | None] = []
    reasons: dict[str, int] = {}
    others: dict[str, list[float | None]] = {}
    for snapshot in situation.gpus:
        device = next((each for each in snapshot.devices if _is_same(each, newest)), None)
        if device is None or not any(each.container_id == situation.container.id for each in device.processes):
            continue
        whole.append(device.utilisation_percent)
        for reason in device.throttle_reasons:
            reasons[reason] = reasons.get(reason, 0) + 1
        own.append(_sum(each.sm_percent for each in device.processes if each.container_id == situation.container.id))
        for owner in {each.container_id or "" for each in device.processes if each.mig_index in slices}:
            if owner != situation.container.id:
                its = (each.sm_percent for each in device.processes if (each.container_id or "") == owner)
                others.setdefault(owner, []).append(_sum(its))
    count = len(whole)
    return UsedGpu(
        newest,
        count,
        _mean(whole),
        _mean(own),
        tuple(
            sorted(((owner, _mean(values, count)) for owner, values in others.items()), key=lambda its: -(its[1] or 0))
        ),
        tuple(sorted(((reason, 100 * times / count) for reason, times in reasons.items()), key=lambda its: -its[1])),
    )


def _is_same(one: GpuDevice, other: GpuDevice) -> bool:
    return one.uuid == other.uuid if one.uuid and other.uuid else one.index == other.index


def _sum(values: Iterable[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def _mean(values: list[float | None], over: int | None = None) -> float | None:
    """The mean of what was measured; over more readings than there are values, it was not there in the rest."""
    told = [value for value in values if value is not None]
    return sum(told) / max(len(told), over or 0) if told else None
