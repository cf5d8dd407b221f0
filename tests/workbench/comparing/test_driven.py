"""A driven comparison measures in turns, keeps each measurement, goes on where it ended, and says what it lacks."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from tests.workbench.store.conftest import new_run
from tests.workbench.test_profile_run import ENGINE, FACTS, SAMPLED
from workbench.build_run import artifact_of
from workbench.comparing.driven import driver as driver_module
from workbench.comparing.driven.driver import Driver
from workbench.comparing.driven.series import KNEE, Series
from workbench.comparing.driven.subjects import is_context, series_key, subject_of
from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.model.behind import StepTimes
from workbench.model.build import Build, BuildStep
from workbench.model.comparison import Comparison
from workbench.model.driven import DrivenPlan, DriveProgress, Subject, Task, tasks_of
from workbench.model.runs import Metric
from workbench.model.wish import Wish
from workbench.profile_run import as_run as profile_as_run
from workbench.profilers.base import Made
from workbench.profiling import kept_profile
from workbench.settings import Settings

IMAGES = DrivenPlan(Subject("api:1", image="api:1"), Subject("api:2", image="api:2"), pairs=2, builds=0, target="/")


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def contexts(tmp_path: Path) -> DrivenPlan:
    sides = []
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY app.py /\n")
        (folder / "app.py").write_text(name)
        sides.append(subject_of(str(folder)))
    return DrivenPlan(sides[0], sides[1], pairs=2, builds=1, target="/")


def test_sides_take_turns_in_going_first(contexts: DrivenPlan) -> None:
    told = [(task.pair, task.side[0], task.action) for task in tasks_of(contexts)]
    assert told == [
        (0, "b", "build_cold"),
        (0, "a", "build_cold"),
        (0, "b", "build_touched"),
        (0, "a", "build_touched"),
        (0, "b", "run"),
        (0, "a", "run"),
        (1, "a", "run"),
        (1, "b", "run"),
    ]
    profiled = tasks_of(replace(contexts, profile=True))
    assert [(task.side, task.action) for task in profiled[len(told) :]] == [("before", "profile"), ("after", "profile")]
    assert len(tasks_of(replace(contexts, profile=True, target=""))) == len(told), "nothing to see where nobody asks"
    only_after = replace(contexts, before=IMAGES.before)
    assert [task.side for task in tasks_of(only_after) if task.action != "run"] == ["after", "after"]


def test_what_a_side_may_be(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "Dockerfile.slim").write_text("FROM scratch\n")
    assert subject_of("api:1") == Subject("api:1", image="api:1")
    folder, file = str(tmp_path), str(tmp_path / "Dockerfile.slim")
    assert is_context(folder)
    assert is_context(file)
    assert subject_of(file).dockerfile == (tmp_path / "Dockerfile.slim").resolve()
    assert subject_of(folder).context == subject_of(file).context == tmp_path.resolve()
    both = subject_of("api:1", folder)
    assert (both.image, both.context) == ("api:1", tmp_path.resolve())
    with pytest.raises(UsageError, match="neither a Dockerfile nor a folder"):
        subject_of("api:1", str(tmp_path / "nothing"))


def test_a_series_is_told_by_what_is_measured_and_not_by_how_often(contexts: DrivenPlan) -> None:
    key = series_key(contexts, ("", ""))
    assert series_key(replace(contexts, pairs=9, builds=9), ("", "")) == key
    assert series_key(replace(contexts, profile=True), ("", "")) == key, "profiles come beside what is there"
    assert series_key(replace(contexts, rate=20.0), ("", "")) != key
    assert series_key(contexts, ("sha256:1", "")) != key


def test_series_keep_the_newest_of_each_and_begin_anew_when_asked() -> None:
    first = Series("compare-a", fresh=False)
    steps = (StepTimes("s", "RUN pip install", 3.5, cached=False), StepTimes("", "COPY . .", 0.0, cached=True))
    told = tuple(
        BuildStep(one.stage, 1, one.instruction, 1, 1.0, 1.0 + one.seconds, one.cached, "", ()) for one in steps
    )
    kept = artifact_of(Build("classic", "", told, 1.8e9, 4.0, "", "", None))
    build = new_run(kind="build", label="cold", artifacts=(kept,))
    first.add(build, "build_cold", 0, "before")
    first.add(new_run(kind="bench", label="10/s"), "load", 0, "before")
    first.add(new_run(kind="bench", label="knee of 40/s", metrics=(Metric("k", "", 1.0),)), "knee", 0, "before")
    first.add(new_run(kind="bench", label="10/s", metrics=(Metric("p50", "ms", 9.0),)), "load", 0, "before")

    again = Series("compare-a", fresh=False)
    assert again.name == first.name
    assert [run.metrics[0].value for run in again.runs("load", "before")] == [9.0], "the second counts"
    assert [run.summary.label for run in again.runs("knee", "before")] == [KNEE]
    assert again.steps("build_cold", "before") == steps
    assert again.steps("build_touched", "before") == ()
    assert not again.has("load", 0, "after")
    for other in (Series("compare-a", fresh=True), Series("compare-b", fresh=False)):
        assert not any(other.has(what, 0, "before") for what in ("build_cold", "load", "knee"))


class FakeMeasuring:
    """Measures at once; what it does is told by the test."""

    made: list[Task]
    work: Callable[[Task], None]

    def __init__(self, _settings: Settings, _plan: DrivenPlan) -> None:
        self.touched = {"before": "app.py", "after": "app.py"}
        self.engine = None

    def check(self, _stop: Event) -> tuple[str, str]:
        return "sha256:1", "sha256:2"

    def image(self, _side: str, _heard: object, _stop: object) -> str:
        raise WorkbenchError("there is no engine here")

    def build(self, task: Task, series: Series, heard: Callable[[str], object], _stop: Event) -> None:
        heard("builds")
        type(self).work(task)
        label = "cold" if task.action == "build_cold" else "touched"
        metrics = (Metric(task.action, "s", 30.0 if task.side == "before" else 20.0 + task.pair, -1),)
        series.add(new_run(kind="build", label=label, metrics=metrics), task.action, task.pair, task.side)  # type: ignore[arg-type]  # no run
        type(self).made.append(task)

    def run(self, task: Task, series: Series, heard: Callable[[str], object], _stop: Event) -> None:
        heard("starts")
        type(self).work(task)
        ready = Metric("time_to_ready", "ms", (900.0 if task.side == "before" else 500.0) + task.pair, -1)
        series.add(new_run(kind="startup", metrics=(ready,)), "startup", task.pair, task.side)
        series.add(
            new_run(
                kind="bench",
                label="10/s",
                metrics=(
                    Metric("latency_p99", "ms", 40.0, -1),
                    Metric("cpu_per_request", "ms", (10.0 if task.side == "before" else 6.0) + task.pair / 10, -1),
                ),
            ),
            "load",
            task.pair,
            task.side,
        )
        type(self).made.append(task)

    def profile(self, task: Task, series: Series, heard: Callable[[str], object], _stop: Event) -> None:
        heard("warms up")
        type(self).work(task)
        share = 410 if task.side == "before" else 30
        text = f"load (/srv/app.py:2) {share}\nrest (/srv/app.py:3) {1000 - share}\n"
        files = (Made("collapsed", "text/plain", text.encode()),)
        taken = replace(SAMPLED, collapsed=text, files=files, samples=1000, complete=True)
        series.add(profile_as_run(taken, FACTS, Wish(), ENGINE), "profile", task.pair, task.side)
        type(self).made.append(task)

    def close(self) -> None:
        pass


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> type[FakeMeasuring]:
    monkeypatch.setattr(driver_module, "Measuring", FakeMeasuring)
    FakeMeasuring.made = []
    FakeMeasuring.work = staticmethod(lambda _: None)
    return FakeMeasuring


def drive(
    plan: DrivenPlan, stop: Event | None = None, *, fresh: bool = False
) -> tuple[Driver, Comparison, list[DriveProgress]]:
    told: list[DriveProgress] = []
    driver = Driver(Settings(), plan, fresh=fresh)
    return driver, driver.run(told.append, stop or Event()), told


def words(compared: Comparison) -> dict[str, str]:
    return {row.metric: row.words for row in compared.rows}


def test_a_clear_change_is_seen_and_what_was_not_measured_says_why(measuring: type[FakeMeasuring]) -> None:
    driver, compared, told = drive(replace(IMAGES, pairs=6))
    found = words(compared)
    assert found["time_to_ready"] == "better"
    assert found["latency_p99"] == "the same"
    assert found["build_cold"] == "not measured: no build is known, --build DIR DIR names both contexts"
    assert found["size"] == "not measured: before: there is no engine here"
    assert found["throughput_at_knee"] == "not measured: --knee RATE looks for it"
    assert (driver.found, driver.missing) == (0, 0)
    assert [one.done for one in told if one.words.endswith("starts")] == list(range(12))
    assert all(one.left_seconds is not None for one in told), "a start and a load are known beforehand"
    assert compared.before.detail == "6 starts"


def test_a_stop_is_heard_before_anything_is_measured(
    measuring: type[FakeMeasuring], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, heeded = Event(), []

    def check(_measuring: FakeMeasuring, told: Event) -> tuple[str, str]:
        heeded.append(told)
        raise Stopped("stopped")

    monkeypatch.setattr(measuring, "check", check)
    with pytest.raises(Stopped):
        drive(IMAGES, stop)
    assert heeded == [stop]


def test_it_goes_on_where_it_ended(measuring: type[FakeMeasuring]) -> None:
    stop = Event()

    def third(task: Task) -> None:
        if len(FakeMeasuring.made) == 2:
            stop.set()
            raise Stopped("stopped")

    measuring.work = staticmethod(third)
    driver, compared, _ = drive(IMAGES, stop)
    assert (driver.found, driver.missing) == (0, 2)
    assert words(compared)["time_to_ready"].startswith("inconclusive: needs about"), "what was measured is kept"

    measuring.work = staticmethod(lambda _: None)
    driver, _, told = drive(IMAGES)
    assert (driver.found, driver.missing) == (2, 0)
    assert [task.pair for task in measuring.made] == [0, 0, 1, 1]
    assert told[0].done == 2

    drive(replace(IMAGES, pairs=3))
    assert len(measuring.made) == 6, "two more"
    driver, *_ = drive(IMAGES, fresh=True)
    assert (driver.found, len(measuring.made)) == (0, 10)


def test_functions_are_recorded_after_the_pairs_and_told_as_causes(measuring: type[FakeMeasuring]) -> None:
    stop = Event()

    def stopped(task: Task) -> None:
        if (task.side, task.action) == ("after", "profile"):
            stop.set()
            raise Stopped("stopped")

    measuring.work = staticmethod(stopped)
    plan = replace(IMAGES, pairs=6, profile=True)
    driver, compared, told = drive(plan, stop)
    assert [task.action for task in measuring.made] == [*["run"] * 12, "profile"]
    assert driver.missing == 1
    assert told[-1].words == "functions, after: warms up"
    assert told[-1].left_seconds is not None
    row = next(row for row in compared.rows if row.metric == "cpu_per_request")
    assert (row.verdict, row.cause) == ("better", ""), "one side alone tells nothing"

    measuring.work = staticmethod(lambda _: None)
    driver, compared, _ = drive(plan)
    assert (driver.found, driver.missing, len(measuring.made)) == (13, 0, 14)
    row = next(row for row in compared.rows if row.metric == "cpu_per_request")
    assert row.cause == "app.py:load 41% → 3.0% of samples"
    assert row.n == 6, "it is in no figure"
    note = next(note for note in compared.notes if "py-spy" in note)
    numbers = re.findall(r"\d+", note)
    assert [kept_profile(int(number)).profile.samples for number in numbers] == [1000, 1000]
    assert note in drive(replace(plan, profile=False))[1].notes, "what is there is told"


def test_what_cannot_be_recorded_is_a_note_and_the_rest_goes_on(measuring: type[FakeMeasuring]) -> None:
    def refuse(task: Task) -> None:
        if task.action == "profile":
            raise WorkbenchError("there is no Python process in api:1")

    measuring.work = staticmethod(refuse)
    _, compared, _ = drive(replace(IMAGES, pairs=6, profile=True))
    assert words(compared)["cpu_per_request"] == "better"
    assert "no functions are told as causes: before: there is no Python process in api:1" in compared.notes
    assert not any("no Python" in flag.words for flag in compared.flags), "no figure is in doubt for it"


def test_the_engines_layers_are_read_once_for_both_images(
    measuring: type[FakeMeasuring], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    looked: list[object] = []

    def stacks_of(engine: object) -> list[object]:
        read.append(engine)
        return read

    def look_at(_engine: object, _settings: object, _image: str, stacks: object, *_: object) -> object:
        looked.append(stacks)
        return stacks

    monkeypatch.setattr(measuring, "image", lambda _, side, *__: f"sha256:{side}")
    monkeypatch.setattr(driver_module, "stacks_of", stacks_of)
    monkeypatch.setattr(driver_module, "look_at", look_at)
    monkeypatch.setattr(driver_module, "as_run", lambda *_: new_run(kind="image"))
    drive(replace(IMAGES, pairs=1))
    assert (len(read), looked) == (1, [read, read])


def test_what_fails_is_not_tried_again_and_again(measuring: type[FakeMeasuring], contexts: DrivenPlan) -> None:
    tried: list[Task] = []

    def fail(task: Task) -> None:
        tried.append(task)
        if task.action == "build_cold" and task.side == "after":
            raise WorkbenchError("the build failed: exit code 7")

    measuring.work = staticmethod(fail)
    driver, compared, _ = drive(replace(contexts, builds=2))
    assert [task.side for task in tried if task.action == "build_cold"] == ["before", "after"]
    assert words(compared)["build_cold"] == "not measured: after: the build failed: exit code 7"
    assert words(compared)["time_to_ready"].startswith("inconclusive"), "the rest goes on"
    assert driver.missing == 3
    assert any(flag.serious and "exit code 7" in flag.words for flag in compared.flags)
