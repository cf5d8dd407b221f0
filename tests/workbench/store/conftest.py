"""Runs to record and a store to record them in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.model.runs import Environment, Metric, NewArtifact, NewRun, Sample, Target
from workbench.store import Store

MakeRun = Callable[..., NewRun]


SMALL = NewRun(
    target=Target("image", "api:1.4"),
    environment=Environment(host_id="h", cpu_cores=2),
    kind="latency",
    started_at=1_700_000_000.25,
    ended_at=1_700_000_012.5,
    metrics=(Metric("p50", "ms", 4.0, -1, samples=(Sample(3.5, 0.1), Sample(4.5))),),
    artifacts=(NewArtifact("log", "text/plain", b"hello"),),
)


def new_run(**changed: Any) -> NewRun:
    """A small run, complete; any field can be another."""
    return replace(SMALL, **changed)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "workbench" / "runs.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture
def make_run() -> MakeRun:
    return new_run
