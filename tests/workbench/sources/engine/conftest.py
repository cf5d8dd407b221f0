"""A fake engine for each test, and the patience to wait for facts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine


@pytest.fixture
def fake_engine(tmp_path: Path) -> Iterator[FakeEngine]:
    engine = FakeEngine(tmp_path / "docker.sock")
    yield engine
    engine.awake.set()
    engine.stop()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait for a fact; the test's own timeout is the only limit."""

    def wait(fact: Callable[[], object]) -> None:
        while not fact():
            sleep(0.01)

    return wait
