"""The image as a map: by directory, by package, or by layer."""

from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.tree_map import Patch, TreeMap
from workbench.anatomy import ImageAnatomy
from workbench.measure.overlay import ROOT
from workbench.measure.sizes import largest_first
from workbench.measure.units import percent, quantity
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen

By = Literal["directory", "package", "layer"]
ORDER_OF_KINDS: tuple[By, ...] = ("directory", "package", "layer")


class MapPane(Pane):
    """Tiles as large as what they stand for."""

    ORDER: ClassVar[int] = 70

    by: var[By] = var("directory")
    folder: var[int] = var(ROOT)
    """The directory whose content is shown."""

    def compose(self) -> ComposeResult:
        """A title and the tiles."""
        yield Rule(id="title")
        yield TreeMap(id="map")

    def on_mount(self) -> None:
        """Follow the image."""
        self._at: str | None = None
        self.watch(self.screen, "anatomy", self._another)
        for choice in ("by", "folder"):
            self.watch(self, choice, self._draw, init=False)

    @property
    def anatomy(self) -> ImageAnatomy | None:
        """The image, when it was read."""
        reading = cast("AnatomyScreen", self.screen).anatomy
        return reading.value if isinstance(reading, Fresh) else None

    def _another(self) -> None:
        self.set_reactive(MapPane.folder, ROOT)
        self._draw()

    def _draw(self) -> None:
        anatomy = self.anatomy
        title, tiles = self.query_one("#title", Rule), self.query_one(TreeMap)
        if anatomy is None:
            reading = cast("AnatomyScreen", self.screen).anatomy
            title.title("Map")
            tiles.show((), empty=reading.reason if isinstance(reading, Missing) else "the layers are still being read")
            return
        patches = {"directory": self._directories, "package": _packages, "layer": _layers}[self.by](anatomy)
        tiles.show(patches, at=self._at, empty="Nothing of any size here")
        self._at = None
        total = sum(patch.weight for patch in patches)
        where = f"/{anatomy.analysis.overlay.path(self.folder)}" if self.by == "directory" else f"by {self.by}"
        title.title(f"{where}  {quantity(total, 'B')}", Part(f"by {self.by}", "dim", "screen.by"))

    def _directories(self, anatomy: ImageAnatomy) -> list[Patch]:
        overlay, sizes = anatomy.analysis.overlay, anatomy.analysis.sizes
        return [
            Patch(
                str(node),
                overlay.names[node] + ("/" if overlay.is_directory[node] else ""),
                sizes[node],
                _figure(sizes[node], overlay.final_bytes),
            )
            for node in largest_first(overlay, sizes, self.folder)
            if sizes[node]
        ]

    def current(self) -> str | None:
        """The key of the tile under the cursor."""
        return self.query_one(TreeMap).current

    def enter(self) -> None:
        """Into the directory under the cursor."""
        anatomy, key = self.anatomy, self.current()
        if self.by == "directory" and anatomy is not None and key is not None:
            node = int(key)
            if anatomy.analysis.overlay.is_directory[node] and anatomy.analysis.sizes[node]:
                self.folder = node

    def leave(self) -> bool:
        """To the directory above; `False` at the top."""
        anatomy = self.anatomy
        if self.by != "directory" or self.folder == ROOT or anatomy is None:
            return False
        self._at = str(self.folder)
        self.folder = anatomy.analysis.overlay.parent[self.folder]
        return True

    def next_kind(self) -> None:
        """By directory, by package, by layer, and again."""
        self.by = ORDER_OF_KINDS[(ORDER_OF_KINDS.index(self.by) + 1) % len(ORDER_OF_KINDS)]


def _packages(anatomy: ImageAnatomy) -> list[Patch]:
    analysis = anatomy.analysis
    patches = [
        Patch(
            str(place),
            f"{package.manager} {package.name}",
            package.size_bytes,
            _figure(package.size_bytes, analysis.overlay.final_bytes),
        )
        for place, package in enumerate(analysis.packages)
    ]
    if analysis.unowned_bytes:
        patches.append(
            Patch("", "no package", analysis.unowned_bytes, _figure(analysis.unowned_bytes, analysis.bytes.final))
        )
    return sorted(patches, key=lambda patch: -patch.weight)


def _layers(anatomy: ImageAnatomy) -> list[Patch]:
    analysis = anatomy.analysis
    patches = [
        Patch(
            str(index),
            f"{index} {analysis.instruction(index)}",
            layer.shipped,
            _figure(layer.shipped, analysis.bytes.shipped),
        )
        for index, layer in enumerate(analysis.overlay.per_layer)
    ]
    return sorted(patches, key=lambda patch: -patch.weight)


def _figure(size: int, total: int) -> str:
    return f"{quantity(size, 'B')} {percent(100 * size / (total or 1))}"


PANE = MapPane
