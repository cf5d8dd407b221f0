"""The second row: the host's CPU and memory and every GPU, on fixed scales."""

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len

from screens.gpu_gauges import gpu_gauges
from screens.levels import level
from screens.widgets.line import Line, Part
from workbench.measure.units import bar, percent, quantity
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

BAR = 8


class Gauges(Line):
    """Host and GPU bars. What is missing says so in a word."""

    def on_mount(self) -> None:
        """Follow the host and the GPUs."""
        self.watch(self.app, "host", self._show)
        self.watch(self.app, "gpu", self._show, init=False)

    def on_resize(self) -> None:
        """Tell as much of each GPU as there is room for now."""
        self._show()

    def _show(self) -> None:
        app = cast("WorkbenchApp", self.app)
        host = [Part(" host  ", "dim"), *self._host(app)]
        room = (self.size.width or app.size.width) - sum(cell_len(part.text) for part in host)
        self.show([*host, *self._gpus(app, room)])

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

    def _gpus(self, app: "WorkbenchApp", room: int) -> list[Part]:
        if app.gpu is None:
            return []
        if isinstance(app.gpu, Missing):
            return [Part("   gpu ", "dim"), Part("none", "dim")]
        return gpu_gauges(app.gpu.value.devices, app.session.settings.thresholds, room)
