"""Pulls from a real registry on loopback: what it says of an image, how near the estimate comes, and one in earnest."""

import os
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from docker.errors import ImageNotFound

from tests.live.conftest import ImageFactory, give_up
from tests.live.engines import Engine, EngineMissingError
from tests.live.registry import running_registry
from workbench.errors import NotFound, UsageError, WorkbenchError
from workbench.measure.pull_model import pull_times
from workbench.meters.registry import layer_sizes, parse_reference
from workbench.model.pull import PullEstimate, PullLayer
from workbench.pulling import estimate_pull, time_pull
from workbench.settings import Settings
from workbench.sources.endpoint import resolve
from workbench.sources.engine import Engine as Opened

RANDOM_BYTES = 3_000_000


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        with running_registry(tmp_path_factory.mktemp("registry")) as address:
            yield address
    except EngineMissingError as error:
        give_up(str(error))


@pytest.fixture
def opened(engine: Engine) -> Iterator[Opened]:
    found = Opened(resolve("", {"DOCKER_HOST": engine.host}))
    yield found
    found.close()


@pytest.fixture
def pushed(engine: Engine, registry: str, image_factory: ImageFactory, tmp_path: Path) -> str:
    """An image of two layers, text and noise, here and in the registry."""
    context = tmp_path / "context"
    library = Path(sysconfig.get_path("stdlib"))
    (context / "text").mkdir(parents=True)
    for file in sorted(library.glob("*.py")):
        shutil.copy(file, context / "text")
    (context / "noise").write_bytes(os.urandom(RANDOM_BYTES))
    (context / "Dockerfile").write_text('FROM scratch\nCOPY text /text\nCOPY noise /noise\nCMD ["/text"]\n')
    name = f"{registry}/team/sample:1"
    image_factory(context, tag=name)
    said = engine.client.images.push(name)
    assert '"error"' not in said, said
    return name


def estimate(opened: Opened, image: str, *, asks: bool = False, have: tuple[str, ...] = ()) -> PullEstimate:
    return estimate_pull(
        opened,
        Settings(),
        image,
        bandwidth=1e6,
        extract=None,
        asks_registry=asks,
        have=have,
        heard=lambda _: None,
        stop=Event(),
    )


def test_registry_knows_and_the_estimate_is_near(opened: Opened, pushed: str) -> None:
    known, guessed = estimate(opened, pushed, asks=True), estimate(opened, pushed)
    assert [layer.compressed_bytes for layer in known.layers] == list(
        layer_sizes(parse_reference(pushed), ("linux", "amd64"))
    )
    assert known.compressed_bytes == pytest.approx(guessed.compressed_bytes, rel=0.15)
    assert known.layers[1].compressed_bytes == pytest.approx(RANDOM_BYTES, rel=0.01)
    assert guessed.layers[1].compressed_bytes == pytest.approx(RANDOM_BYTES, rel=0.01)
    assert known.seconds > known.compressed_bytes / 1e6, "a megabyte a second"
    assert (known.source, guessed.source) == ("registry", "estimated")
    assert estimate(opened, pushed, have=(pushed,)).seconds == 0


def test_what_is_not_there(opened: Opened, registry: str) -> None:
    with pytest.raises(NotFound):
        estimate(opened, f"{registry}/team/nothing:1", asks=True)
    with pytest.raises(NotFound):
        estimate(opened, f"{registry}/team/nothing:1")
    with pytest.raises(WorkbenchError, match=r"pull failed|no such|not found|manifest unknown"):
        time_pull(opened, f"{registry}/team/nothing:1", lambda _: None, Event())
    with pytest.raises(WorkbenchError, match="does not answer"):
        layer_sizes(parse_reference("127.0.0.1:1/x:1"), ("linux", "amd64"))


def test_pull_in_earnest(engine: Engine, opened: Opened, pushed: str) -> None:
    with pytest.raises(UsageError, match="already"):
        time_pull(opened, pushed, lambda _: None, Event())
    packed = layer_sizes(parse_reference(pushed), ("linux", "amd64"))
    engine.client.images.remove(pushed)
    told: list[str] = []
    timed = time_pull(opened, pushed, told.append, Event())
    assert len(timed.layers) == 2
    for _, _, times in timed.layers:
        assert times.download_ended is not None
        assert times.extract_ended is not None
        assert 0 <= times.download_ended <= times.extract_ended <= timed.seconds
    assert timed.layers[1][1] == packed[1]
    assert told[-1] == "2 of 2 layers downloaded, 2 unpacked"
    speed = timed.bytes_per_second
    assert speed is not None
    unpacking = [PullLayer(size, 0) for size in packed]
    assert pull_times(unpacking, speed)[1] == pytest.approx(sum(packed) / speed)
    with pytest.raises(ImageNotFound):
        engine.client.images.get(pushed)
