"""An image from the engine's own export of it: layers indexed while they pass by. Nothing is written anywhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event

import docker
import msgspec

from workbench.errors import EngineError
from workbench.model.provenance import Provenance
from workbench.sources.archive_files import Passing
from workbench.sources.archive_image import find_by_layers
from workbench.sources.archive_provenance import find_provenance
from workbench.sources.byte_stream import Budget, ByteStream, TarError
from workbench.sources.docker_errors import sentence
from workbench.sources.download import download
from workbench.sources.layer_names import LayerNames
from workbench.sources.layer_scan import ScannedLayer, scan_layer

_TOLD = b'{"errorDetail"'
_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class StreamedImage:
    """What an engine's export told."""

    layers: list[ScannedLayer]
    """Base first."""
    provenance: Provenance | None
    problem: str
    """Why nothing could be made of the provenance; empty when there is no reason."""


def stream_image(
    client: docker.APIClient,
    image_id: str,
    diff_ids: Sequence[str],
    budget: Budget,
    *,
    stop: Event,
    watch: Callable[[int], object],
    on_layer: Callable[[Mapping[str, ScannedLayer]], object],
) -> StreamedImage:
    """Index every layer of an image by having the engine export it.

    Args:
        client: A client whose connection is free.
        image_id: The image.
        diff_ids: Its layers, base first: an export may hold other platforms' too.
        budget: Bounds what is read.
        stop: Set to give up, from any thread.
        watch: Told how many bytes came, each time, and 0 while nothing comes; may raise.
        on_layer: Told, each time that a layer passed, those by diff id of which it has just become known what they are.

    Raises:
        Stopped: as soon as `stop` is set.
        EngineError: when the engine fails in the middle.
        TarError: when what it sends is damaged or breaks a bound.
        docker.errors.APIError: when it refuses; a requests or http.client exception when it goes away.
    """
    names = LayerNames(diff_ids)
    unknown: dict[str, ScannedLayer] = {}

    def passed(name: str, layer: ScannedLayer) -> None:
        unknown[name] = layer
        names.learn(passing.documents)
        known = {name: diff_id for name in unknown if (diff_id := names.diff_id(name)) is not None}
        on_layer({diff_id: unknown.pop(name) for name, diff_id in known.items()})

    passing = Passing(lambda layer: scan_layer(layer, budget), budget, passed)
    with download(client, f"/images/{image_id}/get", {}, stop=stop, watch=watch) as body:
        tail = _Tail(body)
        try:
            passing.take(ByteStream(tail.fill))
        except TarError as error:
            told = tail.error()
            if told:
                raise EngineError(f"the engine's export broke off: {told}") from error
            raise
    image = find_by_layers(passing.documents, diff_ids)
    layers = [passing.layer(name) for name in image.layer_files]
    return StreamedImage(layers, *find_provenance(passing.documents, image))


class _Failure(msgspec.Struct):
    """The engine's reason."""

    error: str = ""


class _Tail:
    """Remembers the end of an export: an engine that fails after its first byte tells why there, in JSON."""

    def __init__(self, body: ByteStream) -> None:
        self._body = body
        self._last = b""

    def fill(self) -> memoryview:
        view = self._body.chunk(1 << 30)
        if view:
            self._last = bytes(view[-_TAIL_BYTES:]) if len(view) >= _TAIL_BYTES else self._last + bytes(view)
            self._last = self._last[-_TAIL_BYTES:]
        return view

    def error(self) -> str:
        """What the engine told as its reason; empty when it told none."""
        while self.fill():
            pass
        start = self._last.rfind(_TOLD)
        if start < 0:
            return ""
        try:
            told = msgspec.json.decode(self._last[start:].strip(), type=_Failure, strict=False)
        except (ValueError, RecursionError):
            return ""
        return sentence(told.error)
