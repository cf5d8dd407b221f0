"""What goes over a GPU's links: NVLink from its counters, PCIe measured by the driver when asked for."""

from typing import Any, NamedTuple

from workbench.sources.nvml_questions import Questions, scaled

_KIB = 1024
_MOST_LINKS = 36
"""`NVML_NVLINK_MAX_LINKS` of the newest header; chips have 18 at most today."""
_SENT, _RECEIVED = 138, 139
"""`NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX` and `_RX`: KiB since the driver was loaded, for one link."""
_VALUES = {0: "dVal", 1: "uiVal", 2: "ulVal", 3: "ullVal", 4: "sllVal"}


class Traffic(NamedTuple):
    """Bytes per second; `None` is not measured."""

    received: float | None = None
    sent: float | None = None


def active_links(asked: Questions, handle: Any) -> tuple[int, ...]:  # noqa: ANN401  pynvml has no types
    """The NVLinks that are up. A chip without any is asked once."""
    links: list[int] = []
    for link in range(_MOST_LINKS):
        state = asked.whole("nvmlDeviceGetNvLinkState", handle, link)
        if state is None:
            break
        if state:
            links.append(link)
    return tuple(links)


class NvLinkCounters:
    """The counters of a GPU's NVLinks at the reading before."""

    def __init__(self) -> None:
        self._before: tuple[tuple[int, ...], float, int, int] | None = None

    def rates(self, asked: Questions, handle: Any, links: tuple[int, ...], now: float) -> Traffic:  # noqa: ANN401
        """Traffic over all links since the reading before.

        Args:
            asked: The questions of this reading.
            handle: The GPU.
            links: Those that are up.
            now: Seconds of a clock that only goes forward.
        """
        before, self._before = self._before, None
        if not links:
            return Traffic()
        fields = [(field, link) for field in (_RECEIVED, _SENT) for link in links]
        values = asked.ask("nvmlDeviceGetFieldValues", handle, fields)
        if values is None or any(value.nvmlReturn for value in values):
            return Traffic()
        counts = [int(getattr(value.value, _VALUES.get(value.valueType, "ullVal"))) for value in values]
        received, sent = sum(counts[: len(links)]), sum(counts[len(links) :])
        self._before = (links, now, received, sent)
        if before is None or before[0] != links or now <= before[1] or received < before[2] or sent < before[3]:
            return Traffic()
        seconds = now - before[1]
        return Traffic((received - before[2]) * _KIB / seconds, (sent - before[3]) * _KIB / seconds)


def pcie_traffic(asked: Questions, handle: Any) -> Traffic:  # noqa: ANN401  pynvml has no types
    """Measure for 20 ms each way: the driver blocks that long."""
    nvml = asked.nvml
    return Traffic(
        scaled(asked.figure("nvmlDeviceGetPcieThroughput", handle, nvml.NVML_PCIE_UTIL_RX_BYTES), _KIB),
        scaled(asked.figure("nvmlDeviceGetPcieThroughput", handle, nvml.NVML_PCIE_UTIL_TX_BYTES), _KIB),
    )
