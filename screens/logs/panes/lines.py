"""The lines of the log, and where among them we are."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.reactive import var

from screens.logs.book import LogBook
from screens.logs.rows import LogRows
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from workbench.measure.log_text import without_escapes
from workbench.measure.text import printable
from workbench.measure.units import counted
from workbench.model.logs import LogLine
from workbench.model.reading import Missing


class LinesPane(Pane):
    """Follows the newest line until the cursor leaves it."""

    ORDER: ClassVar[int] = 10

    words: var[str] = var("")
    """The filter."""
    found: var[str] = var("")
    """What is looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.book = LogBook()
        self._called = ""
        self._following = True
        self._unseen = 0
        self._ended: Missing | None = None

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        yield Rule(id="title")
        yield LogRows(self.book, id="lines")

    def on_mount(self) -> None:
        """Follow the filter and what is looked for."""
        self.watch(self, "words", self._filter, init=False)
        self.watch(self, "found", self._look, init=False)
        self._title()

    @property
    def rows(self) -> LogRows:
        """The lines with their cursor."""
        return self.query_one(LogRows)

    def begin(self, name: str) -> None:
        """Nothing is read yet of this container's log."""
        self._called = name
        self._ended = None
        self.book = self.rows.book = LogBook()
        self.book.filter(self.words)
        self._following, self._unseen = True, 0
        self.rows.say_empty("Nothing has come yet: what it writes appears here")
        self.rows.changed(follow=True)
        self._title()

    def add(self, lines: Sequence[LogLine]) -> None:
        """Lines came."""
        self.book.add(lines)
        if not self._following:
            self._unseen += len(lines)
        self._say_empty()
        self.rows.changed(follow=self._following)
        self._title()

    def end(self, why: Missing | None) -> None:
        """Nothing more will come: the log ended, or could not be read."""
        self._ended = why or Missing("the log ended: the container does not run")
        self._say_empty()
        self._title()

    def current(self) -> LogLine | None:
        """The line under the cursor."""
        return self.book.line(self.book.number(self.rows.cursor)) if len(self.book) else None

    def go_to_moment(self, at: float) -> None:
        """Put the cursor on the first line that came then or later."""
        if len(self.book):
            self.rows.place(self.book.index_at(at))

    def find(self, step: int) -> bool:
        """Put the cursor on the next line that has what is looked for; `False` when none has."""
        index = self.book.find(self.found, self.rows.cursor, step)
        if index is not None:
            self.rows.place(index)
        return index is not None

    @on(LogRows.Highlighted)
    def _moved(self) -> None:
        following = self.rows.cursor >= len(self.book) - 1
        if following:
            self._unseen = 0
        if following != self._following or not following:
            self._following = following
            self._title()

    def _filter(self) -> None:
        self.book.filter(self.words)
        self._say_empty()
        self.rows.changed(follow=self._following)
        self._title()

    def _look(self) -> None:
        self.rows.found = self.found
        self.rows.refresh()
        self._title()

    def _say_empty(self) -> None:
        if self.words and self.book.kept:
            self.rows.say_empty("No line contains these words: Esc clears the filter")
        elif self._ended:
            self.rows.say_empty(". ".join(text for text in (self._ended.reason, self._ended.hint) if text))
        else:
            self.rows.say_empty("Nothing was written yet")

    def _title(self) -> None:
        lines = counted(self.book.kept, "line")
        if self.words:
            lines = f"{len(self.book)} of {lines}"
        notes = []
        if self.book.dropped:
            notes.append(Part(f"{self.book.dropped} older ones dropped", "dim"))
        if self.found:
            notes.append(Part(f"find {self.found}", "accent", "screen.find"))
        notes.append(Part(f"filter {self.words or '–'}", "accent" if self.words else "dim", "screen.filter"))
        if self._ended:
            notes.append(Part(self._ended.reason, "watch"))
        elif self._following:
            notes.append(Part("following", "good"))
        else:
            new = f", {counted(self._unseen, 'new line')} below" if self._unseen else ""
            notes.append(Part(f"held{new}: End follows", "watch", "screen.newest"))
        self.query_one("#title", Rule).title(f"Log of {self._called} · {lines}", *notes)


def whole(line: LogLine) -> str:
    """A line to read or to copy: without escape sequences."""
    return printable(without_escapes(line.text).replace("\t", "    "))


PANE = LinesPane
