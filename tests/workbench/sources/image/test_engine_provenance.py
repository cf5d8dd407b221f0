"""Provenance of images that an engine's containerd store keeps: from the stream, the content store, or nowhere.

The image is what such an engine exported, so that its blobs are what its content store holds.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from tests.workbench.sources.image.tars import digest
from tests.workbench.sources.image.test_archive_provenance import (
    LINES,
    Documents,
    blob,
    golden,
    put,
    replaced,
    statement_of,
    with_statement,
)
from workbench.measure.analysis import analyse
from workbench.model.image_index import ImageIndex
from workbench.settings import Settings
from workbench.sources.acquire import acquire
from workbench.sources.engine import Engine
from workbench.sources.engine_provenance import content_stores
from workbench.sources.layer_cache import LayerCache

NAME = "shop/api:1"
ATTESTATION = {"Kind": "attestation", "Available": True}


class Keeper:
    """An engine with a containerd store that keeps one image, whose layers are in the cache after the first time."""

    def __init__(self, fake: FakeEngine, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.engine = Engine(fake.endpoint)
        self.cache = LayerCache(folder / "cache")
        fake.version["ApiVersion"] = "1.51"
        fake.info["DriverStatus"] = [["driver-type", "io.containerd.snapshotter.v1"]]
        fake.info["DockerRootDir"] = str(folder / "docker")
        self.store = folder / "docker/containerd/daemon/io.containerd.content.v1.content"
        self.files: Documents = {}
        self.has(golden("docker-save"))

    def has(self, files: Documents, *manifests: Any) -> None:
        """Keep an image; `manifests` is what the engine tells of it."""
        self.files = files
        self.id: str = json.loads(files["index.json"])["manifests"][0]["digest"]
        config = json.loads(files[json.loads(files["manifest.json"])[0]["Config"]])
        told = {"Id": self.id, "RepoTags": [NAME], "Size": 1, "RootFS": {"Layers": config["rootfs"]["diff_ids"]}}
        told["Manifests"] = [{"Kind": "image", "Available": True}, *(manifests or (ATTESTATION,))]
        for name in (NAME, self.id):
            self.fake.image[name] = told
            self.fake.history[name] = []

    def seen(self) -> None:
        """Put the image's layers into the cache."""
        self.fake.exports[self.id] = [put(self.folder, self.files).read_bytes()]
        self.read()
        self.fake.exports.clear()
        self.fake.asked.clear()

    def keep(self, files: Documents | None = None) -> None:
        """Write the blobs into the content store."""
        for name, content in (self.files if files is None else files).items():
            if name.startswith("blobs/"):
                path = self.store / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def read(self, **settings: Any) -> ImageIndex:
        return acquire(self.engine, NAME, settings=Settings(**settings), cache=self.cache).index


@pytest.fixture
def keeper(fake_engine: FakeEngine, tmp_path: Path) -> Iterator[Keeper]:
    made = Keeper(fake_engine, tmp_path)
    yield made
    made.engine.close()


@pytest.mark.parametrize("version", ["1.41", "1.51"])
def test_an_image_that_is_streamed_tells_its_lines_in_passing(keeper: Keeper, version: str) -> None:
    keeper.fake.version["ApiVersion"] = version
    keeper.fake.exports[keeper.id] = [put(keeper.folder, keeper.files).read_bytes()]
    index = keeper.read()
    assert (index.acquired_via, index.notes, analyse(index).dockerfile_lines) == ("stream", (), LINES)


@pytest.mark.parametrize("version", ["1.41", "1.51"])
def test_an_image_from_the_cache_tells_them_by_the_content_store(keeper: Keeper, version: str) -> None:
    keeper.fake.version["ApiVersion"] = version
    keeper.seen()
    keeper.keep()
    index = keeper.read()
    assert (index.acquired_via, index.notes, analyse(index).dockerfile_lines) == ("cache", (), LINES)
    assert not [path for path in keeper.fake.asked if path.endswith("get")]


def test_only_documents_are_read_from_the_content_store(keeper: Keeper) -> None:
    keeper.seen()
    keeper.keep({name: content for name, content in keeper.files.items() if content[:1] == b"{"})
    assert analyse(keeper.read()).dockerfile_lines == LINES


@pytest.mark.parametrize("told", [{"Kind": "attestation", "Available": False}, {"Kind": "image", "Available": True}])
def test_where_no_attestation_is_kept_nothing_is_looked_for(keeper: Keeper, told: dict[str, Any]) -> None:
    keeper.seen()
    keeper.keep()  # it would be found
    keeper.has(keeper.files, told)
    index = keeper.read()
    assert (index.acquired_via, index.provenance, index.notes) == ("cache", None, ())


def test_a_classic_store_is_asked_nothing_more(keeper: Keeper) -> None:
    keeper.seen()
    keeper.keep()
    keeper.read()
    asked = len(keeper.fake.asked)
    keeper.fake.info["DriverStatus"] = [["Backing Filesystem", "extfs"]]
    keeper.fake.asked.clear()
    index = keeper.read()
    assert (index.provenance, index.notes, len(keeper.fake.asked)) == (None, (), asked - 1)


def test_what_is_out_of_reach_is_said(keeper: Keeper) -> None:
    keeper.seen()
    index = keeper.read(image_helper=False)
    assert (index.provenance, index.notes) == (None, ("its provenance was not read: image_helper is false",))
    (note,) = keeper.read().notes
    assert note.startswith("its provenance could not be read through a helper container: the engine")
    assert not [path for path in keeper.fake.asked if path.endswith("get")]


MANIFESTS: list[Any] = [None, 7, "x", [7], [{"Kind": 7}], [{"Kind": "attestation", "Available": "no"}]]


@pytest.mark.parametrize("told", MANIFESTS)
def test_an_engine_that_does_not_tell_leaves_it_unknown(keeper: Keeper, told: Any) -> None:
    keeper.seen()
    keeper.fake.image[keeper.id]["Manifests"] = told
    index = keeper.read()
    note = "whether provenance is attached is not known: the engine does not tell"
    assert (index.acquired_via, index.provenance, index.notes) == ("cache", None, (note,))
    keeper.keep()
    assert analyse(keeper.read()).dockerfile_lines == LINES


def no_json(files: Documents) -> Documents:
    return with_statement(files, b"{" * 100_000)


def of_another(files: Documents) -> Documents:
    document = json.loads(statement_of(files))
    document["subject"] = [{"digest": {"sha256": "0" * 64}}]
    return with_statement(files, json.dumps(document).encode())


def too_large(files: Documents) -> Documents:
    return with_statement(files, statement_of(files) + b" " * 5_000_000)


def forged(files: Documents) -> Documents:
    return {**files, blob(statement_of(files)): b'{"_type": "another"}'}


def gone(files: Documents) -> Documents:
    return {name: content for name, content in files.items() if content != statement_of(files)}


@pytest.mark.parametrize("damage", [no_json, of_another, too_large, forged, gone])
def test_a_damaged_statement_is_ignored_with_a_note(keeper: Keeper, damage: Callable[[Documents], Documents]) -> None:
    keeper.has(damage(keeper.files))
    keeper.seen()
    keeper.keep()
    index = keeper.read(image_helper=False)
    assert (index.acquired_via, index.provenance) == ("cache", None)
    (note,) = index.notes
    assert note.startswith("its provenance is ignored: ")


def index_of(files: Documents) -> bytes:
    return files[f"blobs/sha256/{json.loads(files['index.json'])['manifests'][0]['digest'][7:]}"]


def many(index: Any) -> bytes:
    index["manifests"][:0] = [{"digest": f"sha256:{number:064}"} for number in range(900)]
    return json.dumps(index).encode()


def no_digest(index: Any) -> bytes:
    index["manifests"].insert(0, {"digest": "../../../../etc/passwd"})
    return json.dumps(index).encode()


def deep(_: Any) -> bytes:
    return b'{"manifests":' + b"[" * 100_000


@pytest.mark.parametrize("hostile", [many, no_digest, deep])
def test_a_hostile_index_stops_nothing(keeper: Keeper, hostile: Callable[[Any], bytes]) -> None:
    keeper.seen()
    whole = index_of(keeper.files)
    files = replaced(keeper.files, whole, hostile(json.loads(whole)))
    keeper.has(files)
    keeper.keep()
    index = keeper.read(image_helper=False)
    assert (index.acquired_via, index.provenance) == ("cache", None)
    assert index.notes == ("its provenance was not read: image_helper is false",)


def test_a_store_without_the_image_is_passed_over(keeper: Keeper) -> None:
    keeper.seen()
    keeper.keep({f"blobs/sha256/{digest(b'another')}": b"another"})
    assert keeper.read(image_helper=False).notes == ("its provenance was not read: image_helper is false",)


def test_the_likeliest_store_comes_first() -> None:
    machines = Path("/var/lib/containerd/io.containerd.content.v1.content")
    engines = Path("/srv/docker/containerd/daemon/io.containerd.content.v1.content")
    told: dict[str, Any] = {"DockerRootDir": "/srv/docker"}
    assert content_stores(told) == [engines, machines]
    assert content_stores({**told, "Containerd": {"Address": "/run/containerd/containerd.sock"}}) == [machines, engines]
    assert content_stores({"DockerRootDir": "relative"}) == content_stores({}) == [machines]
