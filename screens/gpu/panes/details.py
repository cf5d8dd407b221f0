"""The GPU or slice under the cursor."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.gpu.details import ROWS, device_details, slice_details
from screens.pane import Pane
from screens.widgets.line import Line, Part, Rule
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from screens.gpu.screen import GpuScreen


class GpuDetailsPane(Pane):
    """Bars, limits, links, and what holds it back in words."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """A title and its rows."""
        yield Rule(id="title")
        for row in range(ROWS):
            yield Line(id=f"detail-{row}")

    def on_mount(self) -> None:
        """Follow the GPUs and the cursor."""
        self.watch(self.workbench, "gpu", self._show)
        self.watch(self.screen, "chosen", self._show, init=False)
        self.watch(self.screen, "measures_pcie", self._show, init=False)

    def _show(self) -> None:
        screen, gpu = cast("GpuScreen", self.screen), self.workbench.gpu
        title, place = self.query_one("#title", Rule), screen.chosen
        devices = gpu.value.devices if isinstance(gpu, Fresh) else ()
        device = next((each for each in devices if place is not None and each.index == place.gpu), None)
        if device is None or place is None:
            title.title("GPU")
            rows: list[list[Part]] = [[] for _ in range(ROWS)]
        else:
            limits = self.workbench.session.settings.thresholds
            part = next((each for each in device.mig_devices if each.index == place.mig), None)
            if part is not None:
                title.title(f"{place.text} {part.name}", Part(part.uuid, "dim"))
                rows = slice_details(device, part, limits)
            else:
                title.title(f"{device.index} {device.name}", Part(device.uuid, "dim"))
                rows = device_details(device, limits, measures_pcie=screen.measures_pcie)
        for row, parts in enumerate(rows):
            self.query_one(f"#detail-{row}", Line).show(parts)


PANE = GpuDetailsPane
