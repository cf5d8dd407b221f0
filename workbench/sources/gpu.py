"""Every NVIDIA GPU of the machine. One without a GPU, or with a broken one, is told so in words."""

import time
from threading import Lock
from typing import Any

from workbench.errors import GpuUnavailable
from workbench.model.gpu import GpuDevice, GpuSnapshot
from workbench.sources.base import Clock
from workbench.sources.nvml import driver_problem, read_device

RETRY_SECONDS = 30.0
"""Seconds before a driver that failed is tried again: opening NVML can wake a GPU and take over a second."""


class GpuSource:
    """Reads every GPU that NVML shows. NVML is opened with the first reading and stays open.

    Args:
        clock: Spaces the attempts to open a driver that failed.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._closed = False
        self._nvml: Any = None
        self._driver_version = ""
        self._known: dict[int, GpuDevice] = {}
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
            devices = tuple(read_device(self._nvml, index, self._known.get(index)) for index in range(count))
        except self._nvml.NVMLError as error:
            raise driver_problem(error.value) from error
        self._known = {device.index: device for device in devices}
        return GpuSnapshot(self._driver_version, devices)

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
        if nvml is not None:
            try:
                nvml.nvmlShutdown()
            except nvml.NVMLError:
                return  # it is gone already, which is all that was wanted
