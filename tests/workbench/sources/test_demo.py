"""The shipped demo: real, whole, small, and free of anything that should not be shipped."""

import gzip
import re
import time
from collections.abc import Iterator

import pytest

from workbench.errors import NotFound, WorkbenchError
from workbench.sources.demo import SAMPLE_IMAGE, SESSION, DemoWorld

END = 89.0
SAMPLE = "sample/orders-api:1.4"


def at(seconds: float) -> DemoWorld:
    return DemoWorld(still_at=seconds)


@pytest.fixture
def demo() -> Iterator[DemoWorld]:
    world = at(END)
    yield world
    world.close()


def test_from_the_first_moment_everything_that_runs_is_measured() -> None:
    for second in (0.0, 30.0, END):
        world = at(second)
        running = [each for each in world.fleet.read().containers if each.state == "running"]
        assert len(running) >= 7
        assert all(each.usage and each.usage.cpu_percent is not None for each in running)
        world.close()


def test_each_container_has_its_own_story(demo: DemoWorld) -> None:
    start = at(0.0)
    before = {each.name: each for each in start.fleet.read().containers}
    after = {each.name: each for each in demo.fleet.read().containers}
    usage = {name: each.usage for name, each in after.items() if each.usage}
    was = {name: each.usage for name, each in before.items() if each.usage}
    assert 15 < (usage["shop-worker-1"].cpu_percent or 0) < 22, "at its quota of a fifth of a core"
    assert (usage["shop-worker-2"].memory_used_bytes or 0) > 3 * (was["shop-worker-2"].memory_used_bytes or 0)
    assert (usage["shop-journal-1"].block_written_bytes_per_second or 0) > 100_000
    assert (usage["shop-gateway-1"].network_received_bytes_per_second or 0) > 10_000
    assert after["shop-mailer-1"].state == "paused"
    assert (before["shop-reports-1"].state, after["shop-reports-1"].state) == ("running", "exited")
    killed = demo.container(after["shop-reports-1"].id)
    assert (killed.exit_code, killed.out_of_memory_killed) == (137, True)
    assert start.container(after["shop-reports-1"].id).exit_code is None
    start.close()


def test_everything_that_is_listed_can_be_opened(demo: DemoWorld) -> None:
    for container in demo.fleet.read().containers:
        assert demo.container(container.id).name == container.name
        assert container.project == "shop"
        assert demo.image(container.image).id == container.image_id
    for image in demo.images.read():
        assert demo.image(image.id).layers
    with pytest.raises(NotFound):
        demo.image("no/such:1")


def test_the_sample_image_comes_out_of_its_archive(demo: DemoWorld) -> None:
    images = demo.images.read()
    assert [image.size_bytes for image in images] == sorted((image.size_bytes for image in images), reverse=True)
    [sample] = [image for image in images if SAMPLE in image.references]
    detail = demo.image(SAMPLE)
    assert demo.image(sample.id) is detail
    assert (detail.acquired_via, detail.user, detail.size_bytes) == ("archive", "1000:1000", sample.size_bytes)
    assert any(layer.index is None for layer in detail.layers)
    # The archive and the engine that built it count alike: a changed mode ships the files again.
    [changed] = [layer for layer in detail.layers if "chmod" in layer.instruction]
    assert changed.size_bytes > 40_000
    assert dict(detail.environment)["API_TOKEN"] == "••••••"


def test_the_host_is_measured_and_the_gpu_is_missed(demo: DemoWorld) -> None:
    assert demo.host.read().cpu_percent is not None
    with pytest.raises(WorkbenchError, match="NVIDIA"):
        demo.gpu.read()


def test_it_goes_round() -> None:
    now = time.monotonic()
    world = DemoWorld(clock=lambda: now)
    first = world.fleet.read()
    now += 45.0
    assert world.fleet.read() != first
    assert world.images.age() <= 6
    now += world.duration - 45.0 + 0.01  # a float cannot hit the very end
    assert world.fleet.read() == first
    world.close()


def test_it_is_small_and_names_no_machine_and_no_secret() -> None:
    assert SESSION.stat().st_size + SAMPLE_IMAGE.stat().st_size < 300_000
    session = gzip.decompress(SESSION.read_bytes()).decode()
    assert not re.findall(r"/tmp/|/home/|/root/|workbench[.-]test|not-a-real", session)
    assert "unix:///var/run/docker.sock" in session
