"""The provenance of an image among its documents: an attestation manifest beside its own, with a statement as layer."""

from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from workbench.measure.text import printable, shorten
from workbench.model.provenance import Provenance
from workbench.sources.archive_image import ImageParts, blob_name, decode_document
from workbench.sources.byte_stream import TarError
from workbench.sources.slsa import read_provenance

_REFERENCE_TYPE = "vnd.docker.reference.type"
_REFERENCE_DIGEST = "vnd.docker.reference.digest"
_STATEMENT_TYPE = "application/vnd.in-toto+json"
_PREDICATE_TYPE = "in-toto.io/predicate-type"
_PREDICATES = ("https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1")
_MOST_DOCUMENTS = 1000
_MOST_ATTESTATIONS = 4
_MOST_STATEMENTS = 4
_LONGEST_REASON = 200


class _Descriptor(msgspec.Struct, rename="camel"):
    digest: str
    media_type: str = ""
    annotations: dict[str, str] | None = None

    def told(self, annotation: str) -> str:
        """An annotation; empty where there is none."""
        return (self.annotations or {}).get(annotation, "")


class _IndexOrManifest(msgspec.Struct):
    manifests: list[_Descriptor] | None = None
    config: _Descriptor | None = None
    layers: list[_Descriptor] | None = None


def find_provenance(documents: Mapping[str, bytes], image: ImageParts) -> tuple[Provenance | None, str]:
    """What the builder attested of an image, and why nothing could be made of that; empty when there is no reason.

    Args:
        documents: The JSON documents of an archive, by name, or of what is read like one.
        image: The image.
    """
    manifests, attestations = _looked_through(documents, image)
    problem = ""
    for of, attestation in [one for one in attestations if one[0] in manifests][:_MOST_ATTESTATIONS]:
        try:
            for statement in _statements(documents, attestation):
                document = bytes(decode_document(documents, blob_name(statement), msgspec.Raw))
                found = read_provenance(document, of, manifests[of])
                if found is not None:
                    return found, ""
        except (TarError, OSError, ValueError) as error:
            problem = f"its provenance is ignored: {shorten(printable(str(error)), _LONGEST_REASON)}"
    return None, problem


def _looked_through(
    documents: Mapping[str, bytes], image: ImageParts
) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """The image's manifests with their layers, and all attestations: of which manifest, and their own digest."""
    manifests: dict[str, tuple[str, ...]] = {}
    attestations: list[tuple[str, str]] = []
    waiting, seen = [""], {""}
    while waiting and len(seen) <= _MOST_DOCUMENTS:
        digest = waiting.pop()
        try:
            name = blob_name(digest) if digest else "index.json"
            found: _IndexOrManifest = decode_document(documents, name, _IndexOrManifest)
            if found.config is not None and found.config.digest == image.id:
                layers = tuple(layer.digest for layer in found.layers or [])
                if tuple(map(blob_name, layers)) == image.layer_files:
                    manifests[digest] = layers
        except (TarError, OSError):  # of another image, or a platform that is not there
            continue
        for one in found.manifests or []:
            if one.told(_REFERENCE_TYPE) == "attestation-manifest":
                attestations.append((one.told(_REFERENCE_DIGEST), one.digest))
            elif one.digest not in seen:
                seen.add(one.digest)
                waiting.append(one.digest)
    return manifests, attestations


def _statements(documents: Mapping[str, bytes], attestation: str) -> Iterator[str]:
    name = blob_name(attestation)
    if name not in documents:  # an index names it wherever the image goes; the archive need not hold it
        return
    found: _IndexOrManifest = decode_document(documents, name, _IndexOrManifest)
    told = (
        layer.digest
        for layer in found.layers or []
        if layer.media_type == _STATEMENT_TYPE and layer.told(_PREDICATE_TYPE) in _PREDICATES
    )
    yield from islice(told, _MOST_STATEMENTS)
