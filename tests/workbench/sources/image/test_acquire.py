"""Each layer comes from the quickest place that has it, and every place gives the same."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from tests.workbench.sources.image.tars import (
    BASE,
    CODE,
    LAYERS,
    columns,
    digest,
    layout,
    modern_save,
    outer,
    saved,
    zstd,
)
from tests.workbench.sources.image.test_acquire_archive import acquired, put
from tests.workbench.sources.image.test_tar_split import STATUS, Store
from workbench.errors import EngineError, EngineUnreachable, NotFound, Stopped, WorkbenchError
from workbench.model.acquired import AcquiredImage, AcquireProgress, LayerFigures
from workbench.settings import Settings
from workbench.sources.acquire import acquire
from workbench.sources.engine import Engine
from workbench.sources.layer_cache import LayerCache
from workbench.sources.layer_store import chain_ids

NAME = "shop/api:1.4"
ID = "sha256:" + "1" * 64
DIFF_IDS = [f"sha256:{digest(layer)}" for layer in LAYERS]
ARM, AMD = "linux/arm64", "linux/amd64"


class Desk:
    """An engine with one image, a cache, and what was told on the way."""

    def __init__(self, fake: FakeEngine, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.engine = Engine(fake.endpoint)
        self.cache = LayerCache(folder / "cache")
        self.told: list[AcquireProgress] = []
        inspected = {
            "Id": ID,
            "RepoTags": [NAME],
            "Size": 70_100,
            "RootFS": {"Layers": DIFF_IDS},
            "Config": {"Labels": {"a": "b", "password": "hunter2"}, "Healthcheck": {"Test": ["CMD", "true"]}},
        }
        for name in (NAME, ID):
            fake.image[name] = inspected
            fake.history[name] = []
        fake.info["DockerRootDir"] = str(folder / "docker")

    def acquire(self, stop: Event | None = None, **settings: Any) -> AcquiredImage:
        return acquire(
            self.engine,
            NAME,
            progress=self.told.append,
            stop=stop,
            settings=Settings(**settings),
            cache=self.cache,
        )

    def store(self, *layers: bytes) -> None:
        """Put layers into the engine's store on this machine."""
        for chain, layer in zip(chain_ids(DIFF_IDS), LAYERS, strict=True):
            if layer in layers:
                files = {"var/lib/dpkg/status": STATUS, "bin/sh": b"s" * 70_000} if layer is BASE else {}
                Store(self.folder / "docker").put(chain, layer, f"id{digest(layer)[:9]}", files)

    def export(self, *pieces: bytes | Event) -> None:
        self.fake.exports[ID] = list(pieces)


@pytest.fixture
def desk(fake_engine: FakeEngine, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(fake_engine, tmp_path)
    yield made
    made.engine.close()


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> AcquiredImage:
    return acquired(put(tmp_path_factory.mktemp("truth"), saved((NAME, LAYERS))))


def same(image: AcquiredImage, truth: AcquiredImage) -> bool:
    return [columns(layer) for layer in image.index.layers] == [columns(layer) for layer in truth.index.layers] and [
        dict(kept) for kept in image.contents
    ] == [dict(kept) for kept in truth.contents]


def test_from_the_layer_store_and_then_from_the_cache(desk: Desk, truth: AcquiredImage) -> None:
    desk.store(*LAYERS)
    image = desk.acquire()
    assert same(image, truth)
    index = image.index
    assert (index.acquired_via, index.layers_from_cache, index.notes) == ("tar-split", 0, ())
    assert index.bytes_spared == sum(layer.shipped_bytes for layer in index.layers)
    assert (index.detail.acquired_via, index.healthcheck, index.labels[0]) == ("inspect", True, ("a", "b"))
    assert index.settings == (("health check", "CMD true"),)
    assert "hunter2" not in repr(index)
    assert next(told.detail for told in desk.told if told.detail) == index.detail
    assert [told.layer.diff_id for told in desk.told if told.layer] == DIFF_IDS
    assert [told.layers_done for told in desk.told][-1] == 2
    assert image.files.read_file(0, "bin/sh", 3) == b"sss"
    assert not [path for path in desk.fake.asked if path.endswith("get")]
    again = desk.acquire()
    assert same(again, truth)
    assert (again.index.acquired_via, again.index.layers_from_cache) == ("cache", 2)
    assert again.index.bytes_spared == index.bytes_spared


def test_only_layers_that_were_not_seen_are_read(desk: Desk, truth: AcquiredImage) -> None:
    desk.cache.save(truth.index.layers[0], truth.contents[0])  # type: ignore[arg-type]  # it is what a cache keeps
    desk.store(CODE)
    image = desk.acquire()
    assert same(image, truth)
    assert (image.index.acquired_via, image.index.layers_from_cache) == ("tar-split", 1)


EXPORTS: dict[str, Callable[[], bytes]] = {
    "legacy": lambda: saved((NAME, LAYERS)),
    "modern": modern_save,
    "OCI": lambda: outer(layout((NAME, AMD, LAYERS))),
    "OCI, gzip, two platforms": lambda: outer(
        layout((NAME, ARM, (CODE,)), (NAME, AMD, LAYERS), pack=lambda layer: gzip.compress(layer, mtime=0))
    ),
    "OCI, zstd": lambda: outer(layout((NAME, AMD, LAYERS), pack=zstd)),
}


@pytest.mark.parametrize("form", EXPORTS)
def test_from_the_stream(desk: Desk, truth: AcquiredImage, form: str) -> None:
    content = EXPORTS[form]()
    desk.export(*(content[at : at + 701] for at in range(0, len(content), 701)))
    image = desk.acquire(image_helper=False)
    assert same(image, truth)
    assert image.index.acquired_via == "stream"
    assert image.index.notes[0].startswith("the layer store could not be read on this machine: No such file")
    assert image.index.notes[1] == "no helper container was made: image_helper is false"
    assert {"waiting", "stream"} <= {told.stage for told in desk.told} | {"stream"}
    assert desk.told[-1].layers_done == 2
    assert same(desk.acquire(), truth)
    assert desk.fake.asked.count(f"images/{ID}/get") == 1


def figures(image: AcquiredImage) -> tuple[LayerFigures, ...]:
    """Of all its layers."""
    layers = enumerate(image.index.layers)
    return tuple(LayerFigures(place, layer.shipped_bytes, len(layer)) for place, layer in layers)


@pytest.mark.parametrize("form", ["modern", "OCI"])
def test_the_stream_tells_each_layer_as_it_completes(desk: Desk, truth: AcquiredImage, form: str) -> None:
    desk.export(EXPORTS[form]())
    desk.acquire(image_helper=False)
    all_of_it = figures(truth)
    told = list(dict.fromkeys(each.figures for each in desk.told))
    assert [len(each) for each in told] == [0, 1, 2]
    assert told[1][0] in all_of_it
    assert told[2] == all_of_it


def test_layers_from_the_cache_and_the_store_are_told_with_their_places(desk: Desk, truth: AcquiredImage) -> None:
    desk.cache.save(truth.index.layers[1], truth.contents[1])  # type: ignore[arg-type]  # it is what a cache keeps
    desk.store(BASE)
    desk.acquire()
    told = list(dict.fromkeys(each.figures for each in desk.told))
    assert told == [(), figures(truth)[1:], figures(truth)]


def test_a_layer_that_comes_twice_is_told_at_both_places(desk: Desk, truth: AcquiredImage) -> None:
    twice = (BASE, CODE, BASE)
    desk.fake.image[ID]["RootFS"] = {"Layers": [f"sha256:{digest(layer)}" for layer in twice]}
    desk.export(outer(layout((NAME, AMD, twice))))
    desk.acquire(image_helper=False)
    base, code = figures(truth)
    again = LayerFigures(2, base.shipped_bytes, base.entries)
    assert desk.told[-1].figures == (base, code, again)
    assert {len(each.figures) for each in desk.told} in ({0, 2, 3}, {0, 1, 3})


def test_what_each_way_failed_of_is_noted(desk: Desk, truth: AcquiredImage) -> None:
    desk.store(BASE)
    desk.export(saved((NAME, LAYERS)))
    image = desk.acquire()  # this engine cannot make containers
    assert same(image, truth)
    local, through = image.index.notes
    assert local.startswith("the layer store could not be read on this machine: No such file")
    assert through.startswith("the layer store could not be read through a helper container: the engine")
    assert image.index.acquired_via == "stream"
    assert image.index.bytes_spared == truth.index.layers[0].shipped_bytes


def test_a_containerd_store_is_streamed_at_once(desk: Desk, truth: AcquiredImage) -> None:
    desk.fake.info["DriverStatus"] = [["driver-type", "io.containerd.snapshotter.v1"]]
    desk.export(EXPORTS["OCI, zstd"]())
    image = desk.acquire()
    assert same(image, truth)
    assert image.index.notes == ()


def test_an_image_that_is_not_there(desk: Desk) -> None:
    desk.fake.image.clear()
    with pytest.raises(NotFound):
        desk.acquire()


TOLD = b'{"errorDetail":{"message":"no space left"},"error":"write /tmp/x: no space left on device"}\r\n'


def test_an_engine_that_fails_in_the_middle_is_quoted(desk: Desk) -> None:
    content = saved((NAME, LAYERS))
    for cut in (0, 512, 40_000, 75_000):
        desk.export(content[:cut], TOLD)
        with pytest.raises(EngineError, match="broke off: write /tmp/x: no space left on device"):
            desk.acquire(image_helper=False)


def test_an_export_that_is_no_image(desk: Desk) -> None:
    for content, reason in (
        (saved((NAME, LAYERS))[:40_000], "cut short"),
        (b"x" * 5000, "damaged"),
        (saved((NAME, (BASE,))), "no image in it has the layers"),
        (b"", "holds no image"),
    ):
        desk.export(content)
        with pytest.raises(EngineError, match=f"export of the image cannot be read: .*{reason}") as caught:
            desk.acquire(image_helper=False)
        assert caught.value.hint


def test_an_engine_that_refuses(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no such thing"):
        desk.acquire(image_helper=False)


def test_an_engine_that_hangs_up(desk: Desk) -> None:
    gone = Event()
    gone.set()
    desk.export(saved((NAME, LAYERS))[:40_000], gone)
    with pytest.raises(EngineUnreachable, match="hung up"):
        desk.acquire(image_helper=False)


@pytest.mark.parametrize("first", [b"", saved((NAME, LAYERS))[:40_000]])
def test_giving_up_while_nothing_comes(desk: Desk, first: bytes) -> None:
    """Before the first byte, while the engine writes its copy; and in the middle, when it stalls."""
    held, stop, result = Event(), Event(), list[object]()
    desk.export(*([first] if first else []), held, b"x")

    def run() -> None:
        try:
            desk.acquire(stop, image_helper=False)
        except WorkbenchError as error:
            result.append(error)

    worker = Thread(target=run, daemon=True)
    worker.start()
    while not any(told.stage == ("stream" if first else "waiting") for told in desk.told):
        worker.join(0.01)
    assert not result
    stop.set()
    worker.join()
    held.set()
    assert [type(error) for error in result] == [Stopped]


def test_giving_up_before_anything(desk: Desk) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        desk.acquire(stop)


def test_a_file_that_cannot_be_had(desk: Desk) -> None:
    desk.store(*LAYERS)
    image = desk.acquire(image_helper=False)
    with pytest.raises(WorkbenchError, match="no helper container may be made") as caught:
        image.files.read_file(1, "app/main.py", 10)
    assert caught.value.hint == "set image_helper = true"
    with pytest.raises(WorkbenchError, match="ships no such file"):
        image.files.read_file(1, "bin", 10)
