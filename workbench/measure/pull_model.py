"""How long a pull takes: up to three downloads at once share the bandwidth, layers are unpacked one by one in order.

Measured on Docker 20.10 behind a throttled registry: 105 MB at 20 MB/s were down after 5.25 s and unpacked after 7.1 s.
The three are the engine's `max-concurrent-downloads`.
"""

from collections.abc import Sequence

from workbench.model.pull import LayerTimes, PullLayer

DOWNLOADS_AT_ONCE = 3
EXTRACT_BYTES_PER_SECOND = 150e6
"""Unpacked bytes; measured between 90 and 250 million on a busy disk."""
GZIP_SHARE = 0.38
"""Of what is unpacked, where nothing is known of a layer: the usual for systems and programs."""
_NEVER = LayerTimes(None, None, None, None)


def pull_times(
    layers: Sequence[PullLayer],
    bandwidth: float,
    extract: float = EXTRACT_BYTES_PER_SECOND,
    at_once: int = DOWNLOADS_AT_ONCE,
) -> tuple[tuple[LayerTimes, ...], float]:
    """When each layer is downloaded and unpacked, and when the pull is over, in seconds.

    Args:
        layers: Base first.
        bandwidth: Compressed bytes a second, of all downloads together.
        extract: Unpacked bytes a second.
        at_once: Downloads at a time.
    """
    began, ended = _downloads(layers, bandwidth, at_once)
    free = 0.0
    times = []
    for number, layer in enumerate(layers):
        if layer.is_here:
            times.append(_NEVER)
            continue
        begin = max(free, ended[number])
        free = begin + layer.unpacked_bytes / extract
        times.append(LayerTimes(began[number], ended[number], begin, free))
    return tuple(times), free


def _downloads(
    layers: Sequence[PullLayer], bandwidth: float, at_once: int
) -> tuple[dict[int, float], dict[int, float]]:
    """Begin and end of each download: those under way share the bandwidth equally, and the next begins as one ends."""
    waiting = [number for number, layer in enumerate(layers) if not layer.is_here]
    left: dict[int, float] = {}
    began: dict[int, float] = {}
    ended: dict[int, float] = {}
    now = 0.0
    while waiting or left:
        while waiting and len(left) < at_once:
            number = waiting.pop(0)
            left[number], began[number] = float(layers[number].compressed_bytes), now
        each = bandwidth / len(left)
        least = min(left.values())
        now += least / each
        for number in tuple(left):
            left[number] -= least
            if left[number] <= 1e-6:
                del left[number]
                ended[number] = now
    return began, ended
