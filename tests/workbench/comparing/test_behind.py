"""What the runs of a comparison keep is read back: histograms and steps of one run or several."""

import json
from pathlib import Path
from typing import Literal

import pytest

from tests.workbench.store.conftest import new_run
from workbench.build_run import ARTIFACT as STEPS
from workbench.build_run import artifact_of
from workbench.comparing.behind import builds_behind, latency_behind
from workbench.comparing.driven.series import KNEE
from workbench.errors import WorkbenchError
from workbench.measure.histogram import Histogram
from workbench.model.build import Build, BuildStep
from workbench.model.comparison import Comparison, Side
from workbench.model.runs import Metric, NewArtifact
from workbench.places import store_file
from workbench.store import Store


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def keep(kind: str, content: bytes | Path, *metrics: str, label: str = "") -> int:
    found = tuple(Metric(name, "", 1.0) for name in (*metrics, "latency_p99", "work"))
    kept = NewArtifact(kind, "application/json", content)
    with Store.open(store_file()) as store:
        return store.record_run(new_run(artifacts=(kept,), metrics=found, label=label))


def bench(*seconds: float, label: str = "") -> int:
    histogram = Histogram()
    for each in seconds:
        histogram.record(each)
    told = json.dumps({"schema": 1, "latency": histogram.pairs(), "lag": []}).encode()
    return keep("latency_histograms", told, *(["throughput_at_knee"] if label == KNEE else []), label=label)


def of(before: tuple[int, ...], after: tuple[int, ...], kind: Literal["runs", "driven"] = "runs") -> Comparison:
    return Comparison(kind, Side("old", "", before), Side("new", "", after), ())


def test_the_histograms_of_a_side_are_added_up() -> None:
    old, new = latency_behind(of((bench(0.01, 0.02), bench(0.03)), (bench(0.005),)), "latency_p99")
    assert (old.name, old.runs, old.requests) == ("old", 2, 3)
    assert Histogram(old.cells).quantile_ms(1.0) == pytest.approx(30, rel=0.001)
    assert (new.runs, new.requests) == (1, 1)


def test_of_a_driven_comparison_each_row_has_its_own_runs() -> None:
    """Its sides have builds of two kinds, and loads at the rate and at the knee."""
    old = (build(("RUN pip", 40.0, False)), build(("RUN pip", 4.0, False), mode="touched"), bench(0.01))
    driven = of((*old, bench(0.5, label=KNEE)), old, "driven")
    assert [side.requests for side in latency_behind(driven, "latency_p99")] == [1, 1]
    with pytest.raises(WorkbenchError, match="no run of new keeps a histogram"):
        latency_behind(driven, "throughput_at_knee")
    for metric, seconds in (("build_cold", 40.0), ("build_touched", 4.0)):
        found = builds_behind(driven, metric)
        assert found.builds == (1, 1)
        assert [step.after and step.after.seconds for step in found.steps] == [pytest.approx(seconds)]


def test_runs_at_the_knee_have_their_latency_when_they_are_chosen() -> None:
    chosen = of((bench(0.5, label=KNEE),), (bench(0.4, 0.3, label=KNEE),))
    assert [side.requests for side in latency_behind(chosen, "latency_p99")] == [1, 2]


def test_a_side_without_a_histogram_says_so() -> None:
    with pytest.raises(WorkbenchError, match="no run of new keeps a histogram"):
        latency_behind(of((bench(0.01),), (keep("log", b"x"),)), "latency_p99")
    with pytest.raises(WorkbenchError, match="no run of old keeps a histogram"):
        latency_behind(of((999,), (bench(0.01),)), "latency_p99")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"latency": 1}',
        b'{"latency": [[-1, 2]]}',
        b'{"latency": [[1, 0]]}',
        b'{"latency": [[99999999, 1]]}',
    ],
)
def test_a_broken_histogram_is_refused(content: bytes) -> None:
    with pytest.raises(WorkbenchError):
        latency_behind(of((keep("latency_histograms", content),), (bench(0.01),)), "latency_p99")


def build(*steps: tuple[str, float, bool], mode: str = "cold") -> int:
    """A build with when each step began and ended."""
    told = tuple(BuildStep("build", 1, words, 2, 1.0, 1.0 + took, hit, "", ()) for words, took, hit in steps)
    return keep(STEPS, artifact_of(Build("buildx", "", told, 1.0, 9.0, "", "", None)).content, f"build_{mode}")


def test_the_steps_of_both_builds_stand_beside_each_other() -> None:
    before = (
        build(("FROM a", 0.1, False), ("RUN pip", 40.0, False)),
        build(("FROM a", 0.1, True), ("RUN pip", 44.0, False)),
    )
    found = builds_behind(
        of(before, (build(("FROM a", 0.2, False), ("RUN pip", 9.0, True), ("RUN new", 2.0, False)),)), "work"
    )
    assert found.builds == (2, 1)
    first, pip, new = found.steps
    assert first.before is not None
    assert first.before.seconds == pytest.approx(0.1)
    assert pip.before is not None
    assert pip.after is not None
    assert pip.before.seconds == pytest.approx(42.0)
    assert (pip.after.seconds, pip.after.cached) == (0.0, True)
    assert pip.change_seconds == pytest.approx(-42.0)
    assert new.before is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"build": {"steps": [{"seconds": 1}]}}', b'[{"instruction": 5}]'])
def test_broken_steps_are_refused(content: bytes) -> None:
    with pytest.raises(WorkbenchError):
        builds_behind(of((keep(STEPS, content),), (build(("RUN a", 1.0, False)),)), "work")


def test_a_build_of_another_schema_is_passed_over() -> None:
    one, other = build(("RUN a", 1.0, False)), build(("RUN b", 1.0, False))
    with Store.open(store_file()) as store:
        file = store.artifact(store.run(other).artifacts[0])
        file.write_bytes(json.dumps(json.loads(file.read_bytes()) | {"schema": 99}).encode())
    found = builds_behind(of((one, other), (one,)), "work")
    assert found.builds == (1, 1)
    assert [step.before and step.before.instruction for step in found.steps] == ["RUN a"]


def test_builds_without_steps_say_so() -> None:
    with pytest.raises(WorkbenchError, match="no build of old keeps its steps"):
        builds_behind(of((keep("log", b"x"),), (build(("RUN a", 1.0, False)),)), "work")
