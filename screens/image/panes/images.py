"""The images of the engine."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import var

from screens.image.rows import IMAGE_COLUMNS, IMAGE_SORTABLE, LARGEST_FIRST, image_name, image_rows
from screens.pane import Pane
from screens.trouble import Trouble
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted, quantity
from workbench.model.images import ImageSummary
from workbench.model.reading import Fresh, Missing, Reading


class ImagesPane(Pane):
    """The list, or what is missing."""

    ORDER: ClassVar[int] = 10

    sort: var[str] = var("size")
    descending: var[bool] = var(True)
    words: var[str] = var("")
    """The filter."""

    def __init__(self) -> None:
        super().__init__()
        self._images: tuple[ImageSummary, ...] = ()

    def compose(self) -> ComposeResult:
        """A title, the table, and the place for trouble."""
        yield Rule(id="title")
        yield LiveTable(IMAGE_COLUMNS, empty="asking the engine", id="images")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow the list of images."""
        self.query_one(Trouble).display = False
        self.watch(self.workbench, "images", self._news)
        self.watch(self.workbench, "marked_image", self._draw, init=False)
        for choice in ("sort", "descending", "words"):
            self.watch(self, choice, self._draw, init=False)

    def _news(self, images: Reading[tuple[ImageSummary, ...]] | None) -> None:
        trouble, table = self.query_one(Trouble), self.query_one(LiveTable)
        if isinstance(images, Missing):
            trouble.explain(images, "The workbench tries again by itself; o opens an image archive, D plays the demo.")
        trouble.display = isinstance(images, Missing)
        table.display = not trouble.display
        self._images = images.value if isinstance(images, Fresh) else ()
        self._draw()

    def _draw(self) -> None:
        app = self.workbench
        table = self.query_one(LiveTable)
        shown = image_rows(
            self._images, app.session.world.now(), sort=self.sort, descending=self.descending, words=self.words
        )
        table.mark_sorted(self.sort, self.descending)
        table.show(shown)
        if not isinstance(app.images, Fresh):
            self.query_one("#title", Rule).title("Images" if app.images is None else "No engine")
            return
        table.say_empty(
            "Nothing contains these words: Esc clears the filter" if self.words else "This engine has no images yet"
        )
        total = quantity(sum(image.size_bytes for image in self._images), "B")
        notes = [Part(f"sort {self.sort} {'▾' if self.descending else '▴'}", "dim", "screen.sort")]
        if app.marked_image is not None:
            notes.append(Part(f"marked {app.marked_image[1]}", "accent", "screen.compare"))
        if self.words:
            notes.append(Part(f"filter {self.words}", "accent", "screen.filter"))
        count = counted(len(self._images), "image")
        if len(shown) != len(self._images):
            count = f"{len(shown)} of {count}"
        self.query_one("#title", Rule).title(f"{count}, {total} before sharing", *notes)

    def sort_by(self, column: str) -> None:
        """Sort by a column; by the same one again, turn the order round."""
        if column == self.sort:
            self.descending = not self.descending
        elif column in IMAGE_SORTABLE:
            self.descending = column in LARGEST_FIRST
            self.sort = column

    def sort_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        self.sort_by(IMAGE_SORTABLE[(IMAGE_SORTABLE.index(self.sort) + 1) % len(IMAGE_SORTABLE)])

    def go_to(self, reference: str) -> bool:
        """Put the cursor on an image, by id or reference; `False` when it is not in the list."""
        for image in self._images:
            if reference == image.id or reference in image.references:
                if self.words and image.id not in {row.key for row in self.query_one(LiveTable).rows}:
                    self.words = ""
                self.query_one(LiveTable).go_to(image.id)
                return True
        return False

    def current_name(self) -> str | None:
        """The name of the image under the cursor."""
        key = next((table.current for table in self.query(LiveTable)), None)
        return next((image_name(image) for image in self._images if image.id == key), None)


PANE = ImagesPane
