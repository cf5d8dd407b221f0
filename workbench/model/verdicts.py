"""Why a container is slow, as the rules see it, and what they look at."""

from dataclasses import dataclass
from typing import Literal

from workbench.model.containers import Container, ContainerDetail, ContainerUsage
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.processes import FocusSnapshot

VerdictSeverity = Literal["act", "watch", "fine", "unknown"]
"""`act`: saturated, do something; `watch`: nearly, or a risk; `fine`: nothing is saturated here; `unknown`: too little
was measured."""
Confidence = Literal["high", "medium", "low"]
RuleName = Literal[
    "cpu-quota",
    "cpu-contention",
    "memory-thrash",
    "memory-near-limit",
    "oom-killed",
    "disk-wait",
    "single-thread",
    "workers-above-quota",
    "gpu-starved",
    "gpu-throttled",
    "gpu-shared",
    "gpu-lost",
    "gpu-unused",
    "shm-full",
    "idle",
    "look-downstream",
    "insufficient-data",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one container. Its texts may hold hostile names."""

    rule: RuleName
    severity: VerdictSeverity
    confidence: Confidence
    word: str
    """A few words for a table's cell: `own CPU quota: throttled 63% of periods`."""
    message: str
    """One sentence with the numbers."""
    evidence: tuple[str, ...] = ()
    """The figures it stands on, one a line, each with its unit and its threshold."""
    next_step: str = ""
    """What to do or to look at next, with a command to paste where there is one."""
    size: float = 0.0
    """How much it costs, in percent of the time or of a limit: what ranks two of one severity and confidence."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the rules may look at for one container: the last seconds of it and of what is around it."""

    container: Container
    """As it is now, its newest usage in it."""
    usages: tuple[ContainerUsage, ...]
    """Over the window, oldest first, the newest last; readings without usage are left out."""
    seconds: float
    """How long was measured: their intervals together."""
    cpus: int
    """Cores of the machine; 0 when not known."""
    host: HostSnapshot | None = None
    neighbours: tuple[Container, ...] = ()
    """The other running containers, the one that uses most CPU first."""
    detail: ContainerDetail | None = None
    focus: tuple[FocusSnapshot, ...] = ()
    """Its processes over the window, oldest first; empty for a container that is not looked at closely."""
    gpus: tuple[GpuSnapshot, ...] = ()
    """Over the window, oldest first."""
    events: tuple[EngineEvent, ...] = ()
    """Of this container, the last ten minutes, oldest first."""
    now: float = 0.0
    """Unix time in seconds."""
