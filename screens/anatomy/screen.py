"""One image taken apart. Layers stand at once; everything else comes when they were read."""

from types import ModuleType
from typing import ClassVar, Literal

from textual import on
from textual.reactive import var

from screens.anatomy import panes
from screens.anatomy.extraction import Extraction
from screens.anatomy.filter_line import FilterLine
from screens.anatomy.image_reading import STOPPED, ImageReading
from screens.anatomy.panes.files import FilesPane
from screens.anatomy.panes.map import MapPane
from screens.anatomy.progress import sentence
from screens.anatomy.sorting import SortedViews
from screens.anatomy.tree_keys import TreeKeys
from screens.anatomy.under_cursor import UnderCursor
from screens.commands.table import bindings_for
from screens.widgets.live_table import LiveTable
from screens.widgets.size_tree import SizeTree
from screens.widgets.tree_map import TreeMap
from workbench.anatomy import ImageAnatomy
from workbench.measure.text import shorten
from workbench.model.acquired import AcquireProgress, LayerFigures
from workbench.model.images import ImageArchive, ImageDetail, ImageSource
from workbench.model.reading import Fresh, Reading

IN_FILES = frozenset(("fold", "unfold", "leave", "fold_all", "match", "filter_tree", "toggle_change"))
"""Actions that mean something in the view of the files only."""
PAUSE = 0.08
"""Seconds the cursor must rest on a layer before its changes are shown."""
MAIN = {"files": "tree", "map": "map"}
"""The main widget of a view, where it is not called as the view is."""


class AnatomyScreen(SortedViews, TreeKeys):
    """Layers and files, findings, packages, duplicates, a map.

    Args:
        source: Id of the image, or the archive that it is in.
        name: How it is called.
        detail: Inspect and history, when they are known already.
        empty: Whether steps that add no layer are shown.
    """

    MODE: ClassVar[str] = "image"
    PLACE: ClassVar[str] = "anatomy"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#layers"
    BINDINGS = bindings_for("anatomy")  # type: ignore[assignment]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (40, "-tall")]  # noqa: RUF012  Textual declares it
    detail: var[Reading[ImageDetail] | None] = var(None)
    """Inspect and history; `None` while they are being fetched."""
    anatomy: var[Reading[ImageAnatomy] | None] = var(None)
    """What was found; `None` while the layers are being read."""
    figures: var[tuple[LayerFigures, ...]] = var(())
    """What is known of single layers while the others are still being read."""
    scope: var[Literal["merged", "layer"]] = var("merged")
    """Whether the tree is the merged file system or what one layer did."""
    tree_layer: var[int] = var(0)
    """The layer whose changes the tree shows, in that scope."""
    about: var[tuple[str, str]] = var(("", ""))
    """Title and text of what the cursor is on."""

    empty: var[bool] = var(True)
    """Whether steps that add no layer are shown."""

    def __init__(
        self, source: ImageSource, name: str, detail: Fresh[ImageDetail] | None = None, *, empty: bool = True
    ) -> None:
        super().__init__()
        self.source = source
        self.name_shown = name
        self.set_reactive(AnatomyScreen.detail, detail)
        self.set_reactive(AnatomyScreen.empty, empty)
        self._layer_turn = 0
        self._session: object = None
        self._reader: ImageReading | None = None
        self.cursor = UnderCursor(self)
        self._filter_line = FilterLine(self)

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._session = self.workbench.session
        self.show_view()
        if self.detail is None and isinstance(self.source, str):
            self.workbench.session.image_jobs.inspect(
                self.source, lambda reading: self.workbench.deliver(lambda: self._inspected(reading))
            )
        self._reader = ImageReading(self.workbench, self.source, self._progress, self._done)
        self._read()

    def on_unmount(self) -> None:
        """Nobody is left to look at what is being read."""
        if self._reader is not None:
            self._reader.stop()

    def on_screen_resume(self) -> None:
        """Another session has other images."""
        if self._session is not None and self._session is not self.workbench.session:
            self.app.pop_screen()

    # --- reading ---------------------------------------------------------------------------------------------------

    def _inspected(self, reading: Reading[ImageDetail]) -> None:
        self.detail = reading

    def _read(self) -> None:
        self.anatomy = None
        if isinstance(self.source, ImageArchive):
            self.detail = None
        self.figures = ()
        if self._reader is not None:
            self._reader.begin()
        self.refresh_bindings()

    def _progress(self, progress: AcquireProgress) -> None:
        if self._is_reading and self.is_there:
            self.workbench.doing = sentence(progress) if progress.stage != "done" else "adding up · Esc stops it"
            if progress.figures != self.figures:
                self.figures = progress.figures
                self._tell_about()

    def _done(self, reading: Reading[ImageAnatomy]) -> None:
        if not self.is_there:
            return
        self._settle(reading)
        if isinstance(reading, Fresh):
            for note in reading.value.analysis.index.notes[:1]:
                self.workbench.say(note)
        self._tell_about()
        self.refresh_bindings()

    def _settle(self, reading: Reading[ImageAnatomy]) -> None:
        if isinstance(self.source, str):
            pass
        elif isinstance(reading, Fresh):
            # What inspect tells of an engine's image comes with the layers here.
            self.detail = Fresh(reading.value.analysis.index.detail, reading.taken_at)
        else:
            self.detail = reading
        self.anatomy = reading

    @property
    def _is_reading(self) -> bool:
        return self.anatomy is None

    @property
    def found(self) -> ImageAnatomy | None:
        """The image, when it was read."""
        return self.anatomy.value if isinstance(self.anatomy, Fresh) else None

    def action_again(self) -> None:
        """Read the image again."""
        if not self._is_reading:
            self._read()

    # --- what the cursor is on -------------------------------------------------------------------------------------

    def watch_detail(self) -> None:
        """The same row may be another image's layer now."""
        if self.is_mounted:
            self.call_after_refresh(self._tell_about)

    @on(LiveTable.Highlighted, "#layers")
    def _layer_chosen(self) -> None:
        self._tell_about()
        step = self.cursor.step()
        if step is None or step.index is None:
            return
        self._layer_turn += 1
        turn, layer = self._layer_turn, step.index

        def show() -> None:
            if turn == self._layer_turn and (found := self.found) is not None and layer < len(found.changes):
                self.tree_layer = layer

        if self.scope == "layer":
            self.set_timer(PAUSE, show)
        else:
            show()

    @on(LiveTable.Highlighted)
    @on(SizeTree.Highlighted)
    @on(TreeMap.Highlighted)
    def _moved(self) -> None:
        self._tell_about()

    def on_descendant_focus(self) -> None:
        """What is told is of the pane that has the focus."""
        self._tell_about()
        self.refresh_bindings()

    def _tell_about(self) -> None:
        if self.is_there:
            self.about = self.cursor.about()

    # --- views -----------------------------------------------------------------------------------------------------

    def action_changes(self) -> None:
        """The merged system, or what the layer under the cursor did."""
        if self.view != "files":
            self.action_view("files")
        step = self.cursor.step()
        if step is not None and step.index is not None:
            self.tree_layer = step.index
        self.scope = "merged" if self.scope == "layer" else "layer"
        self._tell_about()

    # --- the filter line -------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Search the tree, or filter the list."""
        self._filter_line.ask_what_to_find()

    def action_filter_tree(self) -> None:
        """Show only some files."""
        self._filter_line.ask_what_to_leave()

    def apply_filter(self, words: str) -> None:
        """What was typed."""
        self._filter_line.take(words)

    def clear_filter(self) -> bool:
        """Close the line and forget what was typed; also when it was kept and the line is closed."""
        return super().clear_filter() or self._filter_line.forget_kept()

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened)
    @on(SizeTree.Opened)
    @on(TreeMap.Opened)
    def _opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Whatever is under the cursor."""
        self.cursor.open()

    def action_by(self) -> None:
        """Map something else."""
        if self.view != "map":
            self.action_view("map")
        else:
            self.query_one(MapPane).next_kind()

    def action_toggle_empty(self) -> None:
        """Show the steps that add no layer, or hide them."""
        self.empty = not self.empty

    def action_copy(self) -> None:
        """The fix, the path, the instruction: what the row stands for."""
        self.copy(*self.cursor.to_copy())

    def action_mark(self) -> None:
        """Mark this image for a comparison."""
        self.workbench.marked_image = (self.source, self.name_shown)
        self.workbench.say(f"marked {shorten(self.name_shown, 40)}: c on another one in the list compares")

    def action_extract(self) -> None:
        """Copy the file or directory under the cursor out of the image."""
        found, node = self.found, self.cursor.node()
        if found is not None and node is not None:
            files = self.query_one(FilesPane)
            layer = files.layer_shown if self.view == "files" else None
            Extraction(self.workbench, found, node, layer, with_unmodified=files.with_unmodified).ask()

    # --- back ------------------------------------------------------------------------------------------------------

    def leave_level(self) -> bool:
        """Stop reading; up in the map; from the tree to the layers; to the first view; to the list."""
        if self._is_reading and self._reader is not None:
            self._reader.stop()
            self._settle(STOPPED)
            self.refresh_bindings()
        elif self.view == "map" and self.query_one(MapPane).leave():
            pass
        elif self.view != "files":
            self.action_view("files")
        elif self.cursor.here in ("tree", "findings"):
            self.query_one("#layers", LiveTable).focus()
        else:
            self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always the list."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the tree are offered in the tree."""
        if action in IN_FILES and self.is_mounted:
            return self.view == "files" and (action not in ("unfold", "leave", "fold") or self.cursor.here == "tree")
        return super().check_action(action, parameters)
