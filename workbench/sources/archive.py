"""Image archives: what `docker save` writes, old or new, and OCI layouts; plain or compressed with gzip or zstd."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import ArchiveError
from workbench.measure.arguments import masked_arguments
from workbench.measure.instants import unix_nanoseconds
from workbench.measure.layers import instruction
from workbench.measure.text import printable
from workbench.model.images import ImageDetail, Layer
from workbench.sources.archive_files import SAVE_AGAIN, open_files
from workbench.sources.archive_image import ContainerConfig, HistoryStep, ImageParts, find_image
from workbench.sources.byte_stream import Budget, ByteStream, TarError
from workbench.sources.environment import environment
from workbench.sources.tar_stream import TarStream

MOST_ENTRIES = 10_000_000
"""Files in all layers together."""
MOST_UNPACKED_BYTES = 256 * 1000**3
"""What compressed layers may come to. Costs time, never memory."""


def read_archive(
    path: Path, *, most_entries: int = MOST_ENTRIES, most_unpacked_bytes: int = MOST_UNPACKED_BYTES
) -> ImageDetail:
    """The image in an archive, the first one where there are several. Nothing is extracted.

    A layer's size is the sum of its regular files, as engines count.

    Args:
        path: The archive.
        most_entries: Bound on the files in all its layers.
        most_unpacked_bytes: Bound on what its compressed parts come to.

    Raises:
        ArchiveError: when it is not an image archive, is damaged or cut short, or breaks a bound.
    """
    budget = Budget(most_entries, most_unpacked_bytes)

    def size_of(layer: ByteStream) -> int:
        return sum(entry.size for entry in TarStream(layer, budget) if entry.is_file)

    with readable(path):
        files = open_files(path, size_of, budget)
        image = find_image(files.documents)
        return archive_detail(image, [files.layer(name) for name in image.layer_files])


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Tell what is wrong with an archive, or why it cannot be read, as an error of ours.

    Raises:
        ArchiveError: for whatever goes wrong inside.
    """
    where = printable(str(path))
    try:
        yield
    except TarError as error:
        raise ArchiveError(f"{where} cannot be read: {printable(str(error))}", SAVE_AGAIN) from error
    except OSError as error:
        raise ArchiveError(f"{where} cannot be read: {error.strerror}") from error


def archive_detail(image: ImageParts, sizes: list[int]) -> ImageDetail:
    """What an archive tells of an image.

    Args:
        image: Its documents.
        sizes: Bytes of the regular files of each layer.
    """
    config = image.config
    run = config.config or ContainerConfig()
    return ImageDetail(
        id=image.id,
        references=image.references,
        size_bytes=sum(sizes),
        architecture=config.architecture or "",
        operating_system=config.os or "",
        created=config.created or "",
        user=run.user or "",
        working_dir=run.working_dir or "",
        entrypoint=masked_arguments(run.entrypoint or ()),
        command=masked_arguments(run.cmd or ()),
        exposed_ports=tuple(sorted(run.exposed_ports or ())),
        environment=environment(run.env or ()),
        layers=_layers(config.history or [], image.diff_ids, sizes),
        acquired_via="archive",
    )


def _layers(history: list[HistoryStep], diff_ids: tuple[str, ...], sizes: list[int]) -> tuple[Layer, ...]:
    """Every step with its layer: unlike an engine's, an image's own history says which steps made one."""
    if sum(not step.empty_layer for step in history) != len(diff_ids):
        told = "layer of a history that does not say how it was made"
        return tuple(Layer(index, diff_ids[index], told, size, None) for index, size in enumerate(sizes))
    rows: list[Layer] = []
    index = 0
    for step in history:
        nanoseconds = unix_nanoseconds(step.created or "")
        created_at = None if nanoseconds is None else nanoseconds / 1e9
        told = instruction(step.created_by or "", step.comment or "")
        if step.empty_layer:
            rows.append(Layer(None, None, told, 0, created_at))
        else:
            rows.append(Layer(index, diff_ids[index], told, sizes[index], created_at))
            index += 1
    return tuple(rows)
