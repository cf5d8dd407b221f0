"""A comparison is kept whole, read back equal, and refused where it cannot be read."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbench.store.conftest import new_run
from workbench.comparison_run import ARTIFACT, keep_comparison, read_comparison
from workbench.errors import RunUnknown, WorkbenchError
from workbench.measure.compare.judged import judged
from workbench.model.comparison import Comparison, Flag, Matters, Measured, Side
from workbench.model.runs import NewArtifact
from workbench.places import store_file
from workbench.store import Store

ROWS = judged(
    [
        Measured("size", "image size", "B", -1, "exact", (5e9,), (3e8,), cause="RUN pip install \x1b[31m"),
        Measured("latency_p99", "p99 at 20/s", "ms", -1, "statistics", (9.0, 8.5, 9.5, 9.1), (4.0, 4.1, 3.9, 4.2)),
        Measured("memory_peak", "peak memory", "B", -1, "range", (1e8, 1.1e8), (), Matters(0.02, 1e6)),
    ]
)
DRIVEN = Comparison(
    "driven",
    Side("naive", "ab12, 6 starts", (1, 2), "sha256:ab12"),
    Side("cpu", "6 starts", (3, 4)),
    ROWS,
    (Flag("load", "the machine was busy", serious=True),),
    "as it was judged",
    ("touched was a.py",),
)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_it_comes_back_equal() -> None:
    number = keep_comparison(DRIVEN)
    assert read_comparison(number) == DRIVEN
    with Store.open(store_file()) as store:
        run = store.run(number)
    assert (run.summary.kind, run.summary.label, run.summary.target.name) == ("comparison", "with naive", "cpu")
    assert {metric.name: metric.quality for metric in run.metrics}["size"] == "better"


def test_a_name_that_is_no_text_is_kept_all_the_same() -> None:
    number = keep_comparison(replace(DRIVEN, before=Side("a\udcff")))
    assert read_comparison(number).before.name == "a?"


def test_what_is_not_there_or_damaged_is_told() -> None:
    with pytest.raises(RunUnknown, match="there is no run 1"):
        read_comparison(1)
    with Store.open(store_file()) as store:
        kept = [NewArtifact(ARTIFACT, "application/json", content) for content in (b"", b"{}", b'{"kind": "x"}')]
        numbers = [store.record_run(new_run(artifacts=(one,))) for one in kept]
        numbers.append(store.record_run(new_run()))
    for number in numbers:
        with pytest.raises(WorkbenchError, match=f"run {number} keeps no comparison that can be read"):
            read_comparison(number)
