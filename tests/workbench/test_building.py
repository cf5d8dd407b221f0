"""A file that is touched before a build is one of a copy, whichever way it was named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.building import Building, in_a_copy
from workbench.builds.recipe import Recipe
from workbench.errors import UsageError, WorkbenchError
from workbench.model.build import Build
from workbench.settings import Settings


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "source").write_text("one")
    (folder / "link").symlink_to(folder / "source")
    return folder


@pytest.mark.parametrize("named", ["source", "link", "absolute"])
def test_the_users_file_stays_as_it_is(context: Path, named: str) -> None:
    typed = str(context / "source") if named == "absolute" else named
    with in_a_copy(Recipe(context, context / "Dockerfile"), typed) as (recipe, changed):
        assert recipe.dockerfile.parent == recipe.context != context
        with changed.open("a") as file:
            file.write("two")
        assert (recipe.context / "source").read_text() == "onetwo"
    assert (context / "source").read_text() == "one"
    assert not recipe.context.exists()


def test_what_cannot_be_touched_says_so(context: Path, tmp_path: Path) -> None:
    recipe = Recipe(context, context / "Dockerfile")
    for typed in ("nothing", "../context", str(tmp_path)):
        with pytest.raises(UsageError, match="is no file of the context"), in_a_copy(recipe, typed):
            pass
    os.mkfifo(context / "pipe")
    with pytest.raises(WorkbenchError, match="cannot be copied"), in_a_copy(recipe, "source"):
        pass


class Elsewhere(Building):
    """Builds nothing, on an engine that is empty."""

    @property
    def engine(self) -> Any:
        client = SimpleNamespace(
            containers=lambda **_: [], volumes=lambda **_: {}, images=lambda **_: [], remove_image=lambda *_, **__: None
        )

        @contextmanager
        def talk() -> Iterator[Any]:
            yield SimpleNamespace(client=client)

        return SimpleNamespace(talk=talk, close=lambda: None, endpoint=SimpleNamespace(address="unix:///nowhere"))

    def _build(self, recipe: Recipe, *_: object) -> Build:
        self.built = recipe.context
        return Build("classic", "", (), 1.8e9, 1.0, "failed on purpose", "", None)


def test_a_build_of_a_copy_is_told_as_one_of_the_users_folder(
    context: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    building = Elsewhere(Settings())
    outcome = building.run(Recipe(context, context / "Dockerfile"), 1, "source", "", lambda _: None, Event())
    assert building.built != context
    assert outcome.recipe.context == context, "its commit is asked for later, and the copy is gone by then"


def test_who_asks_for_a_builder_gets_its_rules_though_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.sources.buildx_program.find_buildx", lambda _: None)
    building = Building(Settings())
    assert [building.builder_of(asked) for asked in ("", "classic", "buildx")] == ["classic", "classic", "buildx"]
