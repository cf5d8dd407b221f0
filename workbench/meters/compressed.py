"""How large layers are when they are packed as for a registry, with gzip: samples of each layer's files are."""

import zlib
from collections.abc import Callable, Iterator
from statistics import fmean, stdev
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.pull_model import GZIP_SHARE
from workbench.model.acquired import AcquiredImage
from workbench.model.layer_index import FILE, LayerIndex
from workbench.model.pull import PullLayer

_SAMPLES = 32
"""Of a whole image, by bytes; each layer of some size gets two at least."""
_SAMPLE_BYTES = 512 * 1024
_LEVEL = 6
"""What engines push with."""
_HEAD_BYTES = 80
"""A packed tar header."""
_SMALL_SHARE = 0.01


def estimated_layers(
    image: AcquiredImage, heard: Callable[[int, int], object], stop: Event
) -> tuple[tuple[PullLayer, ...], float]:
    """Each layer's size, packed and not, and how far the sum may be off, in percent.

    Args:
        image: With its files.
        heard: Told how many samples are done, and of how many; must not block.
        stop: Set to give up.

    Raises:
        Stopped: as soon as `stop` is set.
    """
    layers = image.index.layers
    whole = sum(layer.shipped_bytes for layer in layers)
    chosen = {number: _places(layer, whole) for number, layer in enumerate(layers)}
    planned = sum(len(places) for places in chosen.values())
    done = 0
    shares: dict[int, list[float]] = {}
    for number, places in chosen.items():
        for place in places:
            if stop.is_set():
                raise Stopped("stopped")
            share = _packed_share(image, number, place)
            if share is not None:
                shares.setdefault(number, []).append(share)
            done += 1
            heard(done, planned)
    every = [share for known in shares.values() for share in known]
    usual = fmean(every) if every else GZIP_SHARE
    found, variance = [], 0.0
    for number, layer in enumerate(layers):
        known = shares.get(number, [])
        share = fmean(known) if known else usual
        packed = round(share * layer.shipped_bytes) + _HEAD_BYTES * len(layer.kinds)
        found.append(PullLayer(packed, layer.shipped_bytes))
        spread = stdev(known) / len(known) ** 0.5 if len(known) > 1 else usual / 2
        variance += (spread * layer.shipped_bytes) ** 2
    whole_packed = sum(layer.compressed_bytes for layer in found)
    return tuple(found), 100 * variance**0.5 / whole_packed if whole_packed else 0.0


def _places(layer: LayerIndex, whole: int) -> list[str]:
    """The files that hold equally spaced bytes of a layer."""
    size = layer.shipped_bytes
    if not size or size < _SMALL_SHARE * whole:
        return []
    count = max(2, round(_SAMPLES * size / whole))
    marks = [size * (number + 0.5) / count for number in range(count)]
    return list(dict.fromkeys(_holders(layer, marks)))


def _holders(layer: LayerIndex, marks: list[float]) -> Iterator[str]:
    at, passed = 0, 0
    for number, path in enumerate(layer.each_path()):
        if layer.kinds[number] != FILE:
            continue
        passed += layer.sizes[number]
        while at < len(marks) and marks[at] < passed:
            at += 1
            yield path


def _packed_share(image: AcquiredImage, layer: int, path: str) -> float | None:
    """What is left of a file's beginning when it is packed; `None` when it cannot be had."""
    try:
        content = image.files.read_file(layer, path, _SAMPLE_BYTES)
    except WorkbenchError:
        return None
    return len(zlib.compress(content, _LEVEL)) / len(content) if content else None
