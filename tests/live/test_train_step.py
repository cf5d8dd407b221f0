"""The training that waits for its input, on a real engine: py-spy names the input pipeline before, the step after."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.test_py_spy import profiling
from workbench.measure.flame.functions import figures_of
from workbench.profilers.base import Wish
from workbench.profiling import Profiling

__all__ = ["profiling"]  # a fixture

PATIENT = Path(__file__).parents[2] / "sample_projects/train_step"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """numpy for the images, which are built without a network."""
    folder = tmp_path_factory.mktemp("wheels")
    options = ["--quiet", "--only-binary", ":all:", "--python-version", "3.11", "--no-deps", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "numpy>=2"], check=True)
    return folder


@pytest.mark.parametrize(("side", "first"), [("before", "decode"), ("after", "step")])
def test_py_spy_names_what_takes_the_time(
    base_image: str,
    image_factory: ImageFactory,
    container_factory: ContainerFactory,
    profiling: Profiling,
    wheels: Path,
    tmp_path: Path,
    side: str,
    first: str,
) -> None:
    shutil.copytree(PATIENT / side, tmp_path / side)
    shutil.copytree(wheels, tmp_path / side / "wheels")
    image = image_factory(tmp_path / side, buildargs={"BASE": base_image, "PIP_NO_INDEX": "1"}, network_mode="none")
    assert image.id
    command = ["python", "-m", "train_step", "train", "--records", "/srv/glyphs.csv", "--epochs", "100000"]
    container = container_factory(image.id, command, network_mode="none")
    assert container.id
    while b"epoch 2:" not in container.logs():
        container.reload()
        assert container.status == "running", container.logs().decode()
        time.sleep(0.2)
    outcome = profiling.run("py-spy", profiling.probe(container.id), Wish(seconds=4), lambda _: None, Event())
    ours = [one for one in figures_of(outcome.profile) if "/train_step/" in one.place.file]
    assert max(ours, key=lambda one: one.own).place.name.rpartition(".")[2] == first
    totals = {one.place.name.rpartition(".")[2]: one.total for one in ours}
    assert (totals["batches"] > totals["step"]) == (side == "before")
