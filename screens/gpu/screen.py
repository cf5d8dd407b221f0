"""GPU: every device, what holds it back, and whose processes use it."""

from types import ModuleType
from typing import ClassVar

from textual import on
from textual.reactive import var

from screens.commands.table import bindings_for
from screens.gpu import panes
from screens.gpu.panes.processes import GpuProcessesPane
from screens.gpu.rows import Place
from screens.live import LiveScreen
from screens.widgets.live_table import LiveTable
from workbench.model.reading import Fresh, Missing

_ON_ROWS = frozenset({"open", "sort", "reverse", "filter", "copy", "toggle_pcie", "next_table"})


class GpuScreen(LiveScreen):
    """The GPUs, the one under the cursor, and the processes of one or of all."""

    MODE: ClassVar[str] = "gpu"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#devices"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS = bindings_for("gpu")  # type: ignore[assignment]

    chosen: var[Place | None] = var(None)
    """The GPU or slice under the cursor."""
    old: var[bool] = var(False)
    """Whether the figures are so old that they must look it."""
    measures_pcie: var[bool] = var(False)
    """Whether PCIe traffic is measured while this screen is looked at."""

    def on_mount(self) -> None:
        """Follow whether there is a GPU at all."""
        super().on_mount()
        self.watch(self.workbench, "gpu", self._news)
        if not self.workbench.still:
            self.set_interval(1.0, self._look_at_age)

    def _look_at_age(self) -> None:
        gpu = self.workbench.gpu
        self.old = isinstance(gpu, Fresh) and self.workbench.is_old(gpu)

    def _news(self) -> None:
        self.set_class(isinstance(self.workbench.gpu, Missing), "-no-gpu")
        self._look_at_age()
        self.refresh_bindings()
        if isinstance(self.workbench.gpu, Fresh) and self.focused is None:  # a table that is not shown has no focus
            self.call_after_refresh(lambda: self.set_focus(self.query_one("#devices", LiveTable)))

    @property
    def processes(self) -> GpuProcessesPane:
        """The pane with the processes."""
        return self.query_one(GpuProcessesPane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a GPU there is nothing to open, sort or filter; a recording has the traffic that it has."""
        if action in _ON_ROWS and isinstance(self.workbench.gpu, Missing):
            return False
        if action == "toggle_pcie" and self.workbench.session.world.recorded:
            return False
        return super().check_action(action, parameters)

    def apply_filter(self, words: str) -> None:
        """Show only processes that contain these words."""
        self.processes.words = words

    def focus_main(self) -> None:
        """From the filter into what it filters."""
        self.set_focus(self.query_one("#processes", LiveTable))

    def _in_processes(self) -> bool:
        return self.focused is not None and self.focused.id == "processes"

    @on(LiveTable.Highlighted, "#devices")
    def _device_chosen(self, event: LiveTable.Highlighted) -> None:
        self.chosen = Place.of(event.key) if event.key is not None else None

    @on(LiveTable.Opened, "#devices")
    def _only_this(self) -> None:
        if self.chosen is not None:
            self.processes.only = self.chosen
            self.set_focus(self.query_one("#processes", LiveTable))

    @on(LiveTable.Opened, "#processes")
    def _open_container(self) -> None:
        user = self.processes.current()
        if user is None:
            return
        if user.known and user.process.container_id:
            self.workbench.open_container(user.process.container_id)
        elif user.container:
            self.workbench.say(f"{user.container} is no container of this engine")
        elif isinstance(self.workbench.fleet, Fresh):
            self.workbench.say(f"process {user.process.pid} runs in no container that can be told")

    def action_open(self) -> None:
        """From a GPU to its processes, from a process to its container."""
        if self._in_processes():
            self._open_container()
        else:
            self._only_this()

    def leave_level(self) -> bool:
        """From one GPU's processes to everybody's, from the processes to the GPUs."""
        if self.processes.only is None and not self._in_processes():
            return False
        self.processes.only = None
        self.set_focus(self.query_one("#devices", LiveTable))
        return True

    def can_go_back(self) -> bool:
        """From the processes there are always the GPUs."""
        return self._in_processes() or super().can_go_back()

    @on(LiveTable.HeadingClicked, "#processes")
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self.processes.sort_by(event.column)

    def action_next_table(self) -> None:
        """From the GPUs to the processes and back."""
        self.focus_next()

    def action_sort(self) -> None:
        """Sort the processes by the next column."""
        self.processes.sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.processes.sort_by(self.processes.sort)

    def action_copy(self) -> None:
        """Copy the PID of the process, or the UUID of the GPU or slice."""
        if self._in_processes():
            user = self.processes.current()
            self.copy(str(user.process.pid) if user else None)
        else:
            self.copy(self._uuid())

    def _uuid(self) -> str | None:
        gpu, place = self.workbench.gpu, self.chosen
        if not isinstance(gpu, Fresh) or place is None:
            return None
        for device in gpu.value.devices:
            if device.index == place.gpu:
                slices = {part.index: part.uuid for part in device.mig_devices}
                return device.uuid if place.mig is None else slices.get(place.mig)
        return None

    # --- PCIe traffic ------------------------------------------------------------------------------------------------

    def action_toggle_pcie(self) -> None:
        """Measure PCIe traffic, or no more."""
        wanted = not self.measures_pcie
        if self.workbench.session.measure_pcie(wanted=wanted):
            self.measures_pcie = wanted
            self.workbench.session.gpu.refresh()
            self.workbench.say("measuring PCIe" if wanted else "PCIe is no longer measured")

    def on_screen_suspend(self) -> None:
        """Nobody looks: spare the GPUs."""
        if self.measures_pcie:
            self.workbench.session.measure_pcie(wanted=False)

    def on_screen_resume(self) -> None:
        """Go on where we left off."""
        if self.measures_pcie:
            self.workbench.session.measure_pcie(wanted=True)
