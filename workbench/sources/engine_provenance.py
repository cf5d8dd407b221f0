"""What a builder attested of an image that an engine keeps in containerd's store; a classic store has no such thing.

The API tells whether there is an attestation and exports it only together with the whole image. So the few documents
are read from the content store itself, where each blob is a file that is called by its digest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event

import docker
import docker.errors
import docker.utils
import msgspec
import requests

from workbench.model.provenance import Provenance
from workbench.sources.answers import Answer, part, text
from workbench.sources.archive_files import LARGEST_DOCUMENT_BYTES
from workbench.sources.archive_image import blob_name, find_by_layers
from workbench.sources.archive_provenance import find_provenance
from workbench.sources.byte_stream import Budget, TarError, exactly
from workbench.sources.helper import RECORDS, Helper, helper

_TELLS_MANIFESTS = "1.48"
_CONTENT = "io.containerd.content.v1.content"
_MOST_BLOBS = 200
"""Read, or looked for in vain, of one image: two for each platform, and a few."""

_MACHINES_SOCKET = "/run/containerd/containerd.sock"

Told = tuple[Provenance | None, str]
"""What the builder attested, and why nothing could be made of that; empty when there is no reason."""
_ReadBlob = Callable[[str], bytes]
"""A blob by its name, `blobs/sha256/…`. Raises KeyError where there is none that can be a document."""


class _Manifest(msgspec.Struct, rename="pascal"):
    kind: str = ""
    available: bool = False


class _Inspected(msgspec.Struct, rename="pascal"):
    manifests: list[_Manifest] | None = None


def has_attestation(client: docker.APIClient, image_id: str) -> bool | None:
    """Whether the engine keeps an attestation of an image; `None` where it does not tell.

    Args:
        client: The engine's.
        image_id: The image.
    """
    if docker.utils.version_lt(client.api_version, _TELLS_MANIFESTS):
        return None
    url = f"{client.base_url}/v{client.api_version}/images/{image_id}/json"
    try:
        answer = client.get(url, params={"manifests": "true"}, timeout=client.timeout)
        answer.raise_for_status()
        manifests = msgspec.json.decode(answer.content, type=_Inspected).manifests
    except (requests.RequestException, ValueError, RecursionError):
        return None
    if manifests is None:
        return None
    return any(manifest.kind == "attestation" and manifest.available for manifest in manifests)


def content_stores(info: Answer) -> list[Path]:
    """Where containerd may keep its blobs, the likeliest first: the machine's own, and one that the engine runs.

    Args:
        info: What the engine tells of itself.
    """
    machines = Path("/var/lib/containerd", _CONTENT)
    root = text(info, "DockerRootDir")
    if not root.startswith("/"):
        return [machines]
    engines = Path(root, "containerd/daemon", _CONTENT)
    is_machines = text(part(info, "Containerd"), "Address") == _MACHINES_SOCKET
    return [machines, engines] if is_machines else [engines, machines]


def local_provenance(stores: Sequence[Path], image_id: str, diff_ids: Sequence[str]) -> Told | None:
    """What the builder attested of an image, from a content store on this machine.

    Args:
        stores: Where it may be.
        image_id: Digest of the image's index or manifest, as containerd's store has it.
        diff_ids: The image's layers, base first.

    Returns:
        `None` when no store here has the image, or none that this user may read.
    """
    for store in stores:
        with suppress(TarError, OSError):
            return _provenance(partial(_read_file, store), image_id, diff_ids)
    return None


def helper_provenance(
    client: docker.APIClient,
    stores: Sequence[Path],
    image_id: str,
    diff_ids: Sequence[str],
    *,
    budget: Budget,
    stop: Event,
) -> Told:
    """What the builder attested of an image, from a content store on the engine's machine, through a helper container.

    Args:
        client: The engine's.
        stores: Where it may be, one at least.
        image_id: Digest of the image's index or manifest, as containerd's store has it.
        diff_ids: The image's layers, base first.
        budget: Bounds what is read.
        stop: Set to give up, from any thread.

    Raises:
        docker.errors.APIError: when the engine refuses, as it does where there is no such store.
        TarError: when the store does not have the image, or its documents are damaged.
        Stopped: as soon as `stop` is set.
    """
    problems: list[Exception] = []
    for store in stores:
        try:
            with helper(client, image_id, str(store), budget, stop) as made:
                return _provenance(partial(_read_through, made), image_id, diff_ids)
        except (docker.errors.APIError, TarError) as error:
            problems.append(error)
    raise problems[0]


def _read_file(store: Path, name: str) -> bytes:
    path = store / name
    if not path.is_file():
        raise KeyError(name)
    with path.open("rb") as file:
        return file.read(LARGEST_DOCUMENT_BYTES + 1)


def _read_through(made: Helper, name: str) -> bytes:
    try:
        with made.read_file(f"{RECORDS}/{name}") as (entry, content):
            if entry.stored > LARGEST_DOCUMENT_BYTES:
                raise KeyError(name)
            return exactly(content, entry.stored)
    except docker.errors.NotFound as error:
        raise KeyError(name) from error


def _provenance(read: _ReadBlob, image_id: str, diff_ids: Sequence[str]) -> Told:
    documents = _Blobs(read, image_id)
    return find_provenance(documents, find_by_layers(documents, diff_ids))


class _Blobs(Mapping[str, bytes]):
    """An image's documents as an archive would hold them, each read when it is first asked for."""

    def __init__(self, read: _ReadBlob, image_id: str) -> None:
        self._read = read
        self._start = blob_name(image_id)
        index = msgspec.json.encode({"manifests": [{"digest": image_id}]})
        self._known: dict[str, bytes | None] = {"index.json": index, "manifest.json": None}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._known:
            self._known[name] = self._look(name)
        found = self._known[name]
        if found is None:
            raise KeyError(name)
        return found

    def _look(self, name: str) -> bytes | None:
        if len(self._known) > _MOST_BLOBS:
            raise TarError(f"it has more than {_MOST_BLOBS} documents")
        with suppress(KeyError):
            content = self._read(name)
            if len(content) <= LARGEST_DOCUMENT_BYTES:
                return content
        if name == self._start:
            raise TarError("the image is not in it")
        return None

    def __iter__(self) -> Iterator[str]:
        return (name for name, content in self._known.items() if content is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
