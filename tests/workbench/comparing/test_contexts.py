"""A context as its builder is sent it: the file to change is one of it, and its state is of nothing else."""

import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from workbench.builds.recipe import Recipe
from workbench.comparing.driven.contexts import Context
from workbench.errors import UsageError
from workbench.model.build import Builder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in ("api/server.py", "api/deep/er/model.py", "setup.py", "Gen/made.py", "api/data.csv"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("#")
    (tmp_path / "api/link.py").symlink_to("server.py")
    return tmp_path


def context(folder: Path, builder: Builder = "buildx", **more: Any) -> Context:
    return Context.read(Recipe(folder, folder / "Dockerfile", **more), builder, Event())


@pytest.mark.parametrize(
    ("dockerfile", "ignored", "found"),
    [
        ("COPY . .", "", ["Gen/made.py", "api/server.py", "api/deep/er/model.py"]),
        ('COPY --chown=1 ["api/server.py", "/"]', "", ["api/server.py"]),
        ("ADD api/*.py /", "", ["api/server.py"]),
        ("COPY . .", "*\n!api/deep\n", ["api/deep/er/model.py"]),
        ("COPY . .", "gen\napi/deep\n", ["Gen/made.py", "api/server.py"]),
        ("ENV S=api/deep\nCOPY ${S}/ /app/", "", ["api/deep/er/model.py"]),
        ("RUN --mount=type=bind,source=api,target=/api make", "", ["api/server.py", "api/deep/er/model.py"]),
        ("COPY api/deep /api\nCOPY . .", "", ["api/deep/er/model.py", "Gen/made.py", "api/server.py"]),
        ("FROM c\nCOPY --from=b /api /api", "", []),
    ],
)
def test_source_files(folder: Path, dockerfile: str, ignored: str, found: list[str]) -> None:
    (folder / "Dockerfile").write_text(f"FROM a AS b\n{dockerfile}\n")
    (folder / ".dockerignore").write_text(ignored)
    assert list(context(folder).source_files()) == found


def test_a_build_argument_chooses_what_is_copied(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM a\nARG S=api/deep\nCOPY $S /app\n")
    assert context(folder, arguments=(("S", "Gen"),)).source_files() == ("Gen/made.py",)


def test_a_dockerfile_may_have_a_list_of_its_own_but_not_for_the_classic_builder(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM a\nCOPY . .")
    (folder / ".dockerignore").write_text("*\n")
    (folder / "Dockerfile.dockerignore").write_text("# all but one\napi\n")
    assert context(folder).source_files() == ("Gen/made.py",)
    assert context(folder, "classic").source_files() == ()


def test_a_state_is_that_of_what_is_sent(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM a\nCOPY . .\n")
    (folder / ".dockerignore").write_text("Dockerfile\n**/*.log\n")
    state = context(folder).state()
    for name in ("run.log", "api/run.log", "api/__pycache__/server.pyc"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("new")
    assert context(folder).state() == state
    os.utime(folder / "api/server.py", ns=(1, 1))
    saved = context(folder).state()
    assert saved != state, "a file that was saved is another source"
    (folder / "Dockerfile").write_text("FROM a\nCOPY . /\n")
    assert context(folder).state() != saved, "it counts though it is not sent"


def test_what_is_left_out_is_not_looked_into(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Dockerfile").write_text("FROM a\nCOPY . .\n")
    (folder / ".dockerignore").write_text("api\n")
    scan, looked = os.scandir, []

    def watched(path: Path) -> Any:
        looked.append(path.name)
        return scan(path)

    monkeypatch.setattr(os, "scandir", watched)
    assert context(folder).source_files() == ("Gen/made.py",)
    assert looked == [folder.name, "Gen"]


def test_a_file_that_vanishes_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Dockerfile").write_text("FROM a\nCOPY . .\n")
    scan = os.scandir

    def vanishing(path: Path) -> Any:
        found = scan(path)
        (folder / "api/server.py").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(os, "scandir", vanishing)
    assert "api/server.py" not in context(folder).source_files()
    assert context(folder).state()


def test_more_files_than_are_looked_at_have_no_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Dockerfile").write_text("FROM a\n")
    monkeypatch.setattr("workbench.sources.build_context.MOST_ENTRIES", 2)
    with pytest.raises(UsageError, match="has more than"):
        context(folder).state()


def test_what_is_not_there_says_so(folder: Path) -> None:
    with pytest.raises(UsageError, match="Dockerfile cannot be read"):
        context(folder)
