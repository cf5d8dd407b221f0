"""Stored records of builds: as many as are wanted, and the plan of the newest whole one alone."""

from pathlib import Path

import pytest

from workbench import build_records
from workbench.build_records import artifact_of, records_of
from workbench.model.build_analysis import BuildRecord, RecordedStep
from workbench.model.build_prediction import BuildPlan, PlannedStep
from workbench.model.runs import Artifact, Environment, NewRun, Target
from workbench.places import store_file
from workbench.store import Store

PLAN = BuildPlan("classic", (PlannedStep("stage-0", 2, "COPY . .", "text", "key", None),))


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Artifact]:
    """What was read of the store's files."""
    files: list[Artifact] = []
    original = Store.artifact

    def noted(store: Store, artifact: Artifact) -> Path:
        files.append(artifact)
        return original(store, artifact)

    monkeypatch.setattr(Store, "artifact", noted)
    return files


def keep(seconds: float, *, is_whole: bool = True, place: str = "here") -> int:
    record = BuildRecord(PLAN, (RecordedStep("text", seconds),), None, is_whole, place)
    run = NewRun(Target("dockerfile", "x"), Environment("h"), "build", 1.0, artifacts=(artifact_of(record),))
    with Store.open(store_file()) as store:
        return store.record_run(run)


def test_only_the_newest_whole_record_has_its_plan() -> None:
    numbers = [keep(1.0), keep(2.0), keep(3.0, is_whole=False), keep(9.0, place="elsewhere")]
    found = records_of("here")
    assert [each.run for each in found] == numbers[2::-1]
    assert [each.steps[0].seconds for each in found] == [3.0, 2.0, 1.0]
    assert [each.is_whole for each in found] == [False, True, True]
    assert [each.plan for each in found] == [BuildPlan("classic", ()), PLAN, BuildPlan("classic", ())]


def test_a_plan_that_is_damaged_is_passed_over() -> None:
    keep(1.0)
    number = keep(2.0)
    with Store.open(store_file()) as store:
        file = store.artifact(store.run(number).artifacts[0])
        file.write_bytes(file.read_bytes().replace(b'"line":2', b'"line":"2"'))
    assert [(each.run, each.plan) for each in records_of("here")] == [(1, PLAN)]


def test_no_more_is_read_than_is_wanted(read: list[Artifact], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_records, "_MOST_RECORDS", 2)
    for seconds in range(5):
        keep(float(seconds))
    assert [each.run for each in records_of("here")] == [5, 4]
    assert len(read) == 2
