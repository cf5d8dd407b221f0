"""An image's index from an archive or an OCI layout, with no engine."""

import hashlib
from pathlib import Path
from threading import Event

import msgspec

from workbench.measure.text import printable
from workbench.model.acquired import AcquiredImage
from workbench.model.image_index import AcquiredVia, ImageIndex
from workbench.model.layer_index import LayerIndex
from workbench.sources.acquire_progress import Tell, Teller
from workbench.sources.archive import MOST_UNPACKED_BYTES, archive_detail, readable
from workbench.sources.archive_files import ImageFiles, open_files
from workbench.sources.archive_image import ContainerConfig, ImageParts, find_image
from workbench.sources.archive_provenance import find_provenance
from workbench.sources.byte_stream import Budget, ByteStream, TarError, hashed
from workbench.sources.environment import masked_pairs
from workbench.sources.image_files import ArchiveFiles
from workbench.sources.image_settings import has_health_check, inherited_settings
from workbench.sources.kept import KeptFiles
from workbench.sources.layer_cache import LayerCache
from workbench.sources.layer_scan import MOST_INDEXED_ENTRIES, ScannedLayer, scan_layer

_CHUNK_BYTES = 1024**2
Verified = tuple[ScannedLayer, str]
"""A layer and the digest of its tar archive, as it was read."""


def acquire_archive(
    path: Path,
    reference: str = "",
    platform: str = "",
    *,
    progress: Tell = lambda _: None,
    stop: Event | None = None,
    cache: LayerCache | None = None,
    most_entries: int = MOST_INDEXED_ENTRIES,
    most_unpacked_bytes: int = MOST_UNPACKED_BYTES,
) -> AcquiredImage:
    """Index an image of an archive. Nothing is extracted, and every layer's digest is verified.

    Args:
        path: What `docker save` writes, an OCI archive, either compressed or not; or the folder of an OCI layout.
        reference: Which image, where there are several: a name, or the beginning of an id.
        platform: Which platform, where there are several; empty takes this machine's.
        progress: Told how far it is, on this thread.
        stop: Set to give up, from any thread.
        cache: Of layers; the user's own unless a test has another.
        most_entries: Bound on the files in all its layers.
        most_unpacked_bytes: Bound on what its compressed parts come to.

    Raises:
        UsageError: when there is no such image in it, or several to choose from.
        ArchiveError: when it is not an image archive, is damaged or cut short, or breaks a bound.
        Stopped: as soon as `stop` is set.
    """
    teller = Teller(progress, stop or Event())
    cache = cache or LayerCache()
    budget = Budget(most_entries, most_unpacked_bytes)

    def measure(layer: ByteStream) -> Verified:
        digest = hashlib.sha256()
        stream = hashed(layer, digest.update)
        scanned = scan_layer(stream, budget, watch=teller.check)
        while stream.skip(_CHUNK_BYTES):
            pass
        return scanned, f"sha256:{digest.hexdigest()}"

    with readable(path):
        size = path.stat().st_size if path.is_file() else None
        teller.stage("archive", f"reading {printable(path.name)}", size)
        files = open_files(path, measure, budget, teller.passed)
        image = find_image(files.documents, reference=reference, platform=platform, first=False)
        teller.expect(image.diff_ids)
        provenance, problem = find_provenance(files.documents, image)
        found, cached = _layers(files, image, teller, cache)
    layers = tuple(index for index, _ in found)
    detail = archive_detail(image, [layer.shipped_bytes for layer in layers])
    teller.expect(image.diff_ids, detail)
    via: AcquiredVia = "cache" if layers and all(layer.diff_id in cached for layer in layers) else "archive"
    run = image.config.config or ContainerConfig()
    config = msgspec.to_builtins(run)
    index = ImageIndex(
        detail=detail,
        layers=layers,
        acquired_via=via,
        labels=masked_pairs((run.labels or {}).items()),
        healthcheck=has_health_check(config),
        settings=inherited_settings(config),
        layers_from_cache=sum(layer.diff_id in cached for layer in layers),
        bytes_spared=sum(layer.shipped_bytes for layer in layers if layer.diff_id in cached),
        notes=(problem,) if problem else (),
        provenance=provenance,
    )
    teller.stage("done", "")
    return AcquiredImage(
        index, tuple(kept for _, kept in found), ArchiveFiles(path, files.open_layer, image.layer_files, layers)
    )


def _layers(
    files: ImageFiles[Verified], image: ImageParts, teller: Teller, cache: LayerCache
) -> tuple[list[tuple[LayerIndex, KeptFiles]], set[str]]:
    """Every layer of the image, and the diff ids of those that the cache had."""
    found: dict[str, tuple[LayerIndex, KeptFiles]] = {}
    cached: set[str] = set()
    for diff_id, name in zip(image.diff_ids, image.layer_files, strict=True):
        if diff_id in found:
            teller.layer(found[diff_id][0])
            continue
        known = cache.load(diff_id) if files.has_layer(name) else None
        if known is not None:
            found[diff_id] = known
            cached.add(diff_id)
        else:
            scanned, digest = files.layer(name)
            if digest != diff_id:
                raise TarError(f"layer {name}: it does not have the digest that the image's configuration tells")
            found[diff_id] = scanned.index(diff_id), scanned.kept
            cache.save(*found[diff_id])
        teller.layer(found[diff_id][0])
    return [found[diff_id] for diff_id in image.diff_ids], cached
