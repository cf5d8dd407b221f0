"""Builds that files tell of, which anybody may have written."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.workbench.builds.test_rawjson import DOCKERFILE, ERROR, ONE_A_LINE, PRETTY, TOLD
from workbench.build_imports import imported
from workbench.build_run import earlier_builds, read_build
from workbench.builds import imported as imported_module
from workbench.builds.imported import build_of, read_history, read_rawjson
from workbench.builds.recipe import Recipe
from workbench.cli import main
from workbench.comparing.runs import compare_runs
from workbench.errors import UsageError, WorkbenchError
from workbench.model.build import Build
from workbench.model.runs import ELSEWHERE
from workbench.places import store_file
from workbench.session import Session
from workbench.sources.endpoint import Endpoint
from workbench.store import Store


@pytest.mark.parametrize("content", [ONE_A_LINE, PRETTY])
def test_both_forms_with_the_lines_of_a_dockerfile(content: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "told").write_text(content + ERROR)
    outcome = imported(str(tmp_path / "told"), Recipe(tmp_path, tmp_path / "Dockerfile"))
    build, graph = outcome.builds[0], outcome.graphs[0]
    assert outcome.mode == "imported"
    assert (build.wall_seconds, build.context_bytes) == (7, 1234)
    assert build.error == "failed to solve: exit code: 1"
    assert {step.line for step in build.steps if step.instruction.startswith("RUN")} == {3, 7}
    assert graph.critical_path_seconds == 5.5
    assert build.began_at > 1_700_000_000


def test_a_build_that_went_well_has_no_error(tmp_path: Path) -> None:
    well = [one for one in TOLD if "error" not in json.dumps(one)]
    assert build_of([json.dumps(well[0]), json.dumps(well[2])], "", "").error == ""


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(ONE_A_LINE.encode())))
    assert len(read_rawjson("-", "").steps) == 8


@pytest.mark.parametrize("content", ["", "hello", "[]", '{"vertexes": 3}', "\x00\xff"])
def test_what_tells_of_no_build(content: str, tmp_path: Path) -> None:
    (tmp_path / "told").write_text(content)
    with pytest.raises(UsageError, match="tells of no build"):
        read_rawjson(str(tmp_path / "told"), "")


def history(folder: Path, script: str) -> Build:
    program = folder / "buildx"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return read_history(program, Endpoint("unix:///nowhere", ""), "", "")


def test_the_history_is_read_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "told").write_text(ONE_A_LINE)
    assert len(history(tmp_path, f"cat {tmp_path}/told >&2").steps) == 8
    monkeypatch.setattr(imported_module, "_LARGEST", 1 << 20)
    endless = f"cat {tmp_path}/told >&2; while :; do echo and more and more >&2; done"
    assert len(history(tmp_path, endless).steps) == 8


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo ERROR: no such build >&2; exit 1", "no such build: no such build"),
        ("echo rpc error: code = Unimplemented >&2; exit 1", "keeps no history"),
        ("echo nothing >&2", "tells of no build"),
    ],
)
def test_a_history_without_the_build(script: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=says):
        history(tmp_path, script)


def test_a_history_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imported_module, "_SECONDS", 0.0)
    with pytest.raises(WorkbenchError, match="does not answer"):
        history(tmp_path, "exec tail -f /dev/null")


def test_the_screens_open_on_one(tmp_path: Path) -> None:
    (tmp_path / "told").write_text(PRETTY)
    opened: list[Session] = []

    def screens(session: Session) -> int:
        opened.append(session)
        return 0

    assert main(["open", str(tmp_path / "told")], screens) == 0
    first = opened[0].builds.first
    assert first is not None
    assert (first.name, first.mode, first.run, len(first.build.steps)) == ("told", "imported", None, 8)
    assert "workbench build --import keeps it" in first.problem


def test_one_of_another_century_is_kept_without_its_moments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    far, late = "2400-01-01T00:00:00Z", "2026-01-01T00:00:10Z"
    told = [
        {"digest": "a", "name": "[1/2] RUN a", "started": far, "completed": far},
        {"digest": "b", "name": "[2/2] RUN b", "started": late, "completed": "2026-01-01T00:00:05Z"},
    ]
    (tmp_path / "told").write_text(json.dumps({"vertexes": told}))
    assert main(["build", "--import", str(tmp_path / "told")], lambda _: 0) == 0
    assert "kept as run 1" in capsys.readouterr().err
    build = read_build(1).build
    assert (build.began_at, build.wall_seconds) == (1_767_225_610, 0)


def test_two_of_one_file_are_no_repeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("told", "told", "other", "other"):
        (tmp_path / name).write_text("\n".join(json.dumps(one) for one in TOLD if "error" not in json.dumps(one)))
        assert main(["build", "--import", str(tmp_path / name)], lambda _: 0) == 0
    with Store.open(store_file()) as store:
        for run in (3, 4):  # a label is the user's to change
            store.label(run, "of Tuesday")
    compared = compare_runs([1], [4])
    assert (compared.before.runs, compared.after.runs) == ((1,), (4,))
    assert "where it was built is not known: before and after" in [flag.words for flag in compared.flags]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_rawjson(str(tmp_path / "nothing"), "")


def test_it_is_kept_as_no_others_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    well = [json.dumps(one) for one in TOLD if "error" not in json.dumps(one)]
    (tmp_path / "told").write_text("\n".join(well))
    assert main(["build", "--import", str(tmp_path / "told"), "--no-keep"], lambda _: 0) == 0
    assert main(["build", "--import", str(tmp_path / "told")], lambda _: 0) == 0
    assert "kept as run 1" in capsys.readouterr().err
    build = imported(str(tmp_path / "told"), None).builds[0]
    opened = read_build(1)
    assert (opened.name, opened.mode, opened.build) == ("told", "imported", build)
    with Store.open(store_file()) as store:
        run = store.run(1)
    assert run.summary.started_at == build.began_at
    assert (run.environment.host_id, run.conditions.load_1_minute) == (ELSEWHERE, None)
    assert {metric.name for metric in run.metrics} >= {"build_imported", "critical_path", "cache_hits"}
    assert earlier_builds("told", "cold", dict(run.conditions.configuration)).count == 0
