"""The last seconds of one container, summed up once for all rules."""

from functools import cached_property

from workbench.measure.averages import mean_usage
from workbench.model.containers import ContainerUsage, Pressure
from workbench.model.events import EngineEvent
from workbench.model.processes import FocusSnapshot
from workbench.model.verdicts import Confidence, Situation, Verdict
from workbench.verdicts.gpus import UsedGpu, used_gpus

SURE_SECONDS = 7.5
"""From here on a mean says what is going on: eight readings, so that one burst weighs no more than an eighth."""
FAIR_SECONDS = 2.5
"""Three readings: below this a mean may be one burst."""
SAME_MACHINE_PERCENT = 2.0
"""An engine's memory and this machine's may differ so much, by what the kernel keeps to itself, and be one machine."""

_NOTHING = ContainerUsage(0.0)
_NO_PRESSURE = Pressure()
_CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")


class Window:
    """A situation with its means. Everything is worked out when the first rule asks for it, and once.

    Args:
        situation: What is looked at.
    """

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.container = situation.container
        self.seconds = situation.seconds
        self.said: tuple[Verdict, ...] = ()
        """What the rules that were asked before said."""

    @cached_property
    def mean(self) -> ContainerUsage:
        """Rates averaged over the window, levels as they are now; all `None` when nothing was measured."""
        return mean_usage(self.situation.usages) or _NOTHING

    @cached_property
    def pressure(self) -> Pressure:
        """Averaged over the window; all `None` where the kernel does not say."""
        return self.mean.pressure or _NO_PRESSURE

    @property
    def cores(self) -> float | None:
        """CPU that it used, in cores."""
        return self.mean.cpu_cores

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.container.state == "running"

    @cached_property
    def quota_cores(self) -> float | None:
        """What it may use at most, in cores: its quota, or the cores it is pinned to; `None` without either."""
        detail = self.situation.detail
        if self.container.cpu_limit_cores is not None or detail is None:
            return self.container.cpu_limit_cores
        return detail.cpu_limit_cores

    @cached_property
    def cores_at_hand(self) -> float | None:
        """The least of its limit and the machine's cores; `None` when neither is known."""
        cpus = self.situation.cpus or None
        return min((each for each in (self.quota_cores, cpus) if each is not None), default=None)

    @cached_property
    def memory_held_bytes(self) -> int | None:
        """Memory that cannot be dropped without swap: anonymous and shared."""
        parts = self.mean.memory
        if parts is None or parts.anonymous_bytes is None:
            return None
        return parts.anonymous_bytes + (parts.shared_bytes or 0)

    @cached_property
    def memory_limit_bytes(self) -> int | None:
        """Its own limit, the lower of `memory.max` and `memory.high`; `None` when it has none of its own."""
        detail, host = self.situation.detail, self.situation.host
        limits = [self.mean.memory_high_bytes]
        hard = self.mean.memory_limit_bytes
        if detail is not None and detail.memory_limit_bytes is not None:
            limits.append(detail.memory_limit_bytes)
        elif hard is not None and detail is None:
            machine = host.memory_total_bytes if host else None
            if machine is None or hard < machine * (1 - SAME_MACHINE_PERCENT / 100):
                limits.append(hard)
        return min((limit for limit in limits if limit), default=None)

    @cached_property
    def focus(self) -> FocusSnapshot | None:
        """The newest look at its processes."""
        return self.situation.focus[-1] if self.situation.focus else None

    @cached_property
    def gpus(self) -> tuple[UsedGpu, ...]:
        """The GPUs on which it has a process, over the window."""
        return used_gpus(self.situation)

    def events(self, *kinds: str) -> tuple[EngineEvent, ...]:
        """Those of some kinds, of the last ten minutes, oldest first."""
        return tuple(event for event in self.situation.events if event.kind in kinds)

    def confidence(self, *missing: bool, seconds: float | None = None) -> Confidence:
        """How sure a verdict can be.

        Args:
            missing: For each figure that would support it, whether it was not measured: each costs a step.
            seconds: How long was measured, when that is not the window: too little for a sure mean costs a step,
                too little for a fair one two.
        """
        measured = self.seconds if seconds is None else seconds
        steps = (measured < SURE_SECONDS) + (measured < FAIR_SECONDS) + sum(missing)
        return _CONFIDENCES[min(steps, 2)]
