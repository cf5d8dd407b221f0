"""One pass over a layer's tar archive: the index of its entries, and the package databases in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import fastcrc

from workbench.model.layer_index import FILE, LayerIndex, LayerIndexBuilder
from workbench.sources.byte_stream import Budget, ByteSource, TarError, exactly
from workbench.sources.kept import KeptFiles, kept_bytes
from workbench.sources.layer_entries import KINDS, layer_entry, plain_path
from workbench.sources.tar_stream import TarStream

MOST_INDEXED_ENTRIES = 4_000_000
"""In all layers of an image; each costs about a hundred bytes of memory."""
_LONGEST_PATH_BYTES = 4096
"""Longer than any path that Linux takes."""


class WantedFile(NamedTuple):
    """A file whose content is to be kept and could not be read here."""

    path: str
    size: int
    crc: int


@dataclass(slots=True)
class ScannedLayer:
    """What a pass over a layer gave."""

    builder: LayerIndexBuilder
    kept: KeptFiles
    ended: bool
    """Whether the archive had the mark that ends one."""
    wanted: list[WantedFile]

    def index(self, diff_id: str) -> LayerIndex:
        """The layer's index, once it is known which layer it was."""
        return self.builder.build(diff_id)


def scan_layer(
    source: ByteSource, budget: Budget, *, keep: bool = True, watch: Callable[[], None] = lambda: None
) -> ScannedLayer:
    """Index a layer.

    Args:
        source: Its tar archive, unpacked.
        budget: Bounds headers and names.
        keep: Whether contents can be read from the source and package databases are kept.
        watch: Called now and then; may raise.

    Raises:
        TarError: when the archive is damaged, cut short, or breaks a bound.
    """
    builder = LayerIndexBuilder()
    kept = KeptFiles(complete=keep)
    wanted: list[WantedFile] = []
    tar = TarStream(source, budget)
    for number, entry in enumerate(tar):
        if not number & 0xFFF:
            watch()
        if len(entry.name) + len(entry.link) > 64:
            budget.spend_name(len(entry.name) + len(entry.link))
            if len(entry.name) > _LONGEST_PATH_BYTES or len(entry.link) > _LONGEST_PATH_BYTES:
                raise TarError("a path in it is longer than any file system takes")
        crc = 0
        if entry.stored:
            most = kept_bytes(path := plain_path(entry.name)) if KINDS.get(entry.kind) == FILE else 0
            if not most:
                crc = tar.crc(entry.stored)[1]
            elif entry.stored > most:
                crc = tar.crc(entry.stored)[1]
                kept.complete = False
            elif keep:
                content = exactly(tar, entry.stored)
                crc = fastcrc.crc64.go_iso(content)
                kept.keep(path, content)
            else:
                crc = tar.crc(entry.stored)[1]
                wanted.append(WantedFile(path, entry.stored, crc))
        made = layer_entry(entry, crc)
        if made is not None:
            builder.add(made)
    return ScannedLayer(builder, kept, tar.ended, wanted)
