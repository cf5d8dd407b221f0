"""A build that is kept, and read back equal; and what earlier ones say."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.screens.recorded_builds import NAMES, Recording, no_image
from tests.screens.worlds import ENGINE
from tests.workbench.store.conftest import new_run
from workbench.build_imports import keep_imported
from workbench.build_run import ARTIFACT, MOST_EARLIER, called, configuration_of, earlier_builds, read_build
from workbench.building import Building, BuildOutcome
from workbench.builds.recipe import Recipe
from workbench.errors import RunUnknown, WorkbenchError
from workbench.measure.build_graph import graph_of
from workbench.model.build import Build, EarlierBuilds
from workbench.model.runs import NewArtifact, Target
from workbench.places import store_file
from workbench.settings import Settings
from workbench.store import Store


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


class Kept(Building):
    """Keeps builds as on an engine that is not there."""

    @property
    def engine(self) -> Any:
        @contextmanager
        def talk() -> Any:
            yield SimpleNamespace(info=ENGINE, client=SimpleNamespace(inspect_image=no_image))

        return SimpleNamespace(talk=talk)


def keep(*builds: Build, name: str = "~/shop", target: str = "", uses_cache: bool = True) -> int:
    recipe = Recipe(Path("/shop"), Path("/shop/Dockerfile"), target, uses_cache=uses_cache)
    outcome = BuildOutcome(recipe, builds, tuple(graph_of(build) for build in builds), "")
    return Kept(Settings()).keep(outcome, name)


def configuration(builder: str = "buildx", target: str = "") -> dict[str, str]:
    recipe = Recipe(Path("/shop"), Path("/shop/Dockerfile"), target)
    return dict(configuration_of(recipe, "classic" if builder == "classic" else "buildx", ""))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_back_equal(name: str) -> None:
    build = Recording(name).build()
    found = read_build(keep(build))
    assert found.build == build
    assert found.graph == graph_of(build)
    assert (found.name, found.mode, found.count, found.run) == ("~/shop", "warm", 1, 1)


def test_of_several_the_last_is_kept_with_how_many_there_were() -> None:
    first, last = Recording("buildx-cold").build(), Recording("buildx-touched").build()
    found = read_build(keep(first, last))
    assert found.build == last
    assert found.count == 2


def test_text_that_no_encoding_can_hold_is_kept_as_what_it_can() -> None:
    read = Recording("buildx-cold")
    read.pieces = [(at, piece.replace("COPY site", "COPY s\\ud800te")) for at, piece in read.pieces]
    found = read_build(keep(read.build()))
    assert any("COPY s?te" in step.instruction for step in found.build.steps)


def test_earlier_builds_say_what_it_usually_takes() -> None:
    build = Recording("buildx-cold").build()
    for wall in (10.0, 30.0, 20.0):
        keep(replace(build, wall_seconds=wall))
    keep(replace(build, wall_seconds=99.0), uses_cache=False)
    keep(replace(build, wall_seconds=99.0), target="tests")
    keep(replace(build, wall_seconds=99.0), name="~/other")
    keep(replace(build, wall_seconds=99.0, error="failed"))
    keep(replace(build, wall_seconds=99.0, was_stopped=True))
    found = earlier_builds("~/shop", "warm", configuration())
    assert (found.count, found.same_mode, found.median_seconds) == (4, 3, 20.0), (
        "its steps are of all modes, the whole of its own"
    )
    longest = max(build.steps, key=lambda step: step.seconds)
    assert found.usual_seconds[longest.name] == pytest.approx(longest.seconds)
    assert found.last == build.steps
    assert earlier_builds("~/shop", "warm", configuration("classic")).count == 0
    opened = read_build(3)
    assert opened.earlier is not None
    assert (opened.earlier.count, opened.earlier.median_seconds) == (2, 20.0), "only those before it"


def test_a_build_made_elsewhere_and_those_of_here_say_nothing_of_each_other() -> None:
    build = Recording("buildx-cold").build()
    keep(build)
    recipe = Recipe(Path("/shop"), Path("/shop/Dockerfile"))
    away = keep_imported(BuildOutcome(recipe, (build,), (graph_of(build),), "", is_imported=True), "~/shop")
    with Store.open(store_file()) as store:
        store.label(away, "warm")
    assert read_build(away).earlier == EarlierBuilds(0, None, {})
    assert earlier_builds("~/shop", "warm", configuration()).count == 1


def test_many_later_builds_do_not_hide_those_before_an_old_one() -> None:
    build = Recording("buildx-cold").build()
    for _ in range(2):
        keep(build)
    for _ in range(MOST_EARLIER):
        keep(build)
    opened = read_build(2)
    assert opened.earlier is not None
    assert opened.earlier.count == 1


def test_there_may_be_none() -> None:
    assert earlier_builds("~/shop", "warm", configuration()).count == 0
    assert not store_file().exists(), "a question makes no store"
    with pytest.raises(RunUnknown):
        read_build(1)


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema":9}', b'{"schema":1,"build":{"steps":7}}', b"\xff" * 9])
def test_what_is_none_of_ours_is_refused(content: bytes) -> None:
    made = (NewArtifact(ARTIFACT, "application/json", content),)
    with Store.open(store_file()) as store:
        number = store.record_run(new_run(kind="build", target=Target("dockerfile", "x"), artifacts=made))
        other = store.record_run(new_run(kind="bench", target=Target("image", "x")))
    with pytest.raises(WorkbenchError, match="were not kept"):
        read_build(number)
    with pytest.raises(WorkbenchError, match="is no build"):
        read_build(other)


def test_a_context_is_called_the_same_wherever_the_workbench_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / "src").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "home" / "src")
    assert called(Path()) == called(tmp_path / "home/src") == "~/src"
    monkeypatch.chdir(tmp_path)
    assert called(Path()) == str(tmp_path)
