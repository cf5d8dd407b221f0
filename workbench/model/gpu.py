"""GPUs as NVML describes them."""

from dataclasses import dataclass

from workbench.model.events import EngineEvent


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process with a context on a GPU. `None` is a figure that the driver does not give."""

    pid: int
    """In the host's namespace, always."""
    name: str = ""
    """Hostile text."""
    container_id: str | None = None
    """The container it runs in; `None` when it runs in none, or that cannot be told."""
    memory_bytes: int | None = None
    sm_percent: float | None = None
    """Share of time in which its kernels ran."""
    memory_percent: float | None = None
    """Share of time in which it read or wrote the GPU's memory."""
    kind: str = "compute"
    """`compute`, `graphics` or `mps`."""
    mig_index: int | None = None
    """The MIG device it runs on."""


@dataclass(frozen=True, slots=True)
class MigDevice:
    """A slice of a GPU in MIG mode. `None` is a figure that the driver does not give."""

    index: int
    name: str
    uuid: str = ""
    gpu_instance: int | None = None
    compute_instance: int | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    sm_active_percent: float | None = None


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """One GPU. `None` is a figure that this chip or driver does not give."""

    index: int
    name: str
    uuid: str
    utilisation_percent: float | None = None
    """Share of time in which at least one kernel ran; says nothing of how full the chip was."""
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None
    power_limit_watts: float | None = None
    problem: str = ""
    """Why this GPU cannot be read (lost, no permission); empty when it can."""
    memory_utilisation_percent: float | None = None
    """Share of time in which its memory was read or written."""
    sm_active_percent: float | None = None
    """How busy its multiprocessors were, where the chip can tell (GPM, Hopper and newer)."""
    slowdown_celsius: float | None = None
    """The temperature at which it slows itself down."""
    sm_clock_mhz: float | None = None
    sm_clock_max_mhz: float | None = None
    memory_clock_mhz: float | None = None
    performance_state: int | None = None
    """0 is fastest, 15 slowest."""
    throttle_reasons: tuple[str, ...] = ()
    """Why its clocks are held down, in words: `power cap`, `too hot`, …; idling is none."""
    pcie_generation: int | None = None
    pcie_generation_max: int | None = None
    pcie_width: int | None = None
    pcie_width_max: int | None = None
    pcie_received_bytes_per_second: float | None = None
    """Measured only when asked for: 20 ms a call; so is the next."""
    pcie_sent_bytes_per_second: float | None = None
    encoder_percent: float | None = None
    decoder_percent: float | None = None
    ecc_errors: int | None = None
    """Uncorrected, since the driver was loaded."""
    nvlink_received_bytes_per_second: float | None = None
    nvlink_sent_bytes_per_second: float | None = None
    persistence: bool | None = None
    mig_enabled: bool | None = None
    mig_devices: tuple[MigDevice, ...] = ()
    processes: tuple[GpuProcess, ...] = ()


@dataclass(frozen=True, slots=True)
class GpuSnapshot:
    """Every GPU of the machine at one moment."""

    driver_version: str
    devices: tuple[GpuDevice, ...]
    events: tuple[EngineEvent, ...] = ()
    """Errors that GPUs reported since the reading before, oldest first."""
