"""What one container writes: followed, filtered, searched, and tied to the time axis."""

from collections.abc import Sequence
from threading import Event
from types import ModuleType
from typing import ClassVar

from textual import on

from screens.ask import AskScreen
from screens.commands.table import bindings_for
from screens.logs import panes
from screens.logs.panes.lines import LinesPane, whole
from screens.logs.rows import LogRows, clock
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from workbench.model.logs import LogLine
from workbench.model.reading import Missing, Reading

TAIL = 2_000
"""Lines that are read at first."""
ALL = 50_000
"""Lines that are read when older ones are asked for: as many as are kept."""


class LogsScreen(ModeScreen):
    """The log of a container.

    Args:
        container_id: Whose log.
        name: How it is called.
        mode: The mode that it lies on.
    """

    MODE: ClassVar[str] = "container"
    PLACE: ClassVar[str] = "logs"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#lines"
    BINDINGS = bindings_for("logs")  # type: ignore[assignment]

    def __init__(self, container_id: str, name: str, mode: str) -> None:
        super().__init__()
        self._container_id = container_id
        self._called = name
        self._lies_on = mode
        self._stop = Event()
        self._session: object = None
        self._tail = TAIL
        self._look_for: float | None = None
        """The moment whose line is to be under the cursor as soon as it is read."""

    @property
    def mode(self) -> str:
        """The mode that it lies on."""
        return self._lies_on

    @property
    def lines(self) -> LinesPane:
        """The pane with the lines."""
        return self.query_one(LinesPane)

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._session = self.workbench.session
        self._read()

    def on_unmount(self) -> None:
        """Nobody is left to read it."""
        self._stop.set()

    def on_screen_resume(self) -> None:
        """Another session has other logs."""
        if self._session is not None and self._session is not self.workbench.session:
            self.app.pop_screen()

    def _read(self) -> None:
        self._stop.set()
        stop = self._stop = Event()
        self._look_for = self.workbench.moment
        app = self.workbench
        self.lines.begin(self._called)

        def came(lines: Sequence[LogLine]) -> None:
            app.deliver(lambda: self._came(lines, stop))

        def done(reading: Reading[None]) -> None:
            app.deliver(lambda: self._done(reading, stop))

        app.session.follow_logs(self._container_id, came, done, stop, tail=self._tail)

    def _came(self, lines: Sequence[LogLine], stop: Event) -> None:
        if self.is_there and not stop.is_set():
            self.lines.add(lines)
            if self._look_for is not None:
                self.lines.go_to_moment(self._look_for)
                if lines[-1].at >= self._look_for:
                    self._look_for = None

    def _done(self, reading: Reading[None], stop: Event) -> None:
        if self.is_there and not stop.is_set():
            over = Missing("what was recorded ends here") if self.workbench.session.world.recorded else None
            self.lines.end(reading if isinstance(reading, Missing) else over)

    def apply_filter(self, words: str) -> None:
        """Show only lines that contain these words."""
        self.lines.words = words

    def leave_level(self) -> bool:
        """Forget what is looked for, else leave the log."""
        if self.lines.found:
            self.lines.found = ""
            return True
        self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always something under a log."""
        return True

    # --- commands ----------------------------------------------------------------------------------------------------

    @on(LogRows.Opened)
    def action_open(self) -> None:
        """Read the line under the cursor in full."""
        if line := self.lines.current():
            self.app.push_screen(TextScreen(f"{clock(line.at)} · {line.stream}", whole(line)))

    def action_find(self) -> None:
        """Ask what to look for, and go to the newest line that has it."""

        def look(words: str | None) -> None:
            if words is None:
                return
            self.lines.found = words
            if words.strip():
                self.action_find_next(-1)

        self.app.push_screen(AskScreen("Find a line that contains", self.lines.found), look)

    def action_find_next(self, step: int) -> None:
        """Go to the next line that has what is looked for: 1 towards newer lines, -1 towards older ones."""
        if not self.lines.found.strip():
            self.action_find()
        elif not self.lines.find(step):
            self.workbench.say(f"no line contains {self.lines.found}")

    def action_newest(self) -> None:
        """Go to the newest line and follow."""
        self.lines.rows.action_edge(1)

    def action_moment(self) -> None:
        """Show what was measured when the line under the cursor was written."""
        line, app = self.lines.current(), self.workbench
        if line is None:
            return
        span = app.session.history.span()
        if span is None or not span[0] <= line.at <= span[1]:
            since = f" before {app.time_of(span[0])}" if span else ""
            app.say(f"nothing was measured{since}: the line is of {app.time_of(line.at)}")
            return
        app.show_moment(line.at)
        self.app.pop_screen()
        app.open_container(self._container_id)

    def action_older(self) -> None:
        """Read as many old lines as are kept."""
        self._tail = ALL
        self._read()

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        if line := self.lines.current():
            self.copy(whole(line), "the line")
