"""What the container uses now, each against its limit."""

from typing import ClassVar

from textual.app import ComposeResult

from screens.fleet.rows import cpu_share, memory_share, state_cell
from screens.levels import level
from screens.pane import Pane
from screens.widgets.line import Line, Part, Rule
from workbench.measure.units import NOT_MEASURED, bar, percent, quantity
from workbench.model.containers import Container
from workbench.model.reading import Fresh

BAR = 20


class UsagePane(Pane):
    """CPU, memory, network, block I/O, PIDs: one row each, in the same place for every container."""

    ORDER: ClassVar[int] = 10
    _container: Container | None = None

    def compose(self) -> ComposeResult:
        """A title and five rows."""
        yield Rule(id="title")
        for name in ("cpu", "memory", "network", "block", "pids"):
            yield Line(id=name)

    def on_mount(self) -> None:
        """Follow the container."""
        self.watch(self.screen, "container", self._show)
        self.watch(self.workbench, "fleet", self._title, init=False)
        if not self.workbench.still:
            self.set_interval(1.0, self._title)

    def _title(self) -> None:
        title = self.query_one("#title", Rule)
        container = self._container
        if container is None:
            title.title("No such container" if self.workbench.container_id else "No container")
            return
        fleet = self.workbench.fleet
        state = state_cell(container)
        notes = [Part(container.status, "dim"), Part(state.text, state.look)]
        if not isinstance(fleet, Fresh) or self.workbench.is_old(fleet):
            notes.insert(0, Part("as last seen", "watch"))
        title.title(container.name, *notes)

    def _show(self, container: Container | None) -> None:
        self._container = container
        self._title()
        if container is None:
            for line in self.query(Line).exclude("#title"):
                line.show([])
            return
        usage = container.usage
        fleet = self.workbench.fleet
        cpus = fleet.value.engine.cpus if isinstance(fleet, Fresh) else 0
        limits = self.workbench.session.settings.thresholds
        cpu, memory = cpu_share(container, cpus), memory_share(container)
        limit = container.cpu_limit_cores
        self._row(
            "cpu",
            cpu,
            level(None if cpu is None else 100 * cpu, limits.cpu_watch, limits.cpu_act),
            [
                Part(f"{percent(None if cpu is None else 100 * cpu):>6}"),
                Part(
                    f" of {limit:g} cores, its quota" if limit else f" of {cpus} cores, it has no quota of its own",
                    "dim",
                ),
                Part(f"   {percent(usage.cpu_percent)}" if usage else ""),
                Part(" of one core" if usage else "", "dim"),
            ],
        )
        used = usage.memory_used_bytes if usage else None
        self._row(
            "memory",
            memory,
            level(None if memory is None else 100 * memory, limits.memory_watch, limits.memory_act),
            [
                Part(f"{percent(None if memory is None else 100 * memory):>6}"),
                Part(f"   {quantity(used, 'B')}"),
                Part(f" of {quantity(usage.memory_limit_bytes if usage else None, 'B')}", "dim"),
            ],
        )
        self._row(
            "network",
            None,
            "",
            [
                Part(f"{_rate(usage.network_received_bytes_per_second if usage else None)} in   "),
                Part(f"{_rate(usage.network_sent_bytes_per_second if usage else None)} out"),
            ],
        )
        self._row(
            "block",
            None,
            "",
            [
                Part(f"{_rate(usage.block_read_bytes_per_second if usage else None)} read   "),
                Part(f"{_rate(usage.block_written_bytes_per_second if usage else None)} written"),
            ],
        )
        share = usage.pids / usage.pids_limit if usage and usage.pids is not None and usage.pids_limit else None
        self._row(
            "pids",
            share,
            level(None if share is None else 100 * share, 80, 90),
            [
                Part(NOT_MEASURED if usage is None or usage.pids is None else str(usage.pids)),
                Part(f" of {usage.pids_limit}" if usage and usage.pids_limit else " without a limit", "dim"),
            ],
        )

    def _row(self, name: str, share: float | None, look: str, parts: list[Part]) -> None:
        shown = {"memory": "mem", "network": "net", "block": "disk"}.get(name, name)
        bars = [Part(bar(share, BAR), look), Part("  ")] if share is not None else [Part(" " * (BAR + 2))]
        self.query_one(f"#{name}", Line).show([Part(f"  {shown:<6}", "dim"), *bars, *parts])


def _rate(value: float | None) -> str:
    return quantity(value, "B/s") if value is not None else NOT_MEASURED


PANE = UsagePane
