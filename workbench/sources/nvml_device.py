"""The reading of one GPU. Takes the `pynvml` module, never imports it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.measure.throttling import throttle_reasons
from workbench.model.gpu import GpuDevice
from workbench.sources.nvml_gpm import Monitors
from workbench.sources.nvml_links import NvLinkCounters, Traffic, active_links, pcie_traffic
from workbench.sources.nvml_mig import Slice, find_slices, read_memory, read_slice
from workbench.sources.nvml_problems import WHOLE_DRIVER, gpu_problem
from workbench.sources.nvml_processes import ProcessReader
from workbench.sources.nvml_questions import Absent, Questions, scaled

SLOW_SECONDS = 5.0
"""How often figures are asked that hardly change: names, limits, the PCIe link, ECC, MIG."""
_WATTS = 1e-3
_SLOWEST_STATE = 15
"""32 stands for a state that is not known."""


@dataclass(frozen=True, slots=True)
class _Slow:
    """What hardly changes."""

    name: str
    uuid: str
    power_limit_watts: float | None
    slowdown_celsius: float | None
    sm_clock_max_mhz: float | None
    pcie_generation_max: int | None
    pcie_width_max: int | None
    ecc_errors: int | None
    persistence: bool | None
    mig_enabled: bool | None
    slices: tuple[Slice, ...]
    links: tuple[int, ...]


class DeviceReader:
    """Reads one GPU again and again.

    Args:
        nvml: The module `pynvml`, initialised.
        index: Position in NVML's list.
        absent: What the driver's library lacks, shared by all its GPUs.
        processes: Lists this GPU's processes.
        clock: Seconds that only go forward.
        known: Name and UUID from an earlier look, for a GPU that no longer answers.
    """

    def __init__(
        self,
        nvml: Any,  # noqa: ANN401  pynvml has no types
        index: int,
        absent: Absent,
        processes: ProcessReader,
        clock: Callable[[], float],
        known: tuple[str, str] | None = None,
    ) -> None:
        self._nvml = nvml
        self._index = index
        self._absent = absent
        self._processes = processes
        self._clock = clock
        self.known = known or (f"GPU {index}", "")
        self._slow: _Slow | None = None
        self._slow_at = 0.0
        self._monitors = Monitors()
        self._links = NvLinkCounters()

    def read(self, *, measure_pcie: bool) -> GpuDevice:
        """Read it once. A figure that it does not give is `None`; a GPU that gives nothing has a `problem`.

        Args:
            measure_pcie: Whether to measure what goes over PCIe, for 40 ms.

        Raises:
            pynvml.NVMLError: when it is the driver that failed.
        """
        try:
            handle = self._nvml.nvmlDeviceGetHandleByIndex(self._index)
            slow = self._read_slow(handle)
            return self._read_quick(handle, slow, measure_pcie=measure_pcie)
        except self._nvml.NVMLError as error:
            if error.value in WHOLE_DRIVER:
                raise
            self.forget()
            return GpuDevice(self._index, *self.known, problem=gpu_problem(error.value))

    def forget(self) -> None:
        """Let go of what is held in the driver; the next reading begins anew."""
        self._monitors.forget()
        self._slow = None

    def _read_slow(self, handle: Any) -> _Slow:  # noqa: ANN401  pynvml has no types
        now = self._clock()
        if self._slow is not None and now - self._slow_at < SLOW_SECONDS:
            return self._slow
        nvml, asked = self._nvml, Questions(self._nvml, self._absent)
        self.known = (
            asked.text("nvmlDeviceGetName", handle) or self.known[0],
            asked.text("nvmlDeviceGetUUID", handle) or self.known[1],
        )
        mig = asked.ask("nvmlDeviceGetMigMode", handle)
        persistence = asked.whole("nvmlDeviceGetPersistenceMode", handle)
        self._slow = _Slow(
            *self.known,
            power_limit_watts=scaled(
                _first(asked, handle, ("nvmlDeviceGetEnforcedPowerLimit",), ("nvmlDeviceGetPowerManagementLimit",)),
                _WATTS,
            ),
            slowdown_celsius=_first(
                asked,
                handle,
                ("nvmlDeviceGetTemperatureThreshold", nvml.NVML_TEMPERATURE_THRESHOLD_SLOWDOWN),
                ("nvmlDeviceGetTemperatureThreshold", nvml.NVML_TEMPERATURE_THRESHOLD_GPU_MAX),
            ),
            sm_clock_max_mhz=asked.figure("nvmlDeviceGetMaxClockInfo", handle, nvml.NVML_CLOCK_SM),
            pcie_generation_max=asked.whole("nvmlDeviceGetMaxPcieLinkGeneration", handle),
            pcie_width_max=asked.whole("nvmlDeviceGetMaxPcieLinkWidth", handle),
            ecc_errors=asked.whole(
                "nvmlDeviceGetTotalEccErrors", handle, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, nvml.NVML_VOLATILE_ECC
            ),
            persistence=None if persistence is None else bool(persistence),
            mig_enabled=None if mig is None else bool(mig[0]),
            slices=find_slices(asked, handle) if mig is not None and mig[0] else (),
            links=active_links(asked, handle),
        )
        self._slow_at = now
        self._monitors.forget({each.gpu_instance for each in self._slow.slices if each.gpu_instance is not None})
        return self._slow

    def _read_quick(self, handle: Any, slow: _Slow, *, measure_pcie: bool) -> GpuDevice:  # noqa: ANN401
        nvml, asked = self._nvml, Questions(self._nvml, self._absent)
        rates = asked.ask("nvmlDeviceGetUtilizationRates", handle)
        used, total = read_memory(asked, handle)
        temperature = _first(
            asked,
            handle,
            ("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
            ("nvmlDeviceGetTemperatureV", nvml.NVML_TEMPERATURE_GPU),
        )
        power = scaled(asked.figure("nvmlDeviceGetPowerUsage", handle), _WATTS)
        sm_clock = asked.figure("nvmlDeviceGetClockInfo", handle, nvml.NVML_CLOCK_SM)
        memory_clock = asked.figure("nvmlDeviceGetClockInfo", handle, nvml.NVML_CLOCK_MEM)
        state = asked.whole("nvmlDeviceGetPerformanceState", handle)
        throttling = _first(
            asked,
            handle,
            ("nvmlDeviceGetCurrentClocksEventReasons",),
            ("nvmlDeviceGetCurrentClocksThrottleReasons",),
        )
        # Whoever gives none of these and refuses one cannot be read at all.
        problem = gpu_problem(asked.refusal) if asked.refusal and not asked.answers else ""
        seen: dict[int, float | None] = {}
        slices = tuple(read_slice(asked, handle, part, self._monitors, seen) for part in slow.slices)
        encoder = asked.ask("nvmlDeviceGetEncoderUtilization", handle)
        decoder = asked.ask("nvmlDeviceGetDecoderUtilization", handle)
        pcie = pcie_traffic(asked, handle) if measure_pcie else Traffic()
        nvlink = self._links.rates(asked, handle, slow.links, self._clock())
        return GpuDevice(
            self._index,
            slow.name,
            slow.uuid,
            utilisation_percent=None if rates is None else float(rates.gpu),
            memory_used_bytes=used,
            memory_total_bytes=total,
            temperature_celsius=temperature,
            power_watts=power,
            power_limit_watts=slow.power_limit_watts,
            problem=problem,
            memory_utilisation_percent=None if rates is None else float(rates.memory),
            sm_active_percent=None if slices else self._monitors.sm_active(asked, handle),
            slowdown_celsius=slow.slowdown_celsius,
            sm_clock_mhz=sm_clock,
            sm_clock_max_mhz=slow.sm_clock_max_mhz,
            memory_clock_mhz=memory_clock,
            performance_state=state if state is not None and 0 <= state <= _SLOWEST_STATE else None,
            throttle_reasons=() if throttling is None else throttle_reasons(int(throttling)),
            pcie_generation=asked.whole("nvmlDeviceGetCurrPcieLinkGeneration", handle),
            pcie_generation_max=slow.pcie_generation_max,
            pcie_width=asked.whole("nvmlDeviceGetCurrPcieLinkWidth", handle),
            pcie_width_max=slow.pcie_width_max,
            pcie_received_bytes_per_second=pcie.received,
            pcie_sent_bytes_per_second=pcie.sent,
            encoder_percent=None if encoder is None else float(encoder[0]),
            decoder_percent=None if decoder is None else float(decoder[0]),
            ecc_errors=slow.ecc_errors,
            nvlink_received_bytes_per_second=nvlink.received,
            nvlink_sent_bytes_per_second=nvlink.sent,
            persistence=slow.persistence,
            mig_enabled=slow.mig_enabled,
            mig_devices=slices,
            processes=self._processes.read(asked, handle, slow.slices),
        )


def _first(asked: Questions, handle: Any, *ways: tuple[Any, ...]) -> float | None:  # noqa: ANN401  pynvml has no types
    """A number from the first way of asking for it that works: a function and what follows the handle."""
    for function, *more in ways:
        answer = asked.figure(function, handle, *more)
        if answer is not None:
            return answer
    return None
