"""One image taken apart. Layers stand at once; everything else comes when they were read."""

from types import ModuleType
from typing import ClassVar, Literal

from textual import on
from textual.reactive import var
from textual.widgets import Input

from screens.anatomy import panes
from screens.anatomy.extraction import Extraction
from screens.anatomy.image_reading import STOPPED, ImageReading
from screens.anatomy.list_pane import ListPane
from screens.anatomy.panes.files import FilesPane
from screens.anatomy.panes.map import MapPane
from screens.anatomy.progress import sentence
from screens.anatomy.under_cursor import UnderCursor
from screens.commands import bindings_for
from screens.mode import ModeScreen
from screens.widgets.live_table import LiveTable
from screens.widgets.size_tree import SizeTree
from screens.widgets.tree_map import TreeMap
from workbench.anatomy import ImageAnatomy
from workbench.measure.text import shorten
from workbench.model.acquired import AcquireProgress, LayerFigures
from workbench.model.images import ImageDetail
from workbench.model.reading import Fresh, Reading

View = Literal["files", "findings", "packages", "duplicates", "map"]
PAUSE = 0.08
"""Seconds the cursor must rest on a layer before its changes are shown."""
MAIN = {"files": "tree", "map": "map"}
"""The main widget of a view, where it is not called as the view is."""


class AnatomyScreen(ModeScreen):
    """Layers and files, findings, packages, duplicates, a map.

    Args:
        reference: Id of the image.
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
    VIEWS: ClassVar[tuple[tuple[View, str, str], ...]] = (
        ("files", "l", "Layers and files"),
        ("findings", "f", "Findings"),
        ("packages", "p", "Packages"),
        ("duplicates", "d", "Duplicates"),
        ("map", "m", "Map"),
    )

    detail: var[Reading[ImageDetail] | None] = var(None)
    """Inspect and history; `None` while they are being fetched."""
    anatomy: var[Reading[ImageAnatomy] | None] = var(None)
    """What was found; `None` while the layers are being read."""
    figures: var[tuple[LayerFigures, ...]] = var(())
    """What is known of single layers while the others are still being read."""
    view: var[View] = var("files")
    scope: var[Literal["merged", "layer"]] = var("merged")
    """Whether the tree is the merged file system or what one layer did."""
    tree_layer: var[int] = var(0)
    """The layer whose changes the tree shows, in that scope."""
    about: var[tuple[str, str]] = var(("", ""))
    """Title and text of what the cursor is on."""

    empty: var[bool] = var(True)
    """Whether steps that add no layer are shown."""

    def __init__(
        self, reference: str, name: str, detail: Fresh[ImageDetail] | None = None, *, empty: bool = True
    ) -> None:
        super().__init__()
        self.reference = reference
        self.name_shown = name
        self.set_reactive(AnatomyScreen.detail, detail)
        self.set_reactive(AnatomyScreen.empty, empty)
        self._layer_turn = 0
        self._asking: Literal["find", "filter"] = "find"
        self._session: object = None
        self._reader: ImageReading | None = None
        self._cursor = UnderCursor(self)

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._session = self.workbench.session
        self._view_shown()
        if self.detail is None:
            self.workbench.session.inspect_image(
                self.reference, lambda reading: self.workbench.deliver(lambda: self._inspected(reading))
            )
        self._reader = ImageReading(self.workbench, self.reference, self._progress, self._done)
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
        self.figures = ()
        if self._reader is not None:
            self._reader.begin()
        self.refresh_bindings()

    def _progress(self, progress: AcquireProgress) -> None:
        if self._is_reading and self.is_mounted:
            self.workbench.doing = sentence(progress) if progress.stage != "done" else "adding up · Esc stops it"
            if progress.figures != self.figures:
                self.figures = progress.figures
                self._tell_about()

    def _done(self, reading: Reading[ImageAnatomy]) -> None:
        # A screen that is being closed has lost its panes and still counts as mounted.
        if not self.is_mounted or not self.query("#layers"):
            return
        self.anatomy = reading
        if isinstance(reading, Fresh):
            for note in reading.value.analysis.index.notes[:1]:
                self.workbench.say(note)
        self._tell_about()
        self.refresh_bindings()

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
        step = self._cursor.step()
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
        if self.is_mounted:
            self.about = self._cursor.about()

    # --- views -----------------------------------------------------------------------------------------------------

    def action_view(self, view: View) -> None:
        """Show another view of the image."""
        self.clear_filter()
        self.view = view
        self._view_shown()
        main = "layers" if view == "files" else MAIN.get(view, view)
        self.query_one(f"#{main}").focus()
        self._tell_about()

    def action_next_view(self) -> None:
        """Show the next view."""
        names = [view for view, _, _ in self.VIEWS]
        self.action_view(names[(names.index(self.view) + 1) % len(names)])

    def _view_shown(self) -> None:
        for view, _, _ in self.VIEWS:
            self.set_class(view == self.view, f"-view-{view}")
        self.set_class(self.view != "files", "-one-pane")

    def focus_main(self) -> None:
        """Put the focus where the filter was asked from."""
        self.query_one(f"#{MAIN.get(self.view, self.view)}").focus()

    def action_changes(self) -> None:
        """The merged system, or what the layer under the cursor did."""
        if self.view != "files":
            self.action_view("files")
        step = self._cursor.step()
        if step is not None and step.index is not None:
            self.tree_layer = step.index
        self.scope = "merged" if self.scope == "layer" else "layer"
        self._tell_about()

    # --- the filter line: search, filter ---------------------------------------------------------------------------

    def _ask(self, what: Literal["find", "filter"], placeholder: str, value: str) -> None:
        self._asking = what
        box = self.query_one("#filter", Input)
        box.placeholder = placeholder
        with box.prevent(Input.Changed):
            box.value = value
        self.action_filter()

    def action_find(self) -> None:
        """Search the tree, or filter the list."""
        if pane := self._cursor.list_pane():
            self._ask("filter", "filter: part of a word, Enter keeps it, Esc clears it", pane.words)
        elif self.view == "files":
            files = self.query_one(FilesPane)
            self._ask("find", "search: part of a name or path, then n and N; Esc clears it", files.sought)

    def action_filter_tree(self) -> None:
        """Show only some files."""
        if self.view != "files":
            self.action_find()
            return
        words = self.query_one(FilesPane).words
        self._ask("filter", "filter: name  >10M  <1k  @owner  =added =modified =removed =copied", words)

    def apply_filter(self, words: str) -> None:
        """What was typed goes to the list in view, or to the tree."""
        pane = self._cursor.list_pane() if self.view != "files" else None
        files = self.query_one(FilesPane)
        if pane is not None:
            pane.words = words
        elif self._asking == "find":
            files.sought = words
        else:
            files.words = words

    def action_match(self, step: int) -> None:
        """The next match, or the one before."""
        self.query_one(FilesPane).next_match(step)

    def clear_filter(self) -> bool:
        """Close the line and forget what was typed; also when it was kept and the line is closed."""
        cleared = super().clear_filter()
        files = self.query_one(FilesPane)
        if not cleared and self.view == "files" and (files.sought or files.words):
            files.sought = files.words = ""
            return True
        return cleared

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened)
    @on(SizeTree.Opened)
    @on(TreeMap.Opened)
    def _opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Whatever is under the cursor."""
        self._cursor.open()

    def action_fold(self) -> None:
        """Open or close the directory under the cursor."""
        self.query_one(SizeTree).toggle()

    def action_fold_all(self) -> None:
        """Close every directory."""
        self.query_one(SizeTree).fold_all()

    def action_unfold(self) -> None:
        """Into the directory under the cursor."""
        self.query_one(SizeTree).unfold()

    def action_leave(self) -> None:
        """Out of the directory that the cursor is in."""
        self.query_one(SizeTree).fold()

    def action_sort(self) -> None:
        """By the next column."""
        pane = self._cursor.list_pane()
        if pane is not None:
            pane.sort_next()
        elif self.view == "files":
            self.query_one(FilesPane).sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        pane = self._cursor.list_pane() or self.query_one(FilesPane)
        pane.sort_by(pane.sort)

    @on(LiveTable.HeadingClicked)
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        for pane in self.query(ListPane):
            if event.control.id == pane.TABLE:
                pane.sort_by({"bar": "size"}.get(event.column, event.column))

    @on(SizeTree.HeadingClicked)
    def _tree_heading(self, event: SizeTree.HeadingClicked) -> None:
        self.query_one(FilesPane).sort_by("name" if event.column in ("name", "mark") else "size")

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
        self.copy(*self._cursor.to_copy())

    def action_mark(self) -> None:
        """Mark this image for a comparison."""
        self.workbench.marked_image = (self.reference, self.name_shown)
        self.workbench.say(f"marked {shorten(self.name_shown, 40)}: c on another one in the list compares")

    def action_extract(self) -> None:
        """Copy the file or directory under the cursor out of the image."""
        found, node = self.found, self._cursor.node()
        if found is not None and node is not None:
            layer = self.query_one(FilesPane).layer_shown if self.view == "files" else None
            Extraction(self.workbench, found, node, layer).ask()

    # --- back ------------------------------------------------------------------------------------------------------

    def leave_level(self) -> bool:
        """Stop reading; up in the map; from the tree to the layers; to the first view; to the list."""
        if self._is_reading and self._reader is not None:
            self._reader.stop()
            self.anatomy = STOPPED
            self.refresh_bindings()
        elif self.view == "map" and self.query_one(MapPane).leave():
            pass
        elif self.view != "files":
            self.action_view("files")
        elif self._cursor.here in ("tree", "findings"):
            self.query_one("#layers", LiveTable).focus()
        else:
            self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always the list."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the tree are offered in the tree."""
        if action in ("fold", "unfold", "leave", "fold_all", "match", "filter_tree") and self.is_mounted:
            return self.view == "files" and (action not in ("unfold", "leave", "fold") or self._cursor.here == "tree")
        return super().check_action(action, parameters)
