"""An image's index from an engine: each layer from the quickest place that has it.

In order: the cache; the engine's own record of the layer's tar archive, read here when the layer store is on this
machine; the same record through a helper container; the stream of the engine's export, which moves the whole image.
A way that fails is noted with its reason and the next one is taken. What the builder attested comes with the stream, or
from containerd's content store, read here or through a helper container.
"""

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any

import docker
import docker.errors
import fastcrc
import requests
import urllib3.exceptions

from workbench.errors import EngineError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.acquired import AcquiredImage
from workbench.model.image_index import AcquiredVia, ImageIndex
from workbench.model.images import ImageDetail
from workbench.model.layer_index import LayerIndex
from workbench.model.provenance import Provenance
from workbench.settings import Settings
from workbench.sources.acquire_progress import Tell, Teller
from workbench.sources.answers import Answer, part, text, texts
from workbench.sources.archive import MOST_UNPACKED_BYTES
from workbench.sources.byte_stream import Budget, TarError, exactly
from workbench.sources.docker_errors import explain, translated
from workbench.sources.endpoint import connect
from workbench.sources.engine import Engine
from workbench.sources.engine_provenance import (
    content_stores,
    has_attestation,
    helper_provenance,
    local_provenance,
)
from workbench.sources.environment import masked_pairs
from workbench.sources.helper import RECORDS, Helper, helper, remove_leftovers
from workbench.sources.image_files import HELPER_SECONDS, EngineFiles
from workbench.sources.image_settings import has_health_check, inherited_settings
from workbench.sources.images import image_detail
from workbench.sources.kept import KeptFiles
from workbench.sources.layer_cache import LayerCache
from workbench.sources.layer_scan import MOST_INDEXED_ENTRIES, ScannedLayer, WantedFile
from workbench.sources.layer_store import LayerStore, chain_ids, layer_records, record_name, scan_tar_split
from workbench.sources.stream import stream_image

_MOST_REQUESTS = 300
"""For package databases through a helper; each has the engine mount and unmount the image."""
_CONTAINERD = "io.containerd.snapshotter.v1"
_FAILURES = (
    EngineError,
    TarError,
    docker.errors.DockerException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)


def acquire(
    engine: Engine,
    reference: str,
    *,
    progress: Tell = lambda _: None,
    stop: Event | None = None,
    settings: Settings | None = None,
    cache: LayerCache | None = None,
) -> AcquiredImage:
    """Index an image of an engine.

    Args:
        engine: Shared with others; stays open.
        reference: Name or id.
        progress: Told how far it is, on this thread; first what inspect tells.
        stop: Set to give up, from any thread.
        settings: Whether a helper container may be made.
        cache: Of layers; the user's own unless a test has another.

    Raises:
        NotFound: when there is no such image.
        Stopped: as soon as `stop` is set.
        WorkbenchError: when no way works.
    """
    stop = stop or Event()
    work = _Acquisition(engine, Teller(progress, stop), stop, settings or Settings(), cache or LayerCache())
    return work.run(reference)


class _Acquisition:
    """One image on its way."""

    def __init__(self, engine: Engine, teller: Teller, stop: Event, settings: Settings, cache: LayerCache) -> None:
        self._engine = engine
        self._teller = teller
        self._stop = stop
        self._settings = settings
        self._cache = cache
        self._budget = Budget(MOST_INDEXED_ENTRIES, MOST_UNPACKED_BYTES)
        self._found: dict[str, tuple[LayerIndex, KeptFiles]] = {}
        """By diff id: a layer may be in an image twice."""
        self._diff_ids: tuple[str, ...] = ()
        self._chains: dict[str, str] = {}
        self._notes: list[str] = []
        self._info: Answer = {}
        self._store: LayerStore | None = None
        self._image_id = ""
        self._attested: bool | None = False
        """Whether the engine keeps an attestation that was not looked at yet; `None` where it does not tell."""
        self._provenance: Provenance | None = None

    def run(self, reference: str) -> AcquiredImage:
        self._teller.stage("inspect", "asking the engine")
        with self._engine.talk() as connection:
            detail = image_detail(connection.client, reference)
            inspect: Callable[[str], Answer] = connection.client.inspect_image
            inspected = inspect(detail.id or reference)
            self._info = connection.client.info()
            product = connection.info.product
            self._image_id = detail.id or reference
            if self._is_containerd():
                self._attested = has_attestation(connection.client, self._image_id)
            if self._settings.image_helper:
                with suppress(docker.errors.DockerException, requests.RequestException):  # the next image tries again
                    remove_leftovers(connection.client)
        self._diff_ids = texts(part(inspected, "RootFS"), "Layers")
        chains = chain_ids(self._diff_ids)
        self._chains = dict(zip(self._diff_ids, chains, strict=True))
        self._teller.expect(self._diff_ids, detail)

        self._from_cache()
        cached = len([diff_id for diff_id in self._diff_ids if diff_id in self._found])
        spared = sum(self._found[diff_id][0].shipped_bytes for diff_id in self._diff_ids if diff_id in self._found)
        via: AcquiredVia = "cache"
        if self._missing() and product != "podman" and not self._is_containerd():
            via = "tar-split"
            self._from_store()
            if self._missing():
                self._from_helper()
            known = [self._found[diff_id][0] for diff_id in self._diff_ids if diff_id in self._found]
            spared = sum(index.shipped_bytes for index in known)
        if self._missing():
            via = "stream"
            self._from_stream(detail)
        self._read_provenance()
        layers = tuple(self._found[diff_id][0] for diff_id in self._diff_ids)
        self._teller.stage("done", "")
        return AcquiredImage(
            _index(
                detail, layers, via, part(inspected, "Config"), cached, spared, tuple(self._notes), self._provenance
            ),
            tuple(self._found[diff_id][1] for diff_id in self._diff_ids),
            EngineFiles(
                self._engine.endpoint,
                self._image_id,
                chains,
                layers,
                self._local_store(),
                use_helper=self._settings.image_helper,
            ),
        )

    def _missing(self) -> list[str]:
        """The layers that were not found yet, base first, each once."""
        return [diff_id for diff_id in dict.fromkeys(self._diff_ids) if diff_id not in self._found]

    def _take(self, index: LayerIndex, kept: KeptFiles) -> None:
        self._found[index.diff_id] = index, kept
        self._cache.save(index, kept)
        self._tell(index)

    def _tell(self, index: LayerIndex) -> None:
        for _ in range(self._diff_ids.count(index.diff_id)):
            self._teller.layer(index)

    def _from_cache(self) -> None:
        self._teller.stage("cache", "looking for layers that were read before")
        for diff_id in self._missing():
            self._teller.check()
            found = self._cache.load(diff_id)
            if found is not None:
                self._found[diff_id] = found
                self._tell(found[0])

    def _is_containerd(self) -> bool:
        return _CONTAINERD in str(self._info.get("DriverStatus"))

    def _local_store(self) -> LayerStore | None:
        if not self._engine.endpoint.is_local or self._is_containerd():
            return None
        try:
            return LayerStore(text(self._info, "DockerRootDir"), text(self._info, "Driver"))
        except TarError:
            return None

    def _from_store(self) -> None:
        store = self._local_store()
        if store is None:
            return
        self._teller.stage("tar-split", "reading the engine's layer store")
        for diff_id in self._missing():
            try:
                self._take(*store.scan(self._chains[diff_id], diff_id, self._budget, self._teller.check))
            except (TarError, OSError) as error:
                self._note("the layer store could not be read on this machine", error)
                return

    def _from_helper(self) -> None:
        if not self._settings.image_helper:
            self._notes.append("no helper container was made: image_helper is false")
            return
        try:
            records = layer_records(text(self._info, "DockerRootDir"), text(self._info, "Driver"))
            with self._connected() as client:
                self._teller.stage(
                    "helper", "reading the engine's layer store through a helper container, never started"
                )
                with helper(client, self._image_id, str(records), self._budget, self._stop) as made:
                    scanned = self._scan_through(made)
                    self._keep_through(made, scanned)
        except _FAILURES as error:
            self._note("the layer store could not be read through a helper container", error)

    def _scan_through(self, made: Helper) -> dict[str, tuple[LayerIndex, list[WantedFile]]]:
        scanned = {}
        for diff_id in self._missing():
            record = f"{RECORDS}/{record_name(self._chains[diff_id])}"
            with made.read_file(f"{record}/diff") as (_, content):
                if exactly(content, len(diff_id)).decode("ascii", "replace") != diff_id:
                    raise TarError("it holds other layers than the image has")
            with made.read_file(f"{record}/tar-split.json.gz") as (_, content):
                layer = scan_tar_split(content, self._budget, self._teller.check)
            scanned[diff_id] = layer.index(diff_id), layer.wanted
            self._tell(scanned[diff_id][0])
        return scanned

    def _keep_through(self, made: Helper, scanned: dict[str, tuple[LayerIndex, list[WantedFile]]]) -> None:
        """Fetch package databases from the merged file system, and give each to the layers that ship it so."""
        kept = {diff_id: KeptFiles(complete=not wanted) for diff_id, (_, wanted) in scanned.items()}
        owners: dict[str, list[tuple[str, WantedFile]]] = {}
        for diff_id, (_, wanted) in scanned.items():
            for file in wanted:
                owners.setdefault(file.path, []).append((diff_id, file))
        if owners:
            self._teller.stage("packages", "reading package databases through the helper container")
        requests_ = _requests(owners)
        for path in requests_[:_MOST_REQUESTS]:
            try:
                with made.read(f"/{path}", self._teller.passed) as files:
                    self._keep_files(path.rpartition("/")[0], files, owners, kept)
            except docker.errors.NotFound:
                continue
            except TarError as error:
                self._note("a package database could not be read", error)
        if len(requests_) > _MOST_REQUESTS:
            self._notes.append(f"only {_MOST_REQUESTS} of {len(requests_)} package databases were read")
        for diff_id, (index, wanted) in scanned.items():
            kept[diff_id].complete = len(kept[diff_id]) >= len({file.path for file in wanted})
            self._found[diff_id] = index, kept[diff_id]
            self._cache.save(index, kept[diff_id])

    def _keep_files(
        self,
        folder: str,
        files: Iterator[tuple[Any, Any]],
        owners: Mapping[str, list[tuple[str, WantedFile]]],
        kept: Mapping[str, KeptFiles],
    ) -> None:
        for entry, content in files:
            path = f"{folder}/{entry.name}" if folder else entry.name
            wanted = [each for each in owners.get(path, ()) if each[1].size == entry.stored]
            if not wanted:
                continue
            body = exactly(content, entry.stored)
            crc = fastcrc.crc64.go_iso(body)
            for diff_id, file in wanted:
                if file.crc == crc:
                    kept[diff_id].keep(path, body)

    def _from_stream(self, detail: ImageDetail) -> None:
        size = None if self._is_containerd() else detail.size_bytes or None
        self._teller.stage("waiting", "waiting for the engine to export the image", size)
        count = 0

        def on_layer(known: Mapping[str, ScannedLayer]) -> None:
            nonlocal count
            count += 1
            for diff_id, scanned in known.items():
                self._teller.known(diff_id, scanned.builder.shipped_bytes, len(scanned.builder))
            if count <= len(missing):
                self._teller.layer(None)

        missing = self._missing()
        try:
            with self._connected() as client:
                streamed = stream_image(
                    client,
                    self._image_id,
                    self._diff_ids,
                    self._budget,
                    stop=self._stop,
                    watch=self._teller.passed,
                    on_layer=on_layer,
                )
        except TarError as error:
            reason = f"the engine's export of the image cannot be read: {printable(str(error))}"
            raise EngineError(reason, "look at the engine's log: journalctl -u docker") from error
        self._take_provenance(streamed.provenance, streamed.problem)
        for diff_id, scanned in zip(self._diff_ids, streamed.layers, strict=True):
            if diff_id not in self._found:
                index = scanned.index(diff_id)
                self._found[diff_id] = index, scanned.kept
                self._cache.save(index, scanned.kept)

    def _read_provenance(self) -> None:
        if self._attested is False:
            return
        stores = content_stores(self._info)
        local = self._engine.endpoint.is_local
        if told := local_provenance(stores, self._image_id, self._diff_ids) if local else None:
            self._take_provenance(*told)
        elif self._attested is None:
            self._notes.append("whether provenance is attached is not known: the engine does not tell")
        elif not self._settings.image_helper:
            self._notes.append("its provenance was not read: image_helper is false")
        else:
            self._teller.stage("helper", "reading its provenance through a helper container, never started")
            try:
                with self._connected() as client:
                    told = helper_provenance(
                        client, stores, self._image_id, self._diff_ids, budget=self._budget, stop=self._stop
                    )
                self._take_provenance(*told)
            except _FAILURES as error:
                self._note("its provenance could not be read through a helper container", error)

    def _take_provenance(self, provenance: Provenance | None, problem: str) -> None:
        self._provenance = provenance
        self._attested = False
        if problem:
            self._notes.append(problem)

    @contextmanager
    def _connected(self) -> Iterator[docker.APIClient]:
        """A client with patience, so that no short request of others waits for it."""
        client = connect(self._engine.endpoint, timeout=HELPER_SECONDS)
        try:
            with translated(self._engine.endpoint.address):
                yield client
        finally:
            client.close()

    def _note(self, what: str, error: BaseException) -> None:
        if isinstance(error, WorkbenchError):
            why = error.reason
        elif isinstance(error, OSError) and error.strerror:
            why = error.strerror
        elif isinstance(error, TarError):
            why = printable(str(error))
        else:
            why = explain(error, self._engine.endpoint.address).reason
        self._notes.append(f"{what}: {why}")


def sweep_helpers(engine: Engine) -> int:
    """Remove the helper containers that killed runs left in an engine. To be called once at a start.

    Returns:
        How many there were.

    Raises:
        EngineError: when the engine cannot be asked.
    """
    with engine.talk() as connection:
        return remove_leftovers(connection.client)


def _requests(paths: Mapping[str, object]) -> list[str]:
    """The directories and files to fetch so that all of `paths` come, and little else."""
    wanted: dict[str, None] = {}
    for path in sorted(paths):
        if path.startswith("var/lib/dpkg/"):
            wanted["var/lib/dpkg"] = None
            continue
        folder, _, name = path.rpartition("/")
        whole = folder.endswith((".dist-info", ".egg-info", "/conda-meta"))
        wanted[folder if whole else f"{folder}/{name}" if folder else name] = None
    return list(wanted)


def _index(
    detail: ImageDetail,
    layers: tuple[LayerIndex, ...],
    via: AcquiredVia,
    config: Answer,
    cached: int,
    spared: int,
    notes: tuple[str, ...],
    provenance: Provenance | None,
) -> ImageIndex:
    labels = part(config, "Labels")
    return ImageIndex(
        detail=detail,
        layers=layers,
        acquired_via=via,
        labels=masked_pairs((name, value) for name, value in labels.items() if isinstance(value, str)),
        healthcheck=has_health_check(config),
        settings=inherited_settings(config),
        layers_from_cache=cached,
        bytes_spared=spared,
        notes=notes,
        provenance=provenance,
    )
