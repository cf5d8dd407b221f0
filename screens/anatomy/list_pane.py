"""A pane with one table of the image: what findings, packages and duplicates have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import Column, LiveTable, Row
from workbench.anatomy import ImageAnatomy
from workbench.model.reading import Fresh, Missing, Reading

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen


class ListPane(Pane):
    """A title and a table that can be filtered and sorted."""

    TABLE: ClassVar[str]
    """The table's id, and the name of the view it is the main thing of."""
    COLUMNS: ClassVar[tuple[Column, ...]]
    SORTS: ClassVar[tuple[str, ...]]
    DESCENDING: ClassVar[frozenset[str]]
    """Columns that are first sorted with the largest on top."""
    NOTHING: ClassVar[str]
    """What to say of an image that has none."""

    sort: var[str] = var("")
    descending: var[bool] = var(True)
    words: var[str] = var("")

    @property
    def screen_here(self) -> "AnatomyScreen":
        """The screen, with the image."""
        return cast("AnatomyScreen", self.screen)

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(self.COLUMNS, id=self.TABLE)

    def on_mount(self) -> None:
        """Follow the image."""
        self.set_reactive(ListPane.sort, self.SORTS[0])
        self.set_reactive(ListPane.descending, self.SORTS[0] in self.DESCENDING)
        self.watch(self.screen, "anatomy", self._draw)
        for choice in ("sort", "descending", "words"):
            self.watch(self, choice, self._draw, init=False)

    def rows(self, anatomy: ImageAnatomy) -> Sequence[Row]:
        """The rows as they are sorted and filtered."""
        raise NotImplementedError

    def title(self, anatomy: ImageAnatomy) -> str:
        """What the rule says."""
        raise NotImplementedError

    def text(self, anatomy: ImageAnatomy, place: int, *, whole: bool) -> str:
        """What there is to read of one row, by its key."""
        raise NotImplementedError

    def to_copy(self, anatomy: ImageAnatomy, place: int) -> tuple[str, str]:
        """What `y` copies of a row, and how that is called."""
        raise NotImplementedError

    def _draw(self) -> None:
        reading: Reading[ImageAnatomy] | None = self.screen_here.anatomy
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        table.mark_sorted(self.sort, self.descending)
        if not isinstance(reading, Fresh):
            title.title(self.TABLE.capitalize())
            table.say_empty(reading.reason if isinstance(reading, Missing) else "the layers are still being read")
            table.show([])
            return
        table.say_empty("Nothing contains these words: Esc clears the filter" if self.words else self.NOTHING)
        table.show(self.rows(reading.value))
        notes = [Part(f"sort {self.sort} {'▾' if self.descending else '▴'}", "dim", "screen.sort")]
        if self.words:
            notes.append(Part(f"filter {self.words}", "accent", "screen.find"))
        title.title(self.title(reading.value), *notes)

    def current(self) -> int | None:
        """The key of the row under the cursor."""
        key = self.query_one(LiveTable).current
        return None if key is None else int(key)

    def sort_by(self, column: str) -> None:
        """Sort by a column; by the same one again, turn the order round."""
        if column == self.sort:
            self.descending = not self.descending
        elif column in self.SORTS:
            self.descending = column in self.DESCENDING
            self.sort = column

    def sort_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        self.sort_by(self.SORTS[(self.SORTS.index(self.sort) + 1) % len(self.SORTS)])
