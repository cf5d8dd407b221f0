"""Images of a real engine: its list, and layers that agree with its own history."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine
from workbench.errors import NotFound
from workbench.measure.secrets import MASK
from workbench.sources.live import LiveWorld


@pytest.fixture
def world(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWorld]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    world = LiveWorld("")
    yield world
    world.close()


def rootfs(engine: Engine, image_id: str) -> list[str]:
    layers: list[str] = engine.client.images.get(image_id).attrs["RootFS"]["Layers"]
    return layers


def test_the_list_agrees_with_the_engine(
    engine: Engine, world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    container_factory(base_image, ["true"]).wait()
    found = world.images.read()
    base = next(image for image in found if base_image in image.references)
    known = engine.client.images.get(base_image)
    assert (base.id, base.size_bytes) == (known.id, known.attrs["Size"])
    assert (base.containers or 0) >= 1
    sizes = [image.size_bytes for image in found]
    assert sizes == sorted(sizes, reverse=True)


def test_a_dangling_image_is_listed_without_references(world: LiveWorld, image_factory: ImageFactory) -> None:
    made = image_factory("FROM scratch\nLABEL a=b\nCOPY Dockerfile /x\n")
    assert next(image for image in world.images.read() if image.id == made.id).references == ()


def test_layers_of_a_built_image(
    engine: Engine, world: LiveWorld, base_image: str, image_factory: ImageFactory
) -> None:
    made = image_factory(
        f"""FROM {base_image}
ARG BUILD_TOKEN=none
ENV API_TOKEN=hunter2
WORKDIR /made/here
RUN head -c 300000 /dev/zero > zeros
RUN true
COPY Dockerfile /copied
EXPOSE 8000
CMD ["python3", "-m", "http.server"]
""",
        buildargs={"BUILD_TOKEN": "hunter2"},
    )
    assert made.id
    image = world.image(made.id)
    base = world.image(base_image)
    assert image.layers[: len(base.layers)] == base.layers
    mine = image.layers[len(base.layers) :]
    told = [layer.instruction.replace("[", "").split('"')[0] for layer in mine]
    assert told[:2] == ["ARG BUILD_TOKEN=" + MASK, "ENV API_TOKEN=" + MASK]
    assert [layer.instruction for layer in mine if layer.size_bytes == 300_000] == [
        "RUN head -c 300000 /dev/zero > zeros"
    ]
    assert sum(layer.size_bytes for layer in image.layers) == image.size_bytes
    layers = rootfs(engine, made.id)
    indexes = [layer.index for layer in image.layers if layer.index is not None]
    assert indexes == list(range(len(layers)))
    for layer in image.layers:
        assert layer.diff_id is None or layer.diff_id == layers[layer.index or 0]
    (zeros,) = (layer for layer in mine if layer.size_bytes == 300_000)
    (copied,) = (layer for layer in mine if layer.instruction.startswith("COPY"))
    assert copied.diff_id == layers[-1]
    assert zeros.index is not None
    assert image.environment[-1] == ("API_TOKEN", MASK)
    assert (image.working_dir, image.command) == ("/made/here", ("python3", "-m", "http.server"))
    assert image.exposed_ports == ("8000/tcp",)
    assert "hunter2" not in repr(image)


def test_sizes_agree_with_docker_history(
    engine: Engine, world: LiveWorld, base_image: str, image_factory: ImageFactory
) -> None:
    made = image_factory(f"FROM {base_image}\nRUN head -c 12345 /dev/zero > /zeros\nCMD true\n")
    assert made.id
    done = subprocess.run(
        ["docker", "history", "--no-trunc", "--human=false", "--format", "{{json .}}", made.id],
        env=dict(engine.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [int(json.loads(line)["Size"]) for line in reversed(done.stdout.splitlines())]
    assert [layer.size_bytes for layer in world.image(made.id).layers] == theirs


def test_an_image_that_is_gone(world: LiveWorld) -> None:
    with pytest.raises(NotFound):
        world.image("workbench-test/no-such-image:ever")
