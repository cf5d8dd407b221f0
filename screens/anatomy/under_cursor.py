"""What the cursor is on, in whichever view it is: told, copied and opened."""

from typing import TYPE_CHECKING

from screens.anatomy.file_viewing import view_file
from screens.anatomy.list_pane import ListPane
from screens.anatomy.panes.files import FilesPane
from screens.anatomy.panes.map import MapPane
from screens.anatomy.texts import layer_text, node_text
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from screens.widgets.size_tree import SizeTree
from workbench.anatomy import ImageAnatomy
from workbench.model.acquired import LayerFigures
from workbench.model.images import Layer
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen


class UnderCursor:
    """Asks the panes of one screen.

    Args:
        screen: The image.
    """

    def __init__(self, screen: "AnatomyScreen") -> None:
        self._screen = screen

    @property
    def here(self) -> str | None:
        """The id of the widget that has the focus."""
        focused = self._screen.focused
        return focused.id if focused is not None else None

    def step(self) -> Layer | None:
        """The step of the history under the cursor of the layers."""
        key, detail = self._screen.query_one("#layers", LiveTable).current, self._screen.detail
        if key is None or not isinstance(detail, Fresh) or int(key) >= len(detail.value.layers):
            return None
        return detail.value.layers[int(key)]

    def list_pane(self) -> ListPane | None:
        """The pane of a list that has the focus, or that is the view."""
        here, view = self.here, self._screen.view
        return next((pane for pane in self._screen.query(ListPane) if pane.TABLE in (here, view)), None)

    def node(self) -> int | None:
        """The node under the cursor of the tree or of the map of directories."""
        if self._screen.view == "files":
            return self._files.current()
        pane = self._map
        key = pane.current() if self._screen.view == "map" and pane.by == "directory" else None
        return None if key is None else int(key)

    @property
    def _files(self) -> FilesPane:
        return self._screen.query_one(FilesPane)

    @property
    def _map(self) -> MapPane:
        return self._screen.query_one(MapPane)

    # --- told ------------------------------------------------------------------------------------------------------

    def about(self) -> tuple[str, str]:
        """Title and text of it."""
        found, here, view = self._screen.found, self.here, self._screen.view
        if found is None or here == "layers" or (view == "files" and here not in ("tree", "findings")):
            step, read = self.step(), self._screen.anatomy
            if step is None:
                return ("Image", f"{read.reason}\n{read.hint}") if isinstance(read, Missing) else ("Layer", "")
            return _layer_title(step, "Instruction"), self._layer_text(step)
        if pane := self.list_pane():
            place = pane.current()
            return pane.TABLE.capitalize(), "" if place is None else pane.text(found, place, whole=False)
        if view == "map":
            return self._about_tile(found)
        node = self._files.current()
        return "File", "" if node is None else node_text(found, node, self._files.layer_shown)

    def _layer_text(self, step: Layer) -> str:
        return layer_text(step, self._screen.found, self._figures_of(step))

    def _figures_of(self, step: Layer) -> LayerFigures | None:
        """What is known of the layer of a step while others are still being read."""
        return next((figures for figures in self._screen.figures if figures.index == step.index), None)

    def _about_tile(self, found: ImageAnatomy) -> tuple[str, str]:
        pane = self._map
        key = pane.current()
        if key is None:
            return "Map", ""
        if pane.by == "directory":
            return "File", node_text(found, int(key), None)
        if pane.by == "package":
            return "Package", self._packages.text(found, int(key), whole=False)
        return f"Layer {key}", found.analysis.instruction(int(key))

    @property
    def _packages(self) -> ListPane:
        return next(pane for pane in self._screen.query(ListPane) if pane.TABLE == "packages")

    # --- copied ----------------------------------------------------------------------------------------------------

    def to_copy(self) -> tuple[str | None, str]:
        """The fix, the path, the instruction: what the row stands for, and how that is called."""
        found, here = self._screen.found, self.here
        if here == "layers" or found is None:
            step = self.step()
            return (step.instruction if step else None), "the instruction"
        if here == "tree":
            node = self._files.current()
            return (None if node is None else "/" + found.analysis.overlay.path(node)), ""
        if here == "map":
            return self._about_tile(found)[1].split("\n")[0], ""
        pane = self.list_pane()
        place = pane.current() if pane else None
        return pane.to_copy(found, place) if pane and place is not None else (None, "")

    # --- opened ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the directory, view the file, read the whole text."""
        found, here = self._screen.found, self.here
        if here == "layers":
            step = self.step()
            if step is not None:
                self._read(_layer_title(step, "Step"), self._layer_text(step))
        elif found is None:
            return
        elif here == "tree":
            self._open_node(found)
        elif here == "map":
            self._open_tile(found)
        elif pane := self.list_pane():
            place = pane.current()
            if place is not None:
                self._read(pane.TABLE.capitalize()[:-1], pane.text(found, place, whole=True))

    def _read(self, title: str, text: str) -> None:
        self._screen.app.push_screen(TextScreen(title, text))

    def _open_node(self, found: ImageAnatomy) -> None:
        tree = self._screen.query_one(SizeTree)
        node = tree.current
        if node is None:
            return
        if self._files.is_folder(node):
            tree.toggle()
        else:
            files = self._files
            view_file(self._screen, found, node, files.layer_shown, with_unmodified=files.with_unmodified)

    def _open_tile(self, found: ImageAnatomy) -> None:
        pane = self._map
        key = pane.current()
        if key is None:
            return
        if pane.by == "directory" and not found.analysis.overlay.is_directory[int(key)]:
            view_file(self._screen, found, int(key), None)
        elif pane.by == "directory":
            pane.enter()
        elif pane.by == "package":
            self._read("Package", self._packages.text(found, int(key), whole=True))
        else:
            self._read(f"Layer {key}", found.analysis.instruction(int(key)))


def _layer_title(step: Layer, without: str) -> str:
    return without if step.index is None else f"Layer {step.index}"
