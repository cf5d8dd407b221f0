"""A file that is touched before a build is one of a copy, whichever way it was named."""

import os
from pathlib import Path

import pytest

from workbench.building import in_a_copy
from workbench.builds.recipe import Recipe
from workbench.errors import UsageError, WorkbenchError


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
