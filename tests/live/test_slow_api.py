"""The first patient builds on the base image, runs, answers and stops, before and after."""

import http.client
import json
from pathlib import Path

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine

PATIENT = Path(__file__).parents[2] / "sample_projects/slow_api"


def get(container: Container, path: str) -> bytes:
    """Ask the service on its published port, once it listens."""
    while True:
        container.reload()
        assert container.status == "running", container.logs().decode()
        published = container.ports["8000/tcp"]
        assert published
        port = int(published[0]["HostPort"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except (ConnectionError, http.client.RemoteDisconnected):
            continue
        finally:
            connection.close()
        assert answer.status == 200, body
        return body


def test_both_sides_build_run_and_stop(
    engine: Engine, base_image: str, image_factory: ImageFactory, container_factory: ContainerFactory
) -> None:
    orders = {}
    for side in ("before", "after"):
        # No network: what is built here can be built offline.
        image = image_factory(PATIENT / side, buildargs={"BASE": base_image}, network_mode="none")
        assert image.id
        container = container_factory(image.id, ports={"8000/tcp": ("127.0.0.1", None)})
        assert json.loads(get(container, "/health")) == {"status": "ok"}
        orders[side] = get(container, "/orders")
        container.stop(timeout=60)
        assert container.wait()["StatusCode"] == 0, "it ends by itself on SIGTERM"
        assert container.logs().endswith(b"slow_api has stopped\n")
    assert orders["before"] == orders["after"]
    assert len(json.loads(orders["after"])) == 100


@pytest.fixture
def images(base_image: str, image_factory: ImageFactory) -> dict[str, dict[str, object]]:
    """The configuration of both images."""
    built = {
        side: image_factory(PATIENT / side, buildargs={"BASE": base_image}, network_mode="none")
        for side in ("before", "after")
    }
    return {side: image.attrs for side, image in built.items()}


def test_the_images_faults_are_mended(images: dict[str, dict[str, object]]) -> None:
    before, after = (images[side]["Config"] for side in ("before", "after"))
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["User"], after["User"]) == ("", "shop")
    assert (before.get("Healthcheck"), after["Healthcheck"]["Test"][0]) == (None, "CMD")
    size = {side: int(str(images[side]["Size"])) for side in images}
    assert size["before"] > size["after"], "the staging files stay in a layer below the one that removes them"
