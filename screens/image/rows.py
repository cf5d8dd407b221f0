"""Images and layers as table rows: pure, no widgets."""

from collections.abc import Callable, Iterable

from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.units import bar, duration, percent, quantity
from workbench.model.images import ImageDetail, ImageSummary, Layer

IMAGE_COLUMNS = (
    Column("name", "image", 24, grow=1, most=60),
    Column("size", "size", 7, "right"),
    Column("share", "of largest", 10, importance=2),
    Column("age", "built", 10, "right", importance=3),
    Column("containers", "used by", 7, "right", importance=4),
    Column("id", "id", 12, importance=5),
)
IMAGE_SORTABLE = ("size", "name", "age", "containers")
LARGEST_FIRST = frozenset({"size", "age", "containers"})
LAYER_COLUMNS = (
    Column("index", "#", 3, "right"),
    Column("instruction", "instruction", 24, grow=1),
    Column("size", "size", 7, "right"),
    Column("share", "share", 5, "right"),
    Column("bar", "of the image", 12, importance=2),
    Column("digest", "diff id", 12, importance=3),
)


def image_name(image: ImageSummary) -> str:
    """The first reference, or what a nameless image is called."""
    return image.references[0] if image.references else f"<none> {image.id.removeprefix('sha256:')[:12]}"


def image_rows(
    images: Iterable[ImageSummary], now: float, *, sort: str, descending: bool, words: str = ""
) -> list[Row]:
    """Images as rows, filtered and sorted.

    Args:
        images: What the engine lists.
        now: Unix time in seconds, for their age.
        sort: One of `IMAGE_SORTABLE`.
        descending: Largest, or last in the alphabet, first.
        words: Every word must be in the references or the id.
    """
    wanted = words.casefold().split()
    chosen = [
        image for image in images if all(word in " ".join((*image.references, image.id)).casefold() for word in wanted)
    ]
    largest = max((image.size_bytes for image in chosen), default=0) or 1
    ordered = sorted(chosen, key=_image_key(sort), reverse=descending)
    return [
        Row(
            image.id,
            (
                Cell(
                    image_name(image) + (f"  +{len(image.references) - 1}" if len(image.references) > 1 else ""),
                    "strong" if image.references else "dim",
                ),
                Cell(quantity(image.size_bytes)),
                Cell(bar(image.size_bytes / largest, 10), "dim"),
                Cell(_age(now - image.created_at), "dim"),
                Cell(
                    "–" if image.containers is None else str(image.containers),
                    "plain" if image.containers else "dim",
                ),
                Cell(image.id.removeprefix("sha256:")[:12], "dim"),
            ),
        )
        for image in ordered
    ]


def _age(seconds: float) -> str:
    if seconds >= 2 * 365 * 86400:
        return f"{seconds / (365.25 * 86400):.0f} years"
    return (
        duration(seconds).split(" ")[0]
        + " "
        + {"s": "s", "min": "min", "h": "h", "d": "days"}[duration(seconds).split(" ")[1]]
    )


def _image_key(column: str) -> Callable[[ImageSummary], tuple[object, ...]]:
    def figure(image: ImageSummary) -> object:
        match column:
            case "size":
                return image.size_bytes
            case "age":
                return image.created_at
            case "containers":
                return image.containers or 0
            case _:
                return image_name(image).casefold()

    return lambda image: (figure(image), image_name(image).casefold(), image.id)


def layer_rows(image: ImageDetail, *, empty: bool) -> list[Row]:
    """The image's steps as rows, base first, each keyed by its position in the history.

    Args:
        image: Its layers.
        empty: Whether steps that add no layer are shown.
    """
    total = sum(layer.size_bytes for layer in image.layers) or 1
    return [
        Row(
            str(place),
            (
                Cell("–" if layer.index is None else str(layer.index), "dim"),
                Cell(layer.instruction, "dim" if layer.index is None else "plain"),
                Cell(
                    quantity(layer.size_bytes) if layer.index is not None else "–",
                    "plain" if layer.size_bytes else "dim",
                ),
                Cell(
                    percent(100 * layer.size_bytes / total) if layer.index is not None else "–",
                    "plain" if layer.size_bytes else "dim",
                ),
                Cell(
                    bar(layer.size_bytes / total, 12) if layer.size_bytes else "",
                    "accent" if layer.size_bytes * 2 > total else "plain",
                ),
                Cell((layer.diff_id or "").removeprefix("sha256:")[:12], "dim"),
            ),
        )
        for place, layer in enumerate(image.layers)
        if empty or layer.index is not None
    ]


def full_text(layer: Layer) -> str:
    """Everything there is to say of one layer, for reading."""
    lines = [layer.instruction, ""]
    if layer.index is None:
        lines.append("This step adds no layer: it only changes the image's configuration")
    else:
        lines.append(f"layer {layer.index} · {quantity(layer.size_bytes, 'B')} ({layer.size_bytes:,} bytes)")
    if layer.diff_id:
        lines.append(layer.diff_id)
    return "\n".join(lines)
