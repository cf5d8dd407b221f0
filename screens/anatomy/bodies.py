"""Where the contents of an image's files are: pure, no widgets."""

from workbench.anatomy import ImageAnatomy
from workbench.measure.changes import REMOVED
from workbench.model.layer_index import FILE, HARDLINK


def body_of(
    found: ImageAnatomy, node: int, layer: int | None, *, with_unmodified: bool = False
) -> tuple[int, str, int] | None:
    """Where the content of a file is: layer, path in that layer, bytes; `None` for what has no content.

    Args:
        found: The image.
        node: The file's node.
        layer: The layer whose changes are shown; `None` in the merged system.
        with_unmodified: Whether what that layer left as it was is shown too.
    """
    overlay = found.analysis.overlay
    if layer is None:
        in_layer, number = overlay.body_layer[node], overlay.body_number[node]
        if in_layer < 0:
            return None
    else:
        change = found.changes[layer].at(node)
        if change is None and with_unmodified and layer > 0:
            return body_of(found, node, layer - 1, with_unmodified=True)
        if change is None or change.number < 0 or change.mark == REMOVED:
            return None
        in_layer, number = layer, change.number
        if overlay.layers[layer].kinds[number] == HARDLINK:
            return body_of(found, node, None)
        if overlay.layers[layer].kinds[number] != FILE:
            return None
    target = overlay.nodes_of[in_layer][number]
    return in_layer, overlay.path(target), overlay.layers[in_layer].sizes[number]


def bodies_below(
    found: ImageAnatomy, node: int, layer: int | None, *, with_unmodified: bool = False
) -> list[tuple[int, str, int]]:
    """Layer, path in that layer and bytes of every file at and below a node; each hard-linked inode once.

    Args:
        found: The image.
        node: A file's or a directory's node.
        layer: The layer whose changes are shown; `None` in the merged system.
        with_unmodified: Whether what that layer left as it was is shown too.
    """
    children = found.analysis.overlay.children
    bodies: dict[tuple[int, str], int] = {}
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if (body := body_of(found, here, layer, with_unmodified=with_unmodified)) is not None:
            bodies[body[0], body[1]] = body[2]
        waiting.extend(children.get(here, {}).values())
    return [(where, path, size) for (where, path), size in bodies.items()]
