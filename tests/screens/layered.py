"""Small images with real layers, for tests of the screens: what is in a file is what the test says."""

from collections.abc import Iterator

from tests.screens.worlds import image
from tests.workbench.measure.layer_building import layer
from workbench.errors import WorkbenchError
from workbench.model.acquired import AcquiredImage
from workbench.model.image_index import ImageIndex
from workbench.model.images import ImageDetail

Row = tuple[str, str, int, str, str]


class Files:
    """Contents by layer and path."""

    def __init__(self, contents: dict[tuple[int, str], bytes]) -> None:
        self.contents = contents

    def read_file(self, layer: int, path: str, limit: int) -> bytes:
        if (layer, path) not in self.contents:
            raise WorkbenchError(f"{path} cannot be read: it is not here", "look elsewhere")
        return self.contents[layer, path][:limit]

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        yield self.read_file(layer, path, 1 << 30)

    def close(self) -> None:
        pass


def layered(
    name: str,
    number: int,
    *steps: tuple[str, list[Row]],
    contents: dict[tuple[int, str], bytes] | None = None,
) -> tuple[ImageDetail, AcquiredImage]:
    """An image of instructions, each with what its layer has.

    Args:
        name: Its reference.
        number: Tells it from others.
        steps: Instruction and rows of every layer, base first.
        contents: What can be read of its files, by layer and path.
    """
    layers = tuple(layer(*rows) for _, rows in steps)
    told = image(name, number, *((text, sum(row[2] for row in rows) or 1) for text, rows in steps))
    return told, AcquiredImage(
        ImageIndex(told, layers, "tar-split", layers_from_cache=1, bytes_spared=1_000_000),
        tuple({} for _ in layers),
        Files(contents or {}),
    )
