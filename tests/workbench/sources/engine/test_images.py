from collections.abc import Iterator

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.errors import NotFound
from workbench.measure.secrets import MASK
from workbench.sources.live import LiveWorld


@pytest.fixture
def world(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWorld]:
    monkeypatch.setenv("DOCKER_HOST", fake_engine.endpoint.address)
    world = LiveWorld("")
    yield world
    world.close()


def test_the_list_has_the_biggest_first_and_dangling_ones_too(fake_engine: FakeEngine, world: LiveWorld) -> None:
    fake_engine.images = [
        {"Id": "sha256:1", "RepoTags": ["app:1", "app:latest"], "Size": 10, "Created": 1_700_000_000},
        {"Id": "sha256:2", "RepoTags": ["<none>:<none>"], "RepoDigests": ["app@sha256:0"], "Size": 30, "Created": 5},
        {"Id": "sha256:3", "RepoTags": None, "Size": 20},
    ]
    fake_engine.add("a" * 64, "one")
    fake_engine.add("b" * 64, "two", "exited")
    found = world.images.read()
    assert [(image.id, image.references, image.size_bytes, image.containers) for image in found] == [
        ("sha256:2", (), 30, 0),
        ("sha256:3", (), 20, 0),
        ("sha256:1", ("app:1", "app:latest"), 10, 2),
    ]
    assert found[2].created_at == 1_700_000_000.0


def test_one_image(fake_engine: FakeEngine, world: LiveWorld) -> None:
    fake_engine.image["app:1"] = {
        "Id": "sha256:1",
        "RepoTags": ["app:1"],
        "Size": 120,
        "Architecture": "amd64",
        "Os": "linux",
        "Created": "2026-11-20T16:55:50.7Z",
        "RootFS": {"Layers": ["sha256:a", "sha256:b"]},
        "Config": {
            "User": "app",
            "WorkingDir": "/app",
            "Entrypoint": ["serve"],
            "Cmd": ["--token", "hunter2"],
            "ExposedPorts": {"80/tcp": {}},
            "Env": ["PATH=/bin", "API_TOKEN=hunter2", "odd"],
        },
    }
    fake_engine.history["sha256:1"] = [
        {"CreatedBy": "CMD serve", "Size": 0, "Created": 3},
        {"CreatedBy": "RUN |1 TOKEN=hunter2 /bin/sh -c make # buildkit", "Size": 20, "Created": 2},
        {"CreatedBy": "/bin/sh -c #(nop) ADD file:0 in / ", "Size": 100, "Created": 1},
    ]
    image = world.image("app:1")
    assert image.references == ("app:1",)
    assert (image.entrypoint, image.command) == (("serve",), ("--token", MASK))
    assert image.environment == (("PATH", "/bin"), ("API_TOKEN", MASK), ("odd", ""))
    assert image.exposed_ports == ("80/tcp",)
    assert [(layer.index, layer.diff_id, layer.instruction) for layer in image.layers] == [
        (0, "sha256:a", "ADD file:0 in /"),
        (1, "sha256:b", "RUN make"),
        (None, None, "CMD serve"),
    ]
    assert "hunter2" not in repr(image)


def test_an_image_that_tells_little(fake_engine: FakeEngine, world: LiveWorld) -> None:
    fake_engine.image["app:1"] = {"Id": "sha256:1", "Config": None, "RootFS": {}}
    fake_engine.history["sha256:1"] = []
    image = world.image("app:1")
    assert (image.layers, image.environment, image.size_bytes) == ((), (), 0)


def test_an_image_that_is_gone(world: LiveWorld) -> None:
    with pytest.raises(NotFound):
        world.image("nope")
