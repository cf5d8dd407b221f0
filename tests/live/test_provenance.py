"""Provenance that a modern builder attaches names the Dockerfile's lines, whichever way the image leaves it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import ImageNotFound

from tests.live.engines import Engine
from tests.live.labels import LABEL, run_id
from workbench.measure.analysis import analyse
from workbench.model.image_index import ImageIndex
from workbench.sources.acquire_archive import acquire_archive
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
def context(tmp_path: Path, base_image: str) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=base_image))
    return folder


@pytest.fixture
def builder(engine: Engine, base_image: str, containerd_engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """The engine with the base image, without what is built in it after the test."""
    with (tmp_path / "base.tar").open("w+b") as archive:
        archive.writelines(engine.client.images.get(base_image).save(named=True))
        archive.seek(0)
        containerd_engine.client.images.load(archive)
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
