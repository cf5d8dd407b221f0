"""The second row: the host's CPU and memory and every GPU, on fixed scales."""

from typing import TYPE_CHECKING, cast

from screens.widgets.line import Line, Part
from workbench.measure.units import bar, percent, quantity
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.model.gpu import GpuDevice
    from workbench.settings import Thresholds

BAR = 8


class Gauges(Line):
    """Host and GPU bars. What is missing says so in a word."""

    def on_mount(self) -> None:
        """Follow the host and the GPUs."""
        self.watch(self.app, "host", self._show)
        self.watch(self.app, "gpu", self._show, init=False)

    def _show(self) -> None:
        app = cast("WorkbenchApp", self.app)
        self.show([Part(" host  ", "dim"), *self._host(app), *self._gpus(app)])

    def _host(self, app: "WorkbenchApp") -> list[Part]:
        if not isinstance(app.host, Fresh):
            return [Part("measuring" if app.host is None else app.host.reason, "dim")]
        host = app.host.value
        memory = host.memory_used_bytes / host.memory_total_bytes if host.memory_total_bytes else None
        limits = app.session.settings.thresholds
        parts = [
            Part("cpu ", "dim"),
            Part(
                bar(None if host.cpu_percent is None else host.cpu_percent / 100, BAR),
                level(host.cpu_percent, limits.cpu_watch, limits.cpu_act),
            ),
            Part(f" {percent(host.cpu_percent):>4} of {host.cpu_cores}"),
            Part("   mem ", "dim"),
            Part(
                bar(memory, BAR),
                level(None if memory is None else memory * 100, limits.memory_watch, limits.memory_act),
            ),
            Part(f" {quantity(host.memory_used_bytes)}/{quantity(host.memory_total_bytes)}"),
        ]
        if host.swap_used_bytes:
            parts += [Part("   swap ", "dim"), Part(quantity(host.swap_used_bytes))]
        return parts

    def _gpus(self, app: "WorkbenchApp") -> list[Part]:
        if app.gpu is None:
            return []
        if isinstance(app.gpu, Missing):
            return [Part("   gpu ", "dim"), Part("none", "dim")]
        parts: list[Part] = []
        for device in app.gpu.value.devices:
            parts += _gpu(device, app.session.settings.thresholds)
        return parts


def _gpu(device: "GpuDevice", limits: "Thresholds") -> list[Part]:
    name = Part(f"   gpu{device.index} ", "dim")
    if device.problem:
        return [name, Part(device.problem, "act")]
    parts = [
        name,
        Part(
            bar(None if device.utilisation_percent is None else device.utilisation_percent / 100, BAR),
            "plain",
        ),
        Part(f" {percent(device.utilisation_percent)}"),
    ]
    if device.memory_total_bytes:
        used = device.memory_used_bytes
        share = None if used is None else 100 * used / device.memory_total_bytes
        parts.append(
            Part(
                f"  {quantity(used)}/{quantity(device.memory_total_bytes)}",
                level(share, limits.memory_watch, limits.memory_act),
            )
        )
    if device.temperature_celsius is not None:
        parts.append(Part(f"  {device.temperature_celsius:.0f}°C"))
    return parts


def level(value: float | None, watch: float, act: float) -> str:
    """The look of a figure against its thresholds."""
    if value is None or value < watch:
        return "plain"
    return "act" if value >= act else "watch"
