"""The profiles of a container that are kept among the runs, to open one again."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.laid_out import LaidOut
from screens.widgets.live_table import Cell, Column, LiveTable, Row
from screens.widgets.looks import MUTED
from workbench.measure.text import printable
from workbench.measure.units import NOT_MEASURED, duration
from workbench.model.reading import Missing, Reading
from workbench.model.runs import RunSummary

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

COLUMNS = (
    Column("run", "run", 6, "right"),
    Column("when", "when", 19),
    Column("profiler", "profiler", 10),
    Column("took", "took", 8, "right"),
    Column("status", "", 14, grow=1, most=40),
)


class KeptScreen(LaidOut, ModalScreen[int | None]):
    """Gives the number of the run that was chosen, or `None` after Esc.

    Args:
        name: The container's.
    """

    BINDINGS = [  # noqa: RUF012  Textual's own declaration
        Binding("escape,q", "leave", "Back"),
        Binding("enter", "take", "Open"),
    ]
    AUTO_FOCUS = "LiveTable"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = name

    def compose(self) -> ComposeResult:
        """A title, the list, the keys."""
        with Vertical():
            yield Static(Content.styled(f"Earlier profiles of {printable(self._called)}", "bold $text-accent"))
            yield LiveTable(COLUMNS, empty="reading the runs", id="kept")
            yield Static(Content.styled("Enter opens it, Esc goes back", MUTED))

    def on_mount(self) -> None:
        """Read them."""
        app = cast("WorkbenchApp", self.app)
        app.session.profiles.kept(self._called, lambda reading: app.deliver(partial(self._came, reading)))

    def _came(self, reading: Reading[tuple[RunSummary, ...]]) -> None:
        if not self.is_there:
            return
        table = self.query_one(LiveTable)
        if isinstance(reading, Missing):
            table.say_empty(reading.reason)
        else:
            table.say_empty("none is kept yet: each one recorded here is")
            table.show([_row(run) for run in reading.value])

    @on(LiveTable.Opened)
    def action_take(self) -> None:
        """Open the one under the cursor."""
        key = self.query_one(LiveTable).current
        if key is not None:
            self.dismiss(int(key))

    def action_leave(self) -> None:
        """Open none."""
        self.dismiss(None)


def _row(run: RunSummary) -> Row:
    took = NOT_MEASURED if run.ended_at is None else duration(max(0.0, run.ended_at - run.started_at))
    when = datetime.fromtimestamp(run.started_at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    status = "" if run.status == "complete" else "ended early" if run.status == "interrupted" else run.status
    cells = (Cell(str(run.id), "dim"), Cell(when), Cell(run.label), Cell(took), Cell(status, "dim"))
    return Row(str(run.id), cells)
