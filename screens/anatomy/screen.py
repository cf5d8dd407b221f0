"""One image taken apart. Layers stand at once; everything else comes when they were read."""

from pathlib import Path
from threading import Event
from types import ModuleType
from typing import ClassVar, Literal

from textual import on
from textual.reactive import var
from textual.widgets import Input

from screens.anatomy import panes
from screens.anatomy.bodies import bodies_below, body_of
from screens.anatomy.file_rows import MOST_BYTES
from screens.anatomy.file_screen import FileScreen
from screens.anatomy.list_pane import ListPane
from screens.anatomy.panes.files import FilesPane
from screens.anatomy.panes.map import MapPane
from screens.anatomy.progress import sentence
from screens.anatomy.texts import layer_text, node_text
from screens.ask import AskScreen
from screens.commands import bindings_for
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from screens.widgets.size_tree import SizeTree
from screens.widgets.tree_map import TreeMap
from workbench.anatomy import ImageAnatomy
from workbench.measure.text import shorten
from workbench.measure.units import counted, quantity
from workbench.model.acquired import AcquireProgress, LayerFigures
from workbench.model.images import ImageDetail, Layer
from workbench.model.reading import Fresh, Missing, Reading
from workbench.session import Extracted

View = Literal["files", "findings", "packages", "duplicates", "map"]
PAUSE = 0.08
"""Seconds the cursor must rest on a layer before its changes are shown."""
MAIN = {"files": "tree", "map": "map"}
"""The main widget of a view, where it is not called as the view is."""
STOPPED = Missing("stopped: R reads the image again")


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
        self._stop = Event()
        self._turn = 0
        self._layer_turn = 0
        self._asking: Literal["find", "filter"] = "find"
        self._session: object = None

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._session = self.workbench.session
        self._view_shown()
        if self.detail is None:
            self.workbench.session.inspect_image(
                self.reference, lambda reading: self.workbench.deliver(lambda: self._inspected(reading))
            )
        self._read()

    def on_unmount(self) -> None:
        """Nobody is left to look at what is being read."""
        self._stop.set()
        self.workbench.doing = ""

    def on_screen_resume(self) -> None:
        """Another session has other images."""
        if self._session is not None and self._session is not self.workbench.session:
            self.app.pop_screen()

    # --- reading ---------------------------------------------------------------------------------------------------

    def _inspected(self, reading: Reading[ImageDetail]) -> None:
        self.detail = reading

    def _read(self) -> None:
        self._turn += 1
        self._stop = stop = Event()
        turn, app = self._turn, self.workbench
        self.anatomy = None
        self.figures = ()
        app.doing = "reading the image · Esc stops it"

        def told(progress: AcquireProgress) -> None:
            app.deliver(lambda: self._progress(turn, progress))

        def done(reading: Reading[ImageAnatomy]) -> None:
            app.deliver(lambda: self._done(turn, reading))

        app.session.analyse_image(self.reference, told, done, stop)
        self.refresh_bindings()

    def _progress(self, turn: int, progress: AcquireProgress) -> None:
        if turn == self._turn and self._is_reading and self.is_mounted:
            self.workbench.doing = sentence(progress) if progress.stage != "done" else "adding up · Esc stops it"
            if progress.figures != self.figures:
                self.figures = progress.figures
                self._tell_about()

    def _done(self, turn: int, reading: Reading[ImageAnatomy]) -> None:
        # A screen that is being closed has lost its panes and still counts as mounted.
        if turn != self._turn or not self.is_mounted or not self.query("#layers"):
            return
        self.workbench.doing = ""
        self.anatomy = STOPPED if self._stop.is_set() else reading
        if isinstance(reading, Fresh) and isinstance(self.anatomy, Fresh):
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

    def _step(self) -> Layer | None:
        """The step of the history under the cursor of the layers."""
        key = self.query_one("#layers", LiveTable).current
        if key is None or not isinstance(self.detail, Fresh) or int(key) >= len(self.detail.value.layers):
            return None
        return self.detail.value.layers[int(key)]

    def _figures_of(self, step: Layer) -> LayerFigures | None:
        """What is known of the layer of a step while others are still being read."""
        return next((figures for figures in self.figures if figures.index == step.index), None)

    def watch_detail(self) -> None:
        """The same row may be another image's layer now."""
        if self.is_mounted:
            self.call_after_refresh(self._tell_about)

    @on(LiveTable.Highlighted, "#layers")
    def _layer_chosen(self) -> None:
        self._tell_about()
        step = self._step()
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
            self.about = self._about()

    def _about(self) -> tuple[str, str]:
        found = self.found
        here = self.focused.id if self.focused is not None else None
        if found is None or here == "layers" or (self.view == "files" and here not in ("tree", "findings")):
            step = self._step()
            if step is None:
                return "Layer", ""
            title = "Instruction" if step.index is None else f"Layer {step.index}"
            return title, layer_text(step, found, self._figures_of(step))
        if pane := self._list_pane():
            place = pane.current()
            return pane.TABLE.capitalize(), "" if place is None else pane.text(found, place, whole=False)
        if self.view == "map":
            return self._about_map(found)
        node = self.query_one(FilesPane).current()
        files = self.query_one(FilesPane)
        return "File", "" if node is None else node_text(found, node, files.layer_shown)

    def _about_map(self, found: ImageAnatomy) -> tuple[str, str]:
        pane = self.query_one(MapPane)
        key = pane.current()
        if key is None:
            return "Map", ""
        if pane.by == "directory":
            return "File", node_text(found, int(key), None)
        if pane.by == "package":
            return "Package", self._pane("packages").text(found, int(key), whole=False)
        return f"Layer {key}", found.analysis.instruction(int(key))

    def _pane(self, name: str) -> ListPane:
        return next(pane for pane in self.query(ListPane) if name == pane.TABLE)

    def _list_pane(self) -> ListPane | None:
        """The pane of a list that has the focus, or that is the view."""
        here = self.focused.id if self.focused is not None else None
        return next(
            (pane for pane in self.query(ListPane) if here == pane.TABLE or self.view == pane.TABLE),
            None,
        )

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
        step = self._step()
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
        if pane := self._list_pane():
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
        pane = self._list_pane() if self.view != "files" else None
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
        found = self.found
        here = self.focused.id if self.focused is not None else None
        if here == "layers":
            step = self._step()
            if step is not None:
                title = "Step" if step.index is None else f"Layer {step.index}"
                self.app.push_screen(TextScreen(title, layer_text(step, found, self._figures_of(step))))
        elif found is None:
            return
        elif here == "tree":
            self._open_node(found)
        elif here == "map":
            self._open_tile(found)
        elif pane := self._list_pane():
            place = pane.current()
            if place is not None:
                self.app.push_screen(TextScreen(pane.TABLE.capitalize()[:-1], pane.text(found, place, whole=True)))

    def _open_node(self, found: ImageAnatomy) -> None:
        tree = self.query_one(SizeTree)
        node = tree.current
        if node is None:
            return
        files = self.query_one(FilesPane)
        if files.is_folder(node):
            tree.toggle()
        else:
            self._open_file(found, node, files.layer_shown)

    def _open_tile(self, found: ImageAnatomy) -> None:
        pane = self.query_one(MapPane)
        key = pane.current()
        if key is None:
            return
        if pane.by == "directory" and not found.analysis.overlay.is_directory[int(key)]:
            self._open_file(found, int(key), None)
        elif pane.by == "directory":
            pane.enter()
        elif pane.by == "package":
            text = self._pane("packages").text(found, int(key), whole=True)
            self.app.push_screen(TextScreen("Package", text))
        else:
            self.app.push_screen(TextScreen(f"Layer {key}", found.analysis.instruction(int(key))))

    def _open_file(self, found: ImageAnatomy, node: int, layer: int | None) -> None:
        body = body_of(found, node, layer)
        if body is None:
            self.app.push_screen(TextScreen("File", node_text(found, node, layer)))
            return
        in_layer, path, size = body
        app = self.workbench
        app.say(f"reading /{path}")

        def done(reading: Reading[bytes]) -> None:
            app.deliver(lambda: self._show_file(f"/{path}  layer {in_layer}", size, reading))

        app.session.read_image_file(found, in_layer, path, MOST_BYTES, done)

    def _show_file(self, title: str, size: int, reading: Reading[bytes]) -> None:
        if self.app.screen is not self:
            return
        if isinstance(reading, Fresh):
            self.app.push_screen(FileScreen(title, reading.value, size))
        else:
            self.app.push_screen(TextScreen(title, f"{reading.reason}\n\n{reading.hint}"))

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
        pane = self._list_pane()
        if pane is not None:
            pane.sort_next()
        elif self.view == "files":
            self.query_one(FilesPane).sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        pane = self._list_pane() or self.query_one(FilesPane)
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
        found = self.found
        here = self.focused.id if self.focused is not None else None
        if here == "layers" or found is None:
            step = self._step()
            self.copy(step.instruction if step else None, "the instruction")
        elif here == "tree":
            node = self.query_one(FilesPane).current()
            self.copy(None if node is None else "/" + found.analysis.overlay.path(node))
        elif here == "map":
            self.copy(self._about_map(found)[1].split("\n")[0])
        elif pane := self._list_pane():
            place = pane.current()
            if place is not None:
                self.copy(*pane.to_copy(found, place))

    def action_mark(self) -> None:
        """Mark this image for a comparison."""
        self.workbench.marked_image = (self.reference, self.name_shown)
        self.workbench.say(f"marked {shorten(self.name_shown, 40)}: c on another one in the list compares")

    def action_extract(self) -> None:
        """Copy the file or directory under the cursor out of the image."""
        found = self.found
        node = self._node_here()
        if found is None or node is None:
            return
        layer = self.query_one(FilesPane).layer_shown if self.view == "files" else None
        wanted = bodies_below(found, node, layer)
        path = found.analysis.overlay.path(node)
        if not wanted:
            self.workbench.say(f"/{path} has no content to copy")
            return
        size = sum(size for _, _, size in wanted)
        question = f"Copy /{path} ({counted(len(wanted), 'file')}, {quantity(size, 'B')}) below which directory?"

        def answered(folder: str | None) -> None:
            if folder and folder.strip():
                self._extract(found, wanted, path, Path(folder.strip()).expanduser(), replace=False)

        self.app.push_screen(AskScreen(question, "./extracted"), answered)

    def _node_here(self) -> int | None:
        """The node under the cursor of the tree or of the map of directories."""
        if self.view == "files":
            return self.query_one(FilesPane).current()
        pane = self.query_one(MapPane)
        key = pane.current() if self.view == "map" and pane.by == "directory" else None
        return None if key is None else int(key)

    def _extract(
        self, found: ImageAnatomy, wanted: list[tuple[int, str, int]], path: str, folder: Path, *, replace: bool
    ) -> None:
        app = self.workbench
        app.doing = f"copying /{path} below {folder}"

        def done(reading: Reading[Extracted]) -> None:
            app.deliver(lambda: self._extracted(found, wanted, path, folder, reading))

        app.session.extract_image_files(
            found,
            [(layer, name) for layer, name, _ in wanted],
            folder,
            done,
            above=path.rpartition("/")[0],
            replace=replace,
        )

    def _extracted(
        self,
        found: ImageAnatomy,
        wanted: list[tuple[int, str, int]],
        path: str,
        folder: Path,
        reading: Reading[Extracted],
    ) -> None:
        self.workbench.doing = ""
        if not isinstance(reading, Fresh):
            self.app.push_screen(TextScreen("Copy", f"{reading.reason}\n\n{reading.hint}"))
        elif reading.value.in_the_way:
            question = f"{counted(reading.value.in_the_way, 'file')} of that name below {folder}: replace? Type yes"

            def answered(word: str | None) -> None:
                if word is not None and word.strip().lower() in ("y", "yes"):
                    self._extract(found, wanted, path, folder, replace=True)

            self.app.push_screen(AskScreen(question), answered)
        else:
            told = f"{counted(len(wanted), 'file')}, {quantity(reading.value.written_bytes, 'B')}"
            self.workbench.say(f"copied {told} below {shorten(str(folder), 24)}")

    # --- back ------------------------------------------------------------------------------------------------------

    def leave_level(self) -> bool:
        """Stop reading; up in the map; from the tree to the layers; to the first view; to the list."""
        here = self.focused.id if self.focused is not None else None
        if self._is_reading:
            self._stop.set()
            self._turn += 1
            self.workbench.doing = ""
            self.anatomy = STOPPED
            self.refresh_bindings()
        elif self.view == "map" and self.query_one(MapPane).leave():
            pass
        elif self.view != "files":
            self.action_view("files")
        elif here in ("tree", "findings"):
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
            return self.view == "files" and (action not in ("unfold", "leave", "fold") or self._in_tree())
        return super().check_action(action, parameters)

    def _in_tree(self) -> bool:
        return self.focused is not None and self.focused.id == "tree"
