"""Image: what is on the engine, and what each image is made of."""

from collections import OrderedDict
from types import ModuleType
from typing import ClassVar

from textual import on
from textual.reactive import var

from screens.ask import AskScreen
from screens.commands.table import bindings_for
from screens.image import panes
from screens.image.archive_naming import QUESTION, archive_named
from screens.image.panes.images import ImagesPane
from screens.image.panes.layers import LayersPane
from screens.image.rows import full_text
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from workbench.errors import UsageError
from workbench.model.images import ImageDetail, Layer
from workbench.model.reading import Fresh, Reading

KEPT = 64
"""How many images' layers are kept at hand: going back to one costs nothing."""
PAUSE = 0.08
"""Seconds the cursor must rest on an image before it is inspected: a fast scroller asks the engine once."""


class ImageScreen(ModeScreen):
    """The list of images, the layers of the one under the cursor, and the instruction under the other cursor."""

    MODE: ClassVar[str] = "image"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#images"
    BINDINGS = bindings_for("image")  # type: ignore[assignment]

    reference: var[str | None] = var(None)
    """Id or name of the image that is shown."""
    detail: var[Reading[ImageDetail] | None] = var(None)
    """Its layers; `None` while they are being fetched."""
    chosen: var[Layer | None] = var(None)
    """The layer under the cursor."""

    def on_mount(self) -> None:
        """Follow the choice made elsewhere and the list."""
        super().on_mount()
        self._kept: OrderedDict[str, Fresh[ImageDetail]] = OrderedDict()
        self._turn = 0
        self._archive_typed = ""
        self.watch(self.workbench, "image_reference", self._go_to)
        self.watch(self.workbench, "images", lambda: self._go_to(self.workbench.image_reference), init=False)

    def on_screen_resume(self) -> None:
        """Somebody looks at the list."""
        self.workbench.session.look_at_images(wanted=True)

    def on_screen_suspend(self) -> None:
        """Nobody does any more."""
        self.workbench.session.look_at_images(wanted=False)

    def apply_filter(self, words: str) -> None:
        """Show only images that contain these words."""
        self.query_one(ImagesPane).words = words

    # --- which image -----------------------------------------------------------------------------------------------

    def _go_to(self, reference: str | None) -> None:
        if reference and self.query_one(ImagesPane).go_to(reference):
            self.workbench.image_reference = None

    @on(LiveTable.Highlighted, "#images")
    def _image_chosen(self, event: LiveTable.Highlighted) -> None:
        self.reference = event.key
        self._turn += 1
        turn = self._turn
        if event.key is None:
            self.detail = None
        elif (kept := self._kept.get(event.key)) is not None:
            self._kept.move_to_end(event.key)
            self.detail = kept
        else:
            self.detail = None
            self.set_timer(PAUSE, lambda: self._inspect(turn))

    def _inspect(self, turn: int) -> None:
        reference = self.reference
        if turn != self._turn or reference is None:
            return
        app = self.workbench
        session = app.session
        session.image_jobs.inspect(reference, lambda reading: app.deliver(lambda: self._inspected(reference, reading)))

    def _inspected(self, reference: str, reading: Reading[ImageDetail]) -> None:
        if isinstance(reading, Fresh):
            self._kept[reference] = reading
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if reference == self.reference:
            self.detail = reading

    @on(LiveTable.Highlighted, "#layers")
    def _layer_chosen(self, event: LiveTable.Highlighted) -> None:
        self.chosen = self._layer(event.key)

    def _layer(self, key: str | None) -> Layer | None:
        if key is None or not isinstance(self.detail, Fresh):
            return None
        place = int(key)
        return self.detail.value.layers[place] if place < len(self.detail.value.layers) else None

    def watch_detail(self) -> None:
        """The same row may be another image's layer now."""
        # On a slow machine the detail may come before the panes are composed.
        tables = self.query("#layers").results(LiveTable)
        self.chosen = self._layer(next((table.current for table in tables), None))

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened, "#images")
    def _take_apart(self) -> None:
        name = self.query_one(ImagesPane).current_name()
        if self.reference is not None and name is not None:
            from screens.anatomy.screen import AnatomyScreen  # what only an opened image needs

            known = self.detail if isinstance(self.detail, Fresh) else None
            self.app.push_screen(AnatomyScreen(self.reference, name, known, empty=self.query_one(LayersPane).empty))

    @on(LiveTable.Opened, "#layers")
    def _read_layer(self) -> None:
        if self.chosen:
            title = "Step" if self.chosen.index is None else f"Layer {self.chosen.index}"
            self.app.push_screen(TextScreen(title, full_text(self.chosen)))

    def action_open_archive(self) -> None:
        """Ask for an archive and take the image in it apart."""

        def answered(text: str | None) -> None:
            if text is None or not text.strip():
                return
            self._archive_typed = text
            try:
                archive = archive_named(text)
            except UsageError as error:
                self.app.push_screen(TextScreen("Archive", f"{error.reason}\n\n{error.hint}"))
                return
            from screens.anatomy.screen import AnatomyScreen

            name = " ".join(part for part in (archive.path.name, archive.reference, archive.platform) if part)
            self.app.push_screen(AnatomyScreen(archive, name, empty=self.query_one(LayersPane).empty))

        self.app.push_screen(AskScreen(QUESTION, self._archive_typed), answered)

    def action_compare(self) -> None:
        """Mark the image; with another one marked, compare the two."""
        name, marked = self.query_one(ImagesPane).current_name(), self.workbench.marked_image
        if self.reference is None or name is None:
            return
        if marked is None or marked[0] == self.reference:
            self.workbench.marked_image = None if marked else (self.reference, name)
            self.workbench.say("no longer marked" if marked else f"marked {name}: c on another one compares")
            return
        from screens.compare.subject import ImagePair
        from screens.image_comparison.screen import ImageComparisonScreen

        self.workbench.marked_image = None
        self.workbench.compared = ImagePair(marked, (self.reference, name))
        self.app.push_screen(ImageComparisonScreen(marked, (self.reference, name)))

    def _in_layers(self) -> bool:
        return self.focused is not None and self.focused.id == "layers"

    def action_open(self) -> None:
        """From the list into the image, from a layer to its whole text."""
        if self._in_layers():
            self._read_layer()
        else:
            self._take_apart()

    def leave_level(self) -> bool:
        """From the layers back to the list."""
        if not self._in_layers():
            return False
        self.set_focus(self.query_one("#images", LiveTable))
        return True

    def can_go_back(self) -> bool:
        """From the layers there is always the list."""
        return self._in_layers() or super().can_go_back()

    @on(LiveTable.HeadingClicked, "#images")
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self.query_one(ImagesPane).sort_by({"share": "size", "id": "name"}.get(event.column, event.column))

    def action_sort(self) -> None:
        """Sort the images by the next column."""
        self.query_one(ImagesPane).sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        pane = self.query_one(ImagesPane)
        pane.sort_by(pane.sort)

    def action_toggle_empty(self) -> None:
        """Show the steps that add no layer, or hide them."""
        pane = self.query_one(LayersPane)
        pane.empty = not pane.empty

    def action_copy(self) -> None:
        """Copy the image's name, or the layer's instruction."""
        if self._in_layers() and self.chosen:
            self.copy(self.chosen.instruction, "the instruction")
        else:
            self.copy(self.query_one(ImagesPane).current_name())
