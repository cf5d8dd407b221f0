"""The top row: the modes with their keys, the engine, the clock."""

import time
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal

from screens.laid_out import LaidOut
from screens.widgets.line import Line, Part
from workbench.model.reading import Fresh, Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.model.containers import FleetSnapshot

CLOCK_CELLS = 9
HERE = "▸"
"""Before the mode on screen, so that it shows without colours too."""
TABS = (
    ("fleet", "1", "Fleet"),
    ("container", "2", "Container"),
    ("image", "3", "Image"),
    ("build", "5", "Build"),
    ("compare", "6", "Compare"),
    ("runs", "7", "Runs"),
    ("gpu", "8", "GPU"),
)


class TitleBar(LaidOut, Horizontal):
    """Modes to the left, engine and time to the right. The time is a widget of its own, so a second costs few bytes."""

    DEFAULT_CSS = """
    TitleBar { height: 1; background: $panel; }
    TitleBar #clock { width: 9; }
    TitleBar #tabs { width: 1fr; }
    """

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def compose(self) -> ComposeResult:
        """The tabs, then the clock."""
        yield Line(id="tabs")
        yield Line(id="clock")

    def on_mount(self) -> None:
        """Follow the engine and the time."""
        self.watch(self.app, "fleet", self._show)
        self.watch(self.app, "moment", self._tick)
        self.watch(self.app, "beat", self._tick, init=False)

    def on_resize(self) -> None:
        """Show as much as there is room for."""
        self._show(cast("WorkbenchApp", self.app).fleet)

    def _tick(self) -> None:
        app = cast("WorkbenchApp", self.app)
        self.query_one("#clock", Line).show([Part(f"{app.time_of_day()} ", "dim" if app.moment is None else "past")])

    def _show(self, fleet: "Reading[FleetSnapshot] | None") -> None:
        app = cast("WorkbenchApp", self.app)
        self._tick()
        where = app.session.world.name
        engine = fleet.value.engine if isinstance(fleet, Fresh) else None
        version = engine.version.split("+")[0] if engine else ""
        product = engine.product if engine else ""
        room = self.size.width - CLOCK_CELLS
        whole = (where, product, version)
        for gap, words in ((" ", whole), ("", whole), ("", (where, version)), ("", (version,)), ("", (where,))):
            left = self._tabs(gap)
            right = f"{' '.join(filter(None, words))} "
            if sum(cell_len(part.text) for part in left) + cell_len(right) <= room:
                break
        self.query_one("#tabs", Line).show(left, [Part(right, "dim")])

    def _tabs(self, gap: str) -> list[Part]:
        """The modes; without the program's name where every cell counts."""
        parts = [Part(" workbench ", "strong")] if gap else []
        for mode, key, title in TABS:
            here = mode == self._mode
            mark, look = (HERE, "accent") if here else (" ", "dim")
            parts.append(Part(f"{mark}{key} {title}{gap}", look, f"app.mode('{mode}')"))
        return parts


def local_time() -> str:
    """The time of day on this machine, `14:03:22`."""
    return time.strftime("%H:%M:%S")
