"""A view of a build that is a table: what a Dockerfile's findings, its context and its rebuilds have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from screens.build_view.part import BuildPane
from screens.widgets.line import Rule
from screens.widgets.live_table import Cell, Column, LiveTable, Row
from screens.widgets.wrapped import Paragraph, Wrapped
from workbench.model.build_analysis import BuildAnalysis

NOT_YET = "told when the build has ended"
NOT_KNOWN = "the Dockerfile and its context were not looked at when this was built"


@dataclass(frozen=True, slots=True)
class Item:
    """One row, and what there is to say of it."""

    cells: tuple[Cell, ...]
    title: str
    text: str
    """In full, lines and all."""
    copy: str
    """What one would paste elsewhere."""


class ListPart(BuildPane):
    """A title, a table, and the beginning of what there is to say of the row under the cursor."""

    COLUMNS: ClassVar[Sequence[Column]] = ()
    EMPTY: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(classes="part-title")
        yield LiveTable(self.COLUMNS, empty=NOT_YET, id=self.VIEW)
        yield Wrapped(indent=2, id=f"{self.VIEW}-told")

    def on_mount(self) -> None:
        """Follow the build and the filter."""
        self._items: dict[str, Item] = {}
        for watched in ("shown", "words"):
            self.watch(self.screen, watched, self._draw, init=False)
        self._draw()

    def title_of(self, analysis: BuildAnalysis) -> str:
        """What stands over it."""
        raise NotImplementedError

    def items_of(self, analysis: BuildAnalysis) -> list[Item]:
        """The rows."""
        raise NotImplementedError

    def _draw(self) -> None:
        shown, table = self.view.shown, self.query_one(LiveTable)
        analysis = shown.analysis
        if analysis is None:
            table.say_empty(NOT_YET if shown.running else NOT_KNOWN)
            self.query_one(".part-title", Rule).title(self.VIEW.capitalize())
            table.show(())
            return
        wanted = self.view.words.lower().split()
        items = [
            item
            for item in self.items_of(analysis)
            if all(word in f"{item.title} {item.text}".lower() for word in wanted)
        ]
        self._items = {str(number): item for number, item in enumerate(items)}
        table.say_empty("Nothing contains these words: Esc clears the filter" if wanted else self.EMPTY)
        table.show([Row(key, item.cells) for key, item in self._items.items()])
        self.query_one(".part-title", Rule).title(self.title_of(analysis))
        self._tell()

    @on(LiveTable.Highlighted)
    def _tell(self) -> None:
        item = self._item
        lines = item.text.split("\n") if item is not None else []
        self.query_one(Wrapped).show(
            [Paragraph(line, "plain" if place else "strong", 2) for place, line in enumerate(lines)]
        )

    @property
    def _item(self) -> Item | None:
        return self._items.get(self.query_one(LiveTable).current or "")

    def to_read(self) -> tuple[str, str] | None:
        """The row in full."""
        return None if self._item is None else (self._item.title, self._item.text)

    def to_copy(self) -> tuple[str, str]:
        """What one would paste."""
        return ("", "") if self._item is None else (self._item.copy, "")
