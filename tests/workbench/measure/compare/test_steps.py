"""The steps of two builds beside each other, and what lies behind a figure."""

import pytest

from workbench.measure.compare.behind import behind
from workbench.measure.compare.steps import beside_each_other, usual_steps
from workbench.model.behind import StepTimes
from workbench.model.comparison import Comparison, Side


def step(instruction: str, seconds: float = 1.0, *, stage: str = "stage-0", cached: bool = False) -> StepTimes:
    return StepTimes(stage, instruction, seconds, cached)


def told(before: list[StepTimes], after: list[StepTimes]) -> list[tuple[str | None, str | None]]:
    pairs = beside_each_other(before, after)
    sides = [(one.before, one.after) for one in pairs]
    return [(old.instruction if old else None, new.instruction if new else None) for old, new in sides]


def test_steps_of_the_same_words_stand_in_one_row() -> None:
    old = [step("FROM a"), step("COPY . /app"), step("RUN pip install -r requirements.txt"), step("CMD x")]
    new = [step("FROM a"), step("RUN pip install -r requirements.txt"), step("COPY . /app"), step("CMD x")]
    found = told(old, new)
    assert found[0] == ("FROM a", "FROM a")
    assert found[-1] == ("CMD x", "CMD x")
    assert sorted(pair[0] for pair in found if pair[0]) == sorted(one.instruction for one in old)
    assert sorted(pair[1] for pair in found if pair[1]) == sorted(one.instruction for one in new)
    assert len(found) == 5


def test_an_instruction_that_was_changed_answers_what_it_was() -> None:
    old = [step("FROM a"), step("RUN pip install torch transformers uvicorn"), step("RUN make")]
    new = [step("FROM a"), step("ENV X=1"), step("RUN pip install torch-cpu transformers uvicorn"), step("RUN make")]
    assert told(old, new) == [
        ("FROM a", "FROM a"),
        (None, "ENV X=1"),
        ("RUN pip install torch transformers uvicorn", "RUN pip install torch-cpu transformers uvicorn"),
        ("RUN make", "RUN make"),
    ]


def test_renamed_stages_make_no_difference() -> None:
    old, new = [step("RUN a", stage="stage-0")], [step("RUN a", stage="build")]
    assert told(old, new) == [("RUN a", "RUN a")]


def test_of_several_builds_a_step_takes_the_median_of_those_in_which_it_ran() -> None:
    builds = [[step("RUN a", seconds)] for seconds in (1.0, 9.0, 3.0)] + [[step("RUN a", 0.0, cached=True)]]
    assert usual_steps(builds) == (step("RUN a", 3.0),)
    always = [[step("RUN a", 0.0, cached=True)], [step("RUN a", 0.0, cached=True)]]
    assert usual_steps(always) == (step("RUN a", 0.0, cached=True),)


RUNS = Comparison("runs", Side("a", "", (1,), "sha256:a"), Side("b", "", (2,), "sha256:b"), ())
BARE = Comparison("runs", Side("a"), Side("b"), ())


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        ("size", "image"), ("findings_high", "image"), ("latency_p99", "latency"), ("throughput", "latency"),
        ("build_cold", "build"), ("critical_path", "build"), ("memory_peak", None), ("time_to_ready", None),
    ],
)  # fmt: skip
def test_what_lies_behind_a_figure(metric: str, kind: str | None) -> None:
    assert behind(metric, RUNS) == kind
    assert behind(metric, BARE) is None


def test_images_have_layers_and_profiles_have_stacks_behind_them() -> None:
    assert behind("size", Comparison("images", Side("a"), Side("b"), ())) == "image"
    assert behind("total f", Comparison("profiles", Side("a", "", (1,)), Side("b", "", (2,)), ())) == "profile"
    assert behind("total f", Comparison("profiles", Side("a.json"), Side("b.json"), ())) is None
    assert behind("cpu", Comparison("windows", Side("api"), Side("api"), ())) is None
