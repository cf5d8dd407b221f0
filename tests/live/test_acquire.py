"""Every way to an image's files gives the same, on both engines; and no helper container stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import docker
import pytest
from docker.errors import NotFound

from tests.live import engines
from tests.live.conftest import ImageFactory
from workbench.errors import WorkbenchError
from workbench.measure.overlay import stack
from workbench.model.acquired import AcquiredImage
from workbench.settings import Settings
from workbench.sources import acquire as acquire_module
from workbench.sources.acquire import acquire, sweep_helpers
from workbench.sources.acquire_archive import acquire_archive
from workbench.sources.endpoint import Endpoint
from workbench.sources.engine import Engine
from workbench.sources.helper import LABEL
from workbench.sources.image_files import extract
from workbench.sources.layer_cache import LayerCache
from workbench.sources.ours import LONGEST_LIFE_SECONDS

DOCKERFILE = """
FROM {base}
RUN mkdir -p /app/a && dd if=/dev/urandom of=/app/a/one bs=1000 count=300 && ln /app/a/one /app/a/hard
RUN cd /app/a && ln -s one soft && mkfifo pipe && mknod null c 1 3 && truncate -s 2M sparse && chmod 4755 one
RUN mkdir -p /usr/lib/python3/dist-packages/x.dist-info && echo x,, > /usr/lib/python3/dist-packages/x.dist-info/RECORD
RUN rm /app/a/hard && chown -R 1000:1000 /app && touch "/app/ün ï" "/app/$(printf 'caf\\351')"
RUN rm -r /app/a && mkdir /app/a && echo new > /app/a/new && echo "$(printf '%0200d' 7)" > /app/$(printf '%0200d' 7)
RUN rm -rf /app/a && true
"""
NAME = "workbench-test/acquire:1"


@pytest.fixture
def built(engine: engines.Engine, image_factory: ImageFactory, base_image: str) -> str:
    image_factory(DOCKERFILE.format(base=base_image), tag=NAME)
    return NAME


@pytest.fixture
def ours(engine: engines.Engine) -> Iterator[Engine]:
    made = Engine(Endpoint(engine.host))
    yield made
    made.close()


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the engine for one whose disk is elsewhere."""
    monkeypatch.setattr(acquire_module._Acquisition, "_local_store", lambda _: None)


def columns(image: AcquiredImage) -> list[Any]:
    names = ("diff_id", "paths", "kinds", "modes", "uids", "gids", "sizes", "mtimes", "crcs", "links")
    return [[getattr(layer, name) for name in names] for layer in image.index.layers]


def databases(image: AcquiredImage) -> list[dict[str, bytes]]:
    return [dict(kept) for kept in image.contents]


def nothing(tmp_path: Path) -> LayerCache:
    return LayerCache(tmp_path / "none", 0)


def helpers(client: docker.DockerClient) -> list[str]:
    return [str(container.id) for container in client.containers.list(all=True, filters={"label": LABEL})]


def test_every_way_gives_the_same(
    engine: engines.Engine, ours: Engine, built: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cache = LayerCache(tmp_path / "cache")
    local = acquire(ours, built, cache=cache)
    again = acquire(ours, built, cache=cache)
    path = tmp_path / "image.tar"
    with path.open("wb") as file:
        file.writelines(engine.client.images.get(built).save(named=True))
    archive = acquire_archive(path, cache=nothing(tmp_path))
    request.getfixturevalue("remote")
    helped = acquire(ours, built, cache=nothing(tmp_path))
    streamed = acquire(ours, built, cache=nothing(tmp_path), settings=Settings(image_helper=False))
    if os.geteuid() == 0:
        assert (local.index.acquired_via, local.index.notes) == ("tar-split", ())
    assert (again.index.acquired_via, again.index.layers_from_cache) == ("cache", len(again.index.layers))
    assert (helped.index.acquired_via, helped.index.notes) == ("tar-split", ())
    assert (streamed.index.acquired_via, archive.index.acquired_via) == ("stream", "archive")
    for image in (again, archive, helped, streamed):
        assert columns(image) == columns(local)
        assert databases(image) == databases(local)
    assert any(name.endswith("x.dist-info/RECORD") for kept in local.contents for name in kept)
    assert "var/lib/dpkg/status" in local.contents[0]
    assert helpers(engine.client) == []

    # What the engine itself says of sizes; symbolic links count there and not here.
    overlay = stack(local.index.layers)
    links = sum(len(link.encode()) for layer in local.index.layers for number, link in layer.links.items()
                if layer.kinds[number] == b"l"[0])  # fmt: skip
    assert overlay.shipped_bytes + links == engine.client.images.get(built).attrs["Size"]
    assert overlay.hidden_bytes("copied_up") == 300_000 + 2 * 1024**2
    assert {"app/caf\udce9", f"app/{7:0200d}"} <= {name for layer in local.index.layers for name in layer.each_path()}


def test_the_modern_engines_way_gives_the_same(
    engine: engines.Engine,
    ours: Engine,
    built: str,
    modern_engine: engines.Engine,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    truth = acquire(ours, built, cache=nothing(tmp_path))
    path = tmp_path / "image.tar"
    with path.open("wb") as file:
        file.writelines(engine.client.images.get(built).save(named=True))
    with path.open("rb") as file:
        modern_engine.client.images.load(file)
    modern = Engine(Endpoint(modern_engine.host))
    try:
        image = acquire(modern, built, cache=nothing(tmp_path))
        request.getfixturevalue("remote")
        streamed = acquire(modern, built, cache=nothing(tmp_path), settings=Settings(image_helper=False))
        helped = acquire(modern, built, cache=nothing(tmp_path))
        shown = image.files.read_file(0, "usr/lib/os-release", 10)
        with path.open("wb") as file:
            file.writelines(modern_engine.client.images.get(built).save(named=True))
    finally:
        modern.close()
        modern_engine.client.images.remove(built, force=True)
    archive = acquire_archive(path, cache=nothing(tmp_path))
    assert archive.index.detail.references == (NAME,)
    assert streamed.index.acquired_via == "stream"
    for found in (image, streamed, helped, archive):
        assert columns(found) == columns(truth)
        assert databases(found) == databases(truth)
    assert shown == truth.files.read_file(0, "usr/lib/os-release", 10)
    assert helpers(modern_engine.client) == []


def test_an_image_that_buildkit_built_is_the_same_by_every_way(
    modern_engine: engines.Engine,
    modern_base_image: str,
    labels: dict[str, str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "note.txt").write_text("copied")
    steps = "COPY --chmod=600 note.txt /app/\nRUN --mount=type=cache,target=/var/cache/x chmod 644 /app/note.txt\n"
    (context / "Dockerfile").write_text(DOCKERFILE.format(base=modern_base_image) + steps)
    marks = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
    command = ["docker", "buildx", "build", "--load", "--quiet", "--tag", NAME, *marks, str(context)]
    subprocess.run(command, env=modern_engine.environ, check=True, capture_output=True)
    modern = Engine(Endpoint(modern_engine.host))
    path = tmp_path / "image.tar"
    try:
        local = acquire(modern, NAME, cache=nothing(tmp_path))
        request.getfixturevalue("remote")
        helped = acquire(modern, NAME, cache=nothing(tmp_path))
        streamed = acquire(modern, NAME, cache=nothing(tmp_path), settings=Settings(image_helper=False))
        with path.open("wb") as file:
            file.writelines(modern_engine.client.images.get(NAME).save(named=True))
    finally:
        modern.close()
        modern_engine.client.images.remove(NAME, force=True)
    archive = acquire_archive(path, cache=nothing(tmp_path))
    assert [way.index.acquired_via for way in (local, helped, streamed, archive)] == [
        "tar-split", "tar-split", "stream", "archive",
    ]  # fmt: skip
    for found in (helped, streamed, archive):
        assert columns(found) == columns(local)
        assert databases(found) == databases(local)
    told = [layer.instruction for layer in local.index.detail.layers]
    assert "chmod 644 /app/note.txt" in told[-1]
    assert stack(local.index.layers).hidden_bytes("copied_up") == 300_000 + 2 * 1024**2 + len("copied")
    assert helpers(modern_engine.client) == []


@pytest.mark.parametrize("packing", ["gzip", "zstd", "uncompressed"])
def test_an_image_in_containerds_store_is_the_same_by_every_way(
    containerd_engine: engines.Engine,
    containerd_base_image: str,
    labels: dict[str, str],
    tmp_path: Path,
    packing: str,
) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(DOCKERFILE.format(base=containerd_base_image))
    marks = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
    output = f"type=image,name={NAME},compression={packing},force-compression=true"
    layout, saved = tmp_path / "layout.tar", tmp_path / "saved.tar"
    command = ["docker", "buildx", "build", "--quiet", *marks, str(context), "--output"]
    store = Engine(Endpoint(containerd_engine.host))
    cache = LayerCache(tmp_path / "cache")
    try:
        for one in (output, f"type=oci,dest={layout}"):
            subprocess.run([*command, one], env=containerd_engine.environ, check=True, capture_output=True)
        streamed = acquire(store, NAME, cache=cache)
        again = acquire(store, NAME, cache=cache)
        with saved.open("wb") as file:
            file.writelines(containerd_engine.client.images.get(NAME).save(named=True))
        shown = again.files.read_file(0, "usr/lib/os-release", 10)
    finally:
        store.close()
        containerd_engine.client.images.remove(NAME, force=True)
    archive = acquire_archive(saved, cache=nothing(tmp_path))
    exported = acquire_archive(layout, cache=nothing(tmp_path))
    assert [way.index.acquired_via for way in (streamed, again, archive, exported)] == [
        "stream", "cache", "archive", "archive",
    ]  # fmt: skip
    for found in (streamed, again, archive, exported):
        assert found.index.notes == ()
        assert columns(found) == columns(streamed)
        assert databases(found) == databases(streamed)
    assert "var/lib/dpkg/status" in streamed.contents[0]
    overlay = stack(streamed.index.layers)
    assert overlay.hidden_bytes("copied_up") == 300_000 + 2 * 1024**2
    assert shown == archive.files.read_file(0, "usr/lib/os-release", 10)
    assert helpers(containerd_engine.client) == []


def test_an_image_is_the_same_in_containerds_store(
    engine: engines.Engine, ours: Engine, built: str, containerd_engine: engines.Engine, tmp_path: Path
) -> None:
    truth = acquire(ours, built, cache=nothing(tmp_path))
    path = tmp_path / "image.tar"
    with path.open("wb") as file:
        file.writelines(engine.client.images.get(built).save(named=True))
    with path.open("rb") as file:
        containerd_engine.client.images.load(file)
    store = Engine(Endpoint(containerd_engine.host))
    try:
        image = acquire(store, built, cache=nothing(tmp_path))
    finally:
        store.close()
        containerd_engine.client.images.remove(built, force=True)
    assert (image.index.acquired_via, image.index.notes) == ("stream", ())
    assert columns(image) == columns(truth)
    assert databases(image) == databases(truth)


def test_files(
    engine: engines.Engine, ours: Engine, built: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    local = acquire(ours, built, cache=nothing(tmp_path))
    for name in ("one", "hard"):
        assert len(local.files.read_file(1, f"app/a/{name}", 10**6)) == 300_000
    with pytest.raises(WorkbenchError, match="ships no such file"):
        local.files.read_file(2, "app/a/soft", 10)
    request.getfixturevalue("remote")
    remote = acquire(ours, built, cache=nothing(tmp_path))
    assert remote.files.read_file(0, "usr/lib/os-release", 20) == local.files.read_file(0, "usr/lib/os-release", 20)
    with pytest.raises(WorkbenchError, match="a layer above hides it"):
        remote.files.read_file(1, "app/a/one", 10)
    for number, image in enumerate((local, remote)):
        size = extract(image.files, [(0, "usr/lib/os-release"), (0, "etc/passwd")], tmp_path / f"out{number}")
        assert size == sum(path.stat().st_size for path in (tmp_path / f"out{number}").rglob("*") if path.is_file())
    assert helpers(engine.client) == []


def test_a_volume_of_the_image_is_not_left_behind(
    engine: engines.Engine, ours: Engine, image_factory: ImageFactory, base_image: str, tmp_path: Path, remote: None
) -> None:
    before = {volume.id for volume in engine.client.volumes.list()}
    image_factory(f"FROM {base_image}\nVOLUME /etc\nCMD []", tag=NAME)
    assert acquire(ours, NAME, cache=nothing(tmp_path)).index.acquired_via == "tar-split"
    assert {volume.id for volume in engine.client.volumes.list()} <= before
    assert helpers(engine.client) == []


HANGS = """
import sys
import time
from threading import Event
from workbench.sources.byte_stream import Budget
from workbench.sources.endpoint import Endpoint, connect
from workbench.sources.helper import helper
with helper(connect(Endpoint(sys.argv[1])), sys.argv[2], "", Budget(9, 9), Event()):
    print("made", flush=True)
    if sys.argv[3] == "fails":
        raise OSError("it fails")
    sys.stdin.read()
"""


def test_the_helper_of_a_killed_run_goes_at_the_next_start(
    engine: engines.Engine, ours: Engine, base_image: str
) -> None:
    arguments = [sys.executable, "-c", HANGS, engine.host, base_image]
    with subprocess.Popen([*arguments, "hangs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed, \
         subprocess.Popen([*arguments, "hangs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as living:  # fmt: skip
        assert killed.stdout is not None
        assert living.stdout is not None
        assert killed.stdout.readline() == living.stdout.readline() == b"made\n"
        made = helpers(engine.client)
        assert len(made) == 2
        assert sweep_helpers(ours) == 0  # both live
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert sweep_helpers(ours) == 1
        (left,) = helpers(engine.client)
        container = engine.client.containers.get(left)
        assert container.labels[LABEL] == str(living.pid)
        assert (container.status, container.attrs["HostConfig"]["NetworkMode"]) == ("created", "none")
        living.communicate()
        assert living.returncode == 0
    assert helpers(engine.client) == []


@pytest.mark.parametrize("how", ["fails", "interrupted"])
def test_the_helper_goes_when_the_work_fails(engine: engines.Engine, base_image: str, how: str) -> None:
    arguments = [sys.executable, "-c", HANGS, engine.host, base_image, how]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"made\n"
        if how == "interrupted":
            worker.send_signal(signal.SIGINT)
        worker.wait()
    assert helpers(engine.client) == []


def test_an_old_helper_goes_and_others_containers_stay(
    engine: engines.Engine, ours: Engine, base_image: str, labels: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = engine.client.api
    elsewhere = {LABEL: "1", f"{LABEL}.host": "elsewhere/1", f"{LABEL}.started": "1"}
    foreign = api.create_container(base_image, ["true"], labels={**labels, **elsewhere})["Id"]
    started = api.create_container(base_image, ["true"], labels={**labels, **elsewhere})["Id"]
    api.start(started)
    api.wait(started)
    assert sweep_helpers(ours) == 0
    now = time.time()
    monkeypatch.setattr("workbench.sources.helper.time.time", lambda: now + LONGEST_LIFE_SECONDS + 400)
    assert sweep_helpers(ours) == 1
    with pytest.raises(NotFound):
        api.inspect_container(foreign)
    api.inspect_container(started)
    api.remove_container(started)


def test_giving_up_leaves_nothing(
    engine: engines.Engine, ours: Engine, built: str, tmp_path: Path, remote: None
) -> None:
    stop = Event()

    def watch(told: Any) -> None:
        if told.stage == "helper" and told.layers_done:
            stop.set()

    with pytest.raises(WorkbenchError, match="stopped"):
        acquire(ours, built, progress=watch, stop=stop, cache=nothing(tmp_path))
    assert helpers(engine.client) == []
