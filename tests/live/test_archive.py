"""An archive of a real image tells what its engine tells."""

import tarfile
from pathlib import Path

import pytest

from tests.live.conftest import ImageFactory
from tests.live.engines import Engine
from workbench.sources.archive import read_archive
from workbench.sources.images import image_detail

DOCKERFILE = """
FROM {base}
ENV API_TOKEN=hunter2
RUN mkdir -p /app/a && dd if=/dev/urandom of=/app/a/one bs=1000 count=700
RUN cd /app/a && ln one hard && ln -s one soft
RUN chmod 600 /app/a/one && truncate -s 5M /app/sparse && rm /app/a/hard
RUN rm /app/a/one && touch /app/empty "/app/ün ï"
USER 1000
CMD ["python3", "--token", "hunter2"]
"""


def save(engine: Engine, name: str, path: Path) -> Path:
    with path.open("wb") as file:
        file.writelines(engine.client.images.get(name).save(named=True))
    return path


def symbolic_link_bytes(path: Path) -> int:
    """The length of all that symbolic links point to: an engine on overlay2 counts it as size."""
    total = 0
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.endswith("layer.tar"):
                with tarfile.open(fileobj=archive.extractfile(member)) as layer:
                    total += sum(len(entry.linkname.encode()) for entry in layer if entry.issym())
    return total


@pytest.mark.parametrize("kind", ["engine", "modern_engine"])
def test_a_saved_image_is_the_engines_image(
    request: pytest.FixtureRequest, kind: str, image_factory: ImageFactory, base_image: str, tmp_path: Path
) -> None:
    engine: Engine = request.getfixturevalue("engine")
    image = image_factory(DOCKERFILE.format(base=base_image), tag="workbench-test/archive:1")
    path = save(engine, "workbench-test/archive:1", tmp_path / "image.tar")
    if kind == "modern_engine":
        # Loaded there and saved again: the new engine's archive of the same image.
        engine = request.getfixturevalue("modern_engine")
        with path.open("rb") as file:
            engine.client.images.load(file)
        path = save(engine, "workbench-test/archive:1", tmp_path / "modern.tar")
    told = image_detail(engine.client.api, "workbench-test/archive:1")
    read = read_archive(path)
    if kind == "modern_engine":
        engine.client.images.remove("workbench-test/archive:1", force=True)
    assert read.references == ("workbench-test/archive:1",)
    assert [layer.instruction for layer in read.layers] == [layer.instruction for layer in told.layers]
    assert [layer.index for layer in read.layers] == [layer.index for layer in told.layers]
    assert read.environment == told.environment
    assert read.command == told.command
    assert (read.user, read.architecture, read.created) == (told.user, told.architecture, told.created)
    assert [layer.diff_id for layer in read.layers if layer.diff_id] == image.attrs["RootFS"]["Layers"]
    if kind == "engine":  # a containerd store names images by their manifest and counts compressed blobs as well
        assert read.id == told.id == image.id
        assert read.size_bytes + symbolic_link_bytes(path) == told.size_bytes
        pairs = [(mine.size_bytes, theirs.size_bytes) for mine, theirs in zip(read.layers, told.layers, strict=True)]
        assert {(0, 0), (700_000, 700_000)} <= set(pairs)
    assert "hunter2" not in repr(read)
