"""The measurements of a driven comparison: what is built and kept for which of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from tests.workbench.store.conftest import new_run
from workbench.building import BuildOutcome
from workbench.builds.recipe import Recipe
from workbench.comparing.driven import measuring as measuring_module
from workbench.comparing.driven.measuring import Measuring
from workbench.comparing.driven.series import Series
from workbench.comparing.driven.subjects import subject_of
from workbench.errors import Stopped
from workbench.model.build import Build
from workbench.model.driven import DrivenPlan, Task, tasks_of
from workbench.model.runs import NewRun
from workbench.settings import Settings


@dataclass
class FakeEngine:
    """Has every image that it is asked for."""

    endpoint: Any = None

    @contextmanager
    def talk(self) -> Iterator[Any]:
        client = SimpleNamespace(inspect_image=lambda name: {"Id": f"sha256:{name}"})
        yield SimpleNamespace(client=client, info=None)


class FakeBenching:
    def __init__(self, _settings: Settings) -> None:
        self.engine = FakeEngine()

    def close(self) -> None:
        pass


class FakeBuilding:
    """Builds at once, and remembers how: without the cache, with whose steps in it, and what was touched."""

    def __init__(self, _settings: Settings) -> None:
        self.built: list[str] = []
        self.cached: dict[str, str] = {}
        self._names = 0

    def builder_of(self, _asked: str) -> str:
        return "classic"

    def run(  # as `Building.run` takes them
        self, recipe: Recipe, _times: int, touched: str, _builder: str, _heard: object, _stop: Event, kept: str = ""
    ) -> BuildOutcome:
        side = recipe.context.name
        how = "touched" if touched else "warm" if recipe.uses_cache else "cold"
        known = side in self.cached.values()
        self.built.append(f"{side} {how}{' from the cache' if recipe.uses_cache and known else ''}")
        if kept:
            self.cached[kept] = side
        build = Build("classic", "", (), 1.8e9, 1.0, "", f"sha256:of-{side}", None)
        return BuildOutcome(recipe, (build,), (), touched)

    def as_run(self, outcome: BuildOutcome, _name: str) -> NewRun:
        return new_run(kind="build", label=outcome.mode)

    def remove(self, names: Sequence[str], _builds: object) -> None:
        for name in names:
            del self.cached[name]

    def close(self) -> None:
        pass


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., DrivenPlan]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(measuring_module, "Building", FakeBuilding)
    monkeypatch.setattr(measuring_module, "Benching", FakeBenching)
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY app.py /\n")
        (folder / "app.py").write_text(name)
    old, new = str(tmp_path / "old"), str(tmp_path / "new")

    def make(*, with_images: bool, builds: int) -> DrivenPlan:
        before = subject_of("api:1", old) if with_images else subject_of(old)
        after = subject_of("api:2", new) if with_images else subject_of(new)
        return DrivenPlan(before, after, pairs=0, builds=builds)

    return make


def measured(plan: DrivenPlan, tasks: Sequence[Task]) -> tuple[list[str], Measuring]:
    measuring = Measuring(Settings(), plan)
    measuring.check(Event())
    series, stop = Series("compare-a", fresh=True), Event()
    for task in tasks:
        measuring.build(task, series, lambda _: None, stop)
    building: Any = measuring._building
    return building.built, measuring


@pytest.mark.parametrize("with_images", [False, True])
def test_a_touched_build_finds_the_cold_one_in_its_cache(plan: Callable[..., DrivenPlan], with_images: bool) -> None:
    wanted = plan(with_images=with_images, builds=2)
    built, measuring = measured(wanted, [task for task in tasks_of(wanted) if task.side == "before"])
    assert built == ["old cold", "old touched from the cache", "old cold", "old touched from the cache"]
    image = measuring.image("before", lambda _: None, Event())
    assert image == ("sha256:api:1" if with_images else "sha256:of-old"), "what is named is what is started"
    measuring.close()
    building: Any = measuring._building
    assert building.cached == {}, "nothing is left in the engine"


@pytest.mark.parametrize("with_images", [False, True])
def test_a_comparison_that_goes_on_fills_the_cache_first(plan: Callable[..., DrivenPlan], with_images: bool) -> None:
    built, _ = measured(plan(with_images=with_images, builds=1), [Task(0, "after", "build_touched")])
    assert built == ["new warm", "new touched from the cache"]


def test_a_stop_is_heard_while_contexts_are_read(plan: Callable[..., DrivenPlan]) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        Measuring(Settings(), plan(with_images=False, builds=1)).check(stop)


@pytest.mark.parametrize(
    ("before", "after", "touched"),
    [
        ("a.py b.py c.py", "c.py b.py d.py a.py", ("b.py", "b.py")),
        ("a.py b.py", "b.py a.py", ("a.py", "a.py")),
        ("a.py b.py", "d.py b.py", ("b.py", "b.py")),
        ("a.py", "d.py", ("a.py", "d.py")),
    ],
)
def test_the_same_file_is_touched_on_both_sides(
    plan: Callable[..., DrivenPlan], tmp_path: Path, before: str, after: str, touched: tuple[str, str]
) -> None:
    for side, copied in (("old", before), ("new", after)):
        folder = tmp_path / side
        for name in copied.split():
            (folder / name).touch()
        # What is copied first costs most, since all after it runs again
        (folder / "Dockerfile").write_text("FROM scratch\n" + "".join(f"COPY {name} /\n" for name in copied.split()))
    _, measuring = measured(plan(with_images=False, builds=1), [])
    assert (measuring.touched["before"], measuring.touched["after"]) == touched
