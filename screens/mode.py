"""What every mode's screen has: title bar, gauges, its panes, the filter, the status line, the key line."""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Label

from screens.gauges import Gauges
from screens.key_line import KeyLine
from screens.laid_out import LaidOut
from screens.pane import discover
from screens.status_line import StatusLine
from screens.title_bar import TitleBar
from workbench.measure.text import encodable
from workbench.model.reading import Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

T = TypeVar("T")


class ModeScreen(LaidOut, Screen[None]):
    """One mode. Its panes are found in `PANES`; a filter typed here reaches `apply_filter`."""

    PANES: ClassVar[ModuleType]
    MODE: ClassVar[str]
    PLACE: ClassVar[str] = ""
    """The name of its commands in the table; empty when it is the mode's."""
    AUTO_FOCUS: ClassVar[str | None] = "LiveTable"
    FRAME: ClassVar[type[Widget]] = Container
    """What holds the panes: one that scrolls where they may be longer than the screen."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  Textual declares it

    @property
    def mode(self) -> str:
        """The mode that it is, or lies on."""
        return self.MODE

    @property
    def place(self) -> str:
        """The name of its commands in the table."""
        return self.PLACE or self.MODE

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app, with its readings."""
        return cast("WorkbenchApp", self.app)

    def work_out(self, work: Callable[[], T], come: Callable[[Reading[T]], object]) -> None:
        """Do something on a thread, and take what comes of it on the app's own, if this screen is there by then."""
        app = self.workbench

        def done(reading: Reading[T]) -> None:
            if self.is_there:
                come(reading)

        app.session.work_out(work, lambda reading: app.deliver(lambda: done(reading)))

    def compose(self) -> ComposeResult:
        """Lay out the frame around the panes."""
        yield TitleBar(self.mode)
        yield Gauges()
        with self.FRAME(id="panes"):
            for pane in discover(self.PANES):
                yield pane()
        with Horizontal(id="filter-row"):
            yield Label(" filter ", id="filter-label")
            yield Input(placeholder="part of a name; Enter keeps it, Esc clears it", id="filter", compact=True)
        yield StatusLine()
        yield KeyLine()

    def on_mount(self) -> None:
        """Hide the filter until it is asked for."""
        self._show_filter(shown=False)

    def _show_filter(self, *, shown: bool) -> None:
        box = self.query_one("#filter", Input)
        box.display = self.query_one("#filter-row").display = shown
        self.refresh_bindings()

    def apply_filter(self, words: str) -> None:
        """Show only what contains `words`; empty shows all."""

    def action_filter(self) -> None:
        """Open the filter."""
        box = self.query_one("#filter", Input)
        self._show_filter(shown=True)
        self.set_focus(box)  # at once: the keys that come next are meant for it

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self.apply_filter(event.value)

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        box = self.query_one("#filter", Input)
        self._show_filter(shown=bool(box.value))
        self.focus_main()

    def focus_main(self) -> None:
        """Put the focus back on the mode's main pane."""
        if self.AUTO_FOCUS:
            self.set_focus(self.query(self.AUTO_FOCUS).first())

    def clear_filter(self) -> bool:
        """Close the filter; `False` when there was none to close."""
        box = self.query_one("#filter", Input)
        if not box.display:
            return False
        box.value = ""
        self._show_filter(shown=False)
        self.focus_main()
        return True

    def action_back(self) -> None:
        """Clear the filter, else go a level up, else to the mode we came from."""
        if not self.clear_filter() and not self.leave_level():
            self.workbench.go_back()

    def leave_level(self) -> bool:
        """Go a level up inside this mode; `False` when already at the top."""
        return False

    def on_key(self, event: events.Key) -> None:
        """From the filter, the arrows go on to the table."""
        if event.key in {"down", "up"} and isinstance(self.focused, Input):
            event.stop()
            self.focus_main()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is offered where there is something to go back from; a slash typed into the filter is a slash."""
        if action == "back":
            return self.can_go_back()
        if action == "filter" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    def can_go_back(self) -> bool:
        """Whether Esc would do anything."""
        # Asked of a screen that is not composed yet, too.
        return any(box.display for box in self.query("#filter")) or self.workbench.came_from_somewhere

    def copy(self, text: str | None, what: str = "") -> None:
        """Put text on the clipboard of the terminal and say so."""
        if text:
            self.app.copy_to_clipboard(encodable(text))
            self.workbench.say(f"copied {what or text}")
