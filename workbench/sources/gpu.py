"""Every NVIDIA GPU of the machine. One without a GPU, or with a broken one, is told so in words."""

import time
from threading import Lock
from typing import TYPE_CHECKING, Any

from workbench.errors import GpuUnavailable
from workbench.model.gpu import GpuSnapshot
from workbench.sources.base import Clock
from workbench.sources.nvml_device import DeviceReader
from workbench.sources.nvml_errors import GpuErrors
from workbench.sources.nvml_problems import driver_problem
from workbench.sources.nvml_processes import ProcessReader
from workbench.sources.pid_containers import PidContainers, in_host_namespace

if TYPE_CHECKING:
    from workbench.sources.nvml_questions import Absent

RETRY_SECONDS = 30.0
"""Seconds before a driver that failed is tried again: opening NVML can wake a GPU and take over a second."""


class GpuSource:
    """Reads every GPU that NVML shows. NVML is opened with the first reading and stays open.

    Args:
        clock: Spaces the attempts to open a driver that failed, and the figures that are asked seldom.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.measure_pcie = False
        """Whether what goes over PCIe is measured: each reading then takes 40 ms more for each GPU."""
        self._clock = clock
        self._lock = Lock()
        self._closed = False
        self._nvml: Any = None
        self._driver_version = ""
        self._pids = PidContainers() if in_host_namespace() else None
        self._absent: Absent = set()
        self._readers: dict[int, DeviceReader] = {}
        self._known: dict[int, tuple[str, str]] = {}
        self._errors: GpuErrors | None = None
        self._failure = ("", "")
        self._retry_at: float | None = None

    def read(self) -> GpuSnapshot:
        """Read every GPU; one that fails says so and leaves the others alone.

        Raises:
            GpuUnavailable: when there is no GPU, no driver, or the driver refuses. The driver is tried again
                at most every `RETRY_SECONDS`.
        """
        with self._lock:
            try:
                if self._retry_at is not None and self._clock() < self._retry_at:
                    raise GpuUnavailable(*self._failure)
                self._retry_at = None
                return self._read()
            except GpuUnavailable as error:
                self._shut()
                self._failure = (error.reason, error.hint)
                if self._retry_at is None:
                    self._retry_at = self._clock() + RETRY_SECONDS
                raise
            finally:
                if self._closed:
                    self._shut()

    def close(self) -> None:
        """Shut NVML: at once, or by the reader as soon as the call that it hangs in comes back."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._shut()
            finally:
                self._lock.release()

    def _read(self) -> GpuSnapshot:
        if self._closed:
            raise GpuUnavailable("the GPUs are not read any more")
        if self._nvml is None:
            self._open()
        try:
            count = int(self._nvml.nvmlDeviceGetCount())
            if not count:
                raise GpuUnavailable(
                    "the NVIDIA driver is loaded and shows no GPU",
                    "see what nvidia-smi -L says; in a container look at --gpus and NVIDIA_VISIBLE_DEVICES",
                )
            devices = tuple(self._reader(index).read(measure_pcie=self.measure_pcie) for index in range(count))
            if self._errors is None:
                self._errors = GpuErrors(self._nvml, self._absent)
            events = self._errors.drain(count)
        except self._nvml.NVMLError as error:
            raise driver_problem(error.value) from error
        return GpuSnapshot(self._driver_version, devices, events)

    def _reader(self, index: int) -> DeviceReader:
        if index not in self._readers:
            self._readers[index] = DeviceReader(
                self._nvml,
                index,
                self._absent,
                ProcessReader(self._pids, self._driver_version),
                self._clock,
                self._known.get(index),
            )
        return self._readers[index]

    def _open(self) -> None:
        try:
            import pynvml  # 33 ms

            # An old pynvml, or nvidia-ml-py3, lacks the newest of these names.
            nvml_error, _ = pynvml.NVMLError, pynvml.nvmlMemory_v2
        except (ImportError, AttributeError, SyntaxError) as error:
            raise GpuUnavailable(
                "NVIDIA's Python module pynvml is missing, or another package of that name hides it",
                "pip uninstall pynvml nvidia-ml-py3; pip install --force-reinstall nvidia-ml-py",
            ) from error
        try:
            pynvml.nvmlInit()
            self._nvml = pynvml
            version = pynvml.nvmlSystemGetDriverVersion()
        except nvml_error as error:
            raise driver_problem(error.value) from error
        self._driver_version = version.decode(errors="replace") if isinstance(version, bytes) else str(version)

    def _shut(self) -> None:
        nvml, self._nvml = self._nvml, None
        self._known |= {index: reader.known for index, reader in self._readers.items()}
        for reader in self._readers.values():
            reader.forget()
        self._readers.clear()
        if self._errors is not None:
            self._errors.close()
            self._errors = None
        self._absent.clear()  # the next driver may be a newer one
        if nvml is not None:
            try:
                nvml.nvmlShutdown()
            except nvml.NVMLError:
                return  # it is gone already, which is all that was wanted
