"""Provenance that a modern builder attaches names the Dockerfile's lines, whichever way the image is read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from docker.errors import ImageNotFound

from tests.live.engines import Engine
from tests.live.labels import LABEL, run_id
from workbench.examination import examine
from workbench.measure.analysis import analyse
from workbench.model.acquired import AcquireProgress
from workbench.model.image_index import ImageIndex
from workbench.session import Session
from workbench.settings import Settings
from workbench.sources import acquire as acquire_module
from workbench.sources.acquire_archive import acquire_archive
from workbench.sources.helper import LABEL as HELPER
from workbench.sources.layer_cache import LayerCache

DOCKERFILE = """\
FROM {base} AS made
RUN echo shared > /shared
RUN echo made > /made

FROM {base}
ENV MODE=fast
RUN echo shared > /shared
COPY Dockerfile \\
    /Dockerfile
WORKDIR /srv
RUN <<END
echo one > /one
END
COPY --link --from=made /made /made
"""
LINES = (None, 7, 8, 10, 11, 14)
NAME = "workbench-test/provenance:1"


@pytest.fixture
def context(tmp_path: Path, containerd_base_image: str) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=containerd_base_image))
    return folder


@pytest.fixture
def builder(containerd_engine: Engine) -> Iterator[Engine]:
    """The engine, without what is built in it after the test."""
    yield containerd_engine
    try:
        containerd_engine.client.images.remove(NAME, force=True)
    except ImageNotFound:
        return


def build(engine: Engine, context: Path, *words: str) -> None:
    labels = f"{LABEL}={run_id()}"
    command = ["docker", "buildx", "build", "--tag", NAME, "--label", labels, *words, str(context)]
    done = subprocess.run(command, env=dict(engine.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def read(path: Path, folder: Path) -> ImageIndex:
    return acquire_archive(path, cache=LayerCache(folder / "cache")).index


@pytest.mark.parametrize("version", ["v0.2", "v1"])
@pytest.mark.parametrize("packing", ["gzip", "zstd,force-compression=true"])
def test_an_exported_build_tells_its_lines(
    builder: Engine, context: Path, tmp_path: Path, version: str, packing: str
) -> None:
    path = tmp_path / "image.tar"
    attest = f"type=provenance,mode=max,version={version}"
    build(builder, context, "--attest", attest, "--output", f"type=oci,dest={path},compression={packing}")
    index = read(path, tmp_path)
    assert index.provenance is not None
    assert index.provenance.dockerfile == (context / "Dockerfile").read_text()
    assert (index.provenance.lines, analyse(index).dockerfile_lines) == (LINES, LINES)
    assert index.notes == ()


def test_a_saved_image_tells_its_lines(builder: Engine, context: Path, tmp_path: Path) -> None:
    build(builder, context, "--provenance", "mode=max")
    path = tmp_path / "image.tar"
    with path.open("wb") as file:
        file.writelines(builder.client.images.get(NAME).save(named=True))
    index = read(path, tmp_path)
    assert analyse(index).dockerfile_lines == LINES
    assert index.detail.references[0] == NAME
    assert index.notes == ()


def test_a_build_of_the_least_mode_tells_none(builder: Engine, context: Path, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    build(builder, context, "--provenance", "mode=min", "--output", f"type=oci,dest={path}")
    index = read(path, tmp_path)
    assert (index.provenance, index.notes, analyse(index).lines_by) == (None, (), "")


class Desk:
    """A session on the engine, with a cache of its own."""

    def __init__(self) -> None:
        self.stages: set[str] = set()
        self.messages: set[str] = set()

    def hear(self, told: AcquireProgress) -> None:
        self.stages.add(told.stage)
        self.messages.add(told.message)

    def read(self, *, image_helper: bool = True) -> ImageIndex:
        self.stages.clear()
        self.messages.clear()
        session = Session.live(Settings(image_helper=image_helper))
        try:
            acquired = session.world.acquire(NAME, self.hear, Event())
            examined = examine(acquired)
            acquired.files.close()
        finally:
            session.close()
        expected = LINES if acquired.index.provenance else ()
        assert examined.analysis.dockerfile_lines == expected
        return acquired.index


@pytest.fixture
def desk(builder: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name, value in places(builder, tmp_path).items():
        monkeypatch.setenv(name, value)
    return Desk()


def places(engine: Engine, folder: Path) -> dict[str, str]:
    """The engine's environment, with a user's directories of its own."""
    mine = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    return {**engine.environ, **mine}


def test_an_image_of_an_engine_tells_its_lines_first_and_from_the_cache(
    builder: Engine, context: Path, desk: Desk
) -> None:
    build(builder, context, "--provenance", "mode=max")
    for via in ("stream", "cache"):
        index = desk.read()
        assert (index.acquired_via, index.notes) == (via, ())
        assert index.provenance is not None
        assert index.provenance.dockerfile == (context / "Dockerfile").read_text()
        assert "helper" not in desk.stages


def test_an_engine_elsewhere_tells_them_through_a_helper(
    builder: Engine, context: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(builder, context, "--provenance", "mode=max")
    assert desk.read().acquired_via == "stream"
    monkeypatch.setattr(acquire_module, "local_provenance", lambda *_: None)
    index = desk.read()
    assert (index.acquired_via, index.notes) == ("cache", ())
    assert index.provenance is not None
    assert "reading its provenance through a helper container, never started" in desk.messages
    assert not builder.client.containers.list(all=True, filters={"label": HELPER})
    index = desk.read(image_helper=False)
    assert (index.provenance, index.notes) == (None, ("its provenance was not read: image_helper is false",))
    assert not desk.stages & {"helper", "waiting", "stream"}


def test_an_image_without_provenance_has_no_helper_made_for_it(
    builder: Engine, context: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(builder, context, "--provenance", "false")
    monkeypatch.setattr(acquire_module, "local_provenance", lambda *_: None)
    for via in ("stream", "cache"):
        index = desk.read()
        assert (index.acquired_via, index.provenance, index.notes) == (via, None, ())
        assert "helper" not in desk.stages


def test_the_verb_tells_them_first_and_from_the_cache(builder: Engine, context: Path, tmp_path: Path) -> None:
    build(builder, context, "--provenance", "mode=max")
    command = [sys.executable, "-m", "workbench", "image", NAME, "--json"]
    for via in ("stream", "cache"):
        done = subprocess.run(command, env=places(builder, tmp_path), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["acquired_via"], told["dockerfile_lines_by"], told["notes"]) == (via, "provenance", [])
        assert tuple(layer["dockerfile_line"] for layer in told["layers"]) == LINES
