"""Reads the few small files whose names say that they may hold secrets, so that their content can decide.

What is read stays in memory for the check alone: it is neither shown nor kept in any cache.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workbench.checks.image.secret_files import LARGEST_READ_BYTES, bodies_at, suspects
from workbench.errors import WorkbenchError
from workbench.measure.analysis import ImageAnalysis
from workbench.model.acquired import FileReader
from workbench.model.image_index import KeptBodies

MOST_FILES = 8
"""Through a remote engine each file is a container made and removed."""
MOST_PASSED_BYTES = 2 * 1000**3
"""In a compressed archive a file is found by reading its layer from the start; this bounds what that comes to."""


def with_suspect_contents(analysis: ImageAnalysis, files: FileReader) -> ImageAnalysis:
    """The analysis with the contents of suspicious small files, as far as they can be had cheaply.

    Args:
        analysis: The image.
        files: A way to its files; what cannot be read is left out.
    """
    overlay = analysis.overlay
    read: dict[int, dict[str, bytes]] = {}
    left, passed = MOST_FILES, 0
    for node in suspects(overlay):
        for layer, place in bodies_at(overlay, node):
            size = overlay.size(node) if place is None else overlay.hidden[place].size
            path = overlay.path(node)
            passed += overlay.per_layer[layer].shipped
            if not left or size > LARGEST_READ_BYTES or passed > MOST_PASSED_BYTES:
                continue
            left -= 1
            try:
                read.setdefault(layer, {})[path] = files.read_file(layer, path, LARGEST_READ_BYTES)
            except WorkbenchError:
                continue
    if not read:
        return analysis
    kept: list[KeptBodies] = [*analysis.contents, *({} for _ in overlay.layers[len(analysis.contents) :])]
    for layer, bodies in read.items():
        kept[layer] = _Both(bodies, kept[layer])
    return replace(analysis, contents=tuple(kept))


class _Both(Mapping[str, bytes]):
    """Two mappings as one, without a copy: the second may unpack what it gives."""

    def __init__(self, first: KeptBodies, second: KeptBodies) -> None:
        self._first, self._second = first, second

    def __getitem__(self, path: str) -> bytes:
        return self._first[path] if path in self._first else self._second[path]

    def __iter__(self) -> Iterator[str]:
        yield from self._first
        yield from (path for path in self._second if path not in self._first)

    def __len__(self) -> int:
        return sum(1 for _ in self)
