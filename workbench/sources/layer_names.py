"""Which layer a file of an export is, told while the export still passes by and its manifest has not come yet."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from workbench.sources.layer_store import chain_ids

_T = TypeVar("_T")
_DIGEST = re.compile(r"(?:.*/)?([0-9a-f]{64})(?:\.tar)?", re.ASCII)
_LEGACY = re.compile(r"(?:.*/)?([0-9a-f]{64})/(?:layer\.tar|json)", re.ASCII)
_MOST_TRIES = 8
"""Documents that are hashed to work out identifiers: all of an image but one do."""
_MOST_MANIFESTS = 100
_LONGEST_CONFIG_BYTES = 16_384


class _Legacy(msgspec.Struct):
    """The document beside a layer, as engines before 25 write it."""

    parent: str = ""
    created: msgspec.Raw = msgspec.Raw()
    container_config: msgspec.Raw = msgspec.Raw()


class _Blob(msgspec.Struct):
    digest: str


class _Manifest(msgspec.Struct):
    config: _Blob
    layers: list[_Blob]


class _RootFs(msgspec.Struct):
    diff_ids: list[str]


class _Config(msgspec.Struct):
    rootfs: _RootFs


class LayerNames:
    """Places of layer files.

    A file may be called by its diff id. Engines before 25 call its folder by a digest of the chain of layers, which
    can be worked out from the image's own; what is left is the child of a known parent. Compressed layers are known
    when an OCI manifest and the configuration that it names have passed.

    Args:
        diff_ids: The image's layers, base first.
    """

    def __init__(self, diff_ids: Sequence[str]) -> None:
        self._diff_ids = tuple(diff_ids)
        self._chains = chain_ids(diff_ids)
        self._known = {diff_id.removeprefix("sha256:"): diff_id for diff_id in diff_ids}
        self._legacy: dict[str, int] = {}
        """Place by the identifier of a layer's folder."""
        self._parents: dict[str, str] = {}
        self._manifests: list[_Manifest] = []
        self._seen = 0
        self._tries = 0

    def learn(self, documents: Mapping[str, bytes]) -> None:
        """Look at the documents that passed since the last time.

        Args:
            documents: All that passed, in their order.
        """
        for name, content in islice(documents.items(), self._seen, None):
            legacy = _LEGACY.fullmatch(name)
            if legacy:
                self._learn_legacy(legacy[1], content)
            elif len(self._manifests) < _MOST_MANIFESTS and (manifest := _decoded(content, _Manifest)) is not None:
                self._manifests.append(manifest)
        self._seen = len(documents)
        self._match_manifests(documents)

    def diff_id(self, name: str) -> str | None:
        """The layer that a file is; `None` while that is not known."""
        plain = _DIGEST.fullmatch(name)
        if plain:
            return self._known.get(plain[1])
        legacy = _LEGACY.fullmatch(name)
        place = self._place(legacy[1]) if legacy else None
        return None if place is None else self._diff_ids[place]

    def _place(self, identifier: str) -> int | None:
        place = self._legacy.get(identifier)
        if place is not None or identifier not in self._parents:
            return place
        parent = self._parents[identifier]
        above = self._legacy.get(parent, len(self._diff_ids)) + 1 if parent else 0
        return above if above == len(self._diff_ids) - 1 else None

    def _learn_legacy(self, identifier: str, content: bytes) -> None:
        document = _decoded(content, _Legacy)
        if document is None:
            return
        self._parents[identifier] = document.parent
        if self._legacy or self._tries >= _MOST_TRIES or len(bytes(document.container_config)) > _LONGEST_CONFIG_BYTES:
            return
        self._tries += 1
        identifiers = _identifiers(document, self._chains[:-1])
        if identifier in identifiers:
            self._legacy = {each: place for place, each in enumerate(identifiers)}

    def _match_manifests(self, documents: Mapping[str, bytes]) -> None:
        for manifest in list(self._manifests):
            content = documents.get(f"blobs/sha256/{manifest.config.digest.removeprefix('sha256:')}")
            if content is None:
                continue
            self._manifests.remove(manifest)
            config = _decoded(content, _Config)
            if config is not None and tuple(config.rootfs.diff_ids) == self._diff_ids:
                names = (layer.digest.removeprefix("sha256:") for layer in manifest.layers)
                self._known.update(zip(names, self._diff_ids, strict=False))


def _identifiers(document: _Legacy, chains: Sequence[str]) -> list[str]:
    """What engines before 25 call each layer but the last: they hash this document, and an empty configuration."""
    start = b'{"container_config":%b,"created":%b' % (bytes(document.container_config), bytes(document.created))
    identifiers: list[str] = []
    for chain in chains:
        parent = f',"parent":"sha256:{identifiers[-1]}"' if identifiers else ""
        identifiers.append(hashlib.sha256(start + f',"layer_id":"{chain}"{parent}}}'.encode()).hexdigest())
    return identifiers


def _decoded(content: bytes, shape: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(content, type=shape)
    except (ValueError, RecursionError):
        return None
