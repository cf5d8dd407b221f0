"""Which functions are profiled line by line: of those that were just seen, or typed."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.ask import AskScreen
from screens.laid_out import LaidOut
from screens.widgets.live_table import Cell, Column, LiveTable, Row
from screens.widgets.looks import MUTED
from workbench.measure.text import printable
from workbench.model.reading import Missing, Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

COLUMNS = (Column("chosen", "", 3), Column("function", "function", 30, grow=1, most=200))


class FunctionChoice(LaidOut, ModalScreen["tuple[str, ...] | None"]):
    """Gives the functions that were chosen, or `None` after Esc.

    Args:
        container_id: Whose functions.
        name: How it is called.
        chosen: Those that are chosen at first.
    """

    BINDINGS = [  # noqa: RUF012  Textual's own declaration
        Binding("escape,q", "leave", "Back"),
        Binding("space", "choose", "Choose"),
        Binding("enter", "take", "Done"),
        Binding("t", "type", "Type"),
    ]
    AUTO_FOCUS = "LiveTable"

    def __init__(self, container_id: str, name: str, chosen: Sequence[str]) -> None:
        super().__init__()
        self._container_id = container_id
        self._called = name
        self._listed = list(chosen)
        self._chosen = dict.fromkeys(chosen)

    def compose(self) -> ComposeResult:
        """A title, the list, the keys."""
        with Vertical():
            yield Static(Content.styled(f"Functions of {printable(self._called)}, line by line", "bold $text-accent"))
            yield LiveTable(COLUMNS, empty="looking what py-spy saw", id="functions")
            yield Static(Content.styled("space chooses, t types MODULE:NAME, Enter is done, Esc goes back", MUTED))

    def on_mount(self) -> None:
        """Ask what there is to choose from."""
        app = cast("WorkbenchApp", self.app)
        self._draw()
        app.session.profiles.functions(
            self._container_id, self._called, lambda reading: app.deliver(partial(self._came, reading))
        )

    def _came(self, reading: Reading[tuple[str, ...]]) -> None:
        if not self.is_there:
            return
        seen = () if isinstance(reading, Missing) else reading.value
        self._listed += [name for name in seen if name not in self._listed]
        self.query_one(LiveTable).say_empty("py-spy has seen none yet: profile it with p first, or t types one")
        self._draw()

    def _draw(self) -> None:
        rows = [Row(name, (Cell("●" if name in self._chosen else "○", "accent"), Cell(name))) for name in self._listed]
        self.query_one(LiveTable).show(rows)

    @on(LiveTable.Opened)
    def action_choose(self) -> None:
        """Choose the function under the cursor, or no longer."""
        name = self.query_one(LiveTable).current
        if name is None:
            return
        if name in self._chosen:
            del self._chosen[name]
        else:
            self._chosen[name] = None
        self._draw()

    def action_type(self) -> None:
        """Ask for functions."""

        def answered(text: str | None) -> None:
            for name in (text or "").replace(",", " ").split():
                if ":" not in name:
                    self.app.bell()
                    continue
                self._chosen[name] = None
                if name not in self._listed:
                    self._listed.insert(0, name)
            self._draw()

        question = "Which function? MODULE:NAME or MODULE:CLASS.NAME, as in shop.orders:price; several with blanks"
        self.app.push_screen(AskScreen(question), answered)

    def action_take(self) -> None:
        """These it is; the one under the cursor when none is chosen."""
        here = self.query_one(LiveTable).current
        self.dismiss(tuple(self._chosen) or ((here,) if here else ()))

    def action_leave(self) -> None:
        """As it was before."""
        self.dismiss(None)
