"""How busy a GPU's multiprocessors were, from two samples of its performance monitors (Hopper and newer)."""

from typing import Any

from workbench.sources.nvml_questions import Questions

_WHOLE_GPU = -1


class Monitors:
    """Keeps the newest sample of a GPU, and of each of its MIG instances, for the next reading to compare with."""

    def __init__(self) -> None:
        self._nvml: Any = None
        self._supported: bool | None = None
        self._before: dict[int, Any] = {}
        self._get: Any = None

    def sm_active(self, asked: Questions, handle: Any, instance: int = _WHOLE_GPU) -> float | None:  # noqa: ANN401
        """Share of multiprocessors that were busy since the reading before, in percent.

        Args:
            asked: The questions of this reading.
            handle: The GPU itself, even for one of its instances.
            instance: A MIG GPU instance of it.

        Raises:
            pynvml.NVMLError: when the driver or the GPU is gone.
        """
        self._nvml = asked.nvml
        if self._supported is None:
            support = asked.ask("nvmlGpmQueryDeviceSupport", handle)
            self._supported = bool(support is not None and support.isSupportedDevice)
        if not self._supported:
            return None
        sample = asked.ask("nvmlGpmSampleAlloc")
        if sample is None:
            return None
        try:
            if instance == _WHOLE_GPU:
                taken = asked.ask("nvmlGpmSampleGet", handle, sample)
            else:
                taken = asked.ask("nvmlGpmMigSampleGet", handle, instance, sample)
        except self._nvml.NVMLError:
            self._free(sample)
            raise
        if taken is None:
            self._free(sample)
            return None
        before = self._before.get(instance)
        self._before[instance] = sample
        if before is None:
            return None
        try:
            return self._between(asked, before, sample)
        finally:
            self._free(before)

    def forget(self, instances: set[int] | None = None) -> None:
        """Free the samples: all of them, or those of the MIG instances that are not among `instances`."""
        for instance in list(self._before):
            if instances is None or (instance != _WHOLE_GPU and instance not in instances):
                self._free(self._before.pop(instance))
        if instances is None:
            self._supported = None

    def _between(self, asked: Questions, before: Any, now: Any) -> float | None:  # noqa: ANN401  pynvml has no types
        nvml = asked.nvml
        if self._get is None:
            self._get = nvml.c_nvmlGpmMetricsGet_t()  # 19 kB
            self._get.version = nvml.NVML_GPM_METRICS_GET_VERSION
            self._get.numMetrics = 1
            self._get.metrics[0].metricId = nvml.NVML_GPM_METRIC_SM_UTIL
        self._get.sample1, self._get.sample2 = before, now
        if asked.ask("nvmlGpmMetricsGet", self._get) is None:
            return None
        metric = self._get.metrics[0]
        if metric.nvmlReturn != 0 or not 0.0 <= metric.value <= 100.0:
            return None
        return float(metric.value)

    def _free(self, sample: Any) -> None:  # noqa: ANN401  pynvml has no types
        try:
            self._nvml.nvmlGpmSampleFree(sample)
        except self._nvml.NVMLError:
            return  # the driver is gone, and the sample with it
