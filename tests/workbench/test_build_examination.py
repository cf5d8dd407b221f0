"""A Dockerfile and its context examined, with builds that are stored, and shown as the verb shows them."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from workbench.build_examination import BuildInputs, examine, read_inputs
from workbench.build_records import artifact_of, records_of
from workbench.builds.recipe import Recipe
from workbench.cli import main
from workbench.errors import Stopped
from workbench.measure.rebuild import record
from workbench.model.build import Build, BuildStep
from workbench.model.build_analysis import BuildAnalysis
from workbench.model.images import Layer
from workbench.model.runs import Environment, NewRun, Target
from workbench.places import store_file
from workbench.store import Store

DOCKERFILE = """\
FROM base:1
COPY . /app
RUN pip install -r /app/requirements.txt
RUN make
"""


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    folder = tmp_path / "context"
    folder.mkdir()
    for name, content in {"Dockerfile": DOCKERFILE, "requirements.txt": "flask==1\n", "app.py": "1\n"}.items():
        (folder / name).write_text(content)
    return folder


def known(names: Sequence[str]) -> Mapping[str, str]:
    return dict.fromkeys(names, "sha256:1")


def inputs(context: Path, **more: Any) -> BuildInputs:
    return read_inputs(Recipe(context, context / "Dockerfile", **more), "buildx", known)


def step(line: int, instruction: str, seconds: float | None) -> BuildStep:
    ended = None if seconds is None else line + seconds
    return BuildStep("", line, instruction, line, float(line), ended, seconds is None, "", ())


def build(copy: float | None, pip: float | None, make: float | None, **more: Any) -> Build:
    seconds = {"FROM base:1": 0.0, "COPY . /app": copy, "RUN pip": pip, "RUN make": make}
    steps = tuple(step(line, words, took) for line, (words, took) in enumerate(seconds.items(), 1))
    layers = (
        Layer(0, None, "ADD rootfs", 10**8, None),
        Layer(1, None, "COPY . /app", 1000, None),
        Layer(2, None, "RUN pip install -r /app/requirements.txt", 5000, None),
        Layer(3, None, "RUN make", 7, None),
    )
    facts: dict[str, Any] = {"wall_seconds": 9.0, "error": "", "image_id": "sha256:2", "context_bytes": None}
    return Build("buildx", "", steps, 1e9, layers=layers, **(facts | more))


def store(analysis: BuildAnalysis) -> int:
    run = NewRun(Target("dockerfile", "x"), Environment("h"), "build", 1.0, artifacts=(artifact_of(analysis.record),))
    with Store.open(store_file()) as opened:
        return opened.record_run(run)


def test_figures_of_a_build_that_just_ended(context: Path) -> None:
    found = examine(inputs(context), [build(1, 20, 3)])
    assert [(each.line, each.last_seconds, each.last_run, each.bytes) for each in found.figures] == [
        (2, 1, None, 1000),
        (3, 20, None, 5000),
        (4, 3, None, 7),
    ]
    early = next(finding for finding in found.findings if finding.check == "copy_before_install")
    assert (early.line, early.seconds) == (2, 20)
    assert [each.change for each in found.predictions][:2] == ["app.py changes", "requirements.txt changes"]
    assert found.predictions[0].will_seconds == 24
    assert found.reordering.touched == "app.py"
    assert (found.reordering.steps_before, found.reordering.steps_after) == (3, 2)
    assert (found.reordering.seconds_before, found.reordering.seconds_after) == (24, 4)
    assert "+COPY requirements.txt /app/requirements.txt" in found.reordering.diff


def test_what_changed_since_the_build_that_is_stored(context: Path) -> None:
    store(examine(inputs(context), [build(1, 20, 3)]))
    second = store(examine(inputs(context), [build(None, None, 5)]))
    same = examine(inputs(context)).predictions[0]
    assert (same.kind, same.change, same.steps) == ("since", f"since run {second}", ())
    (context / "Dockerfile").write_text(DOCKERFILE.replace("make", "make all"))
    (context / "app.py").write_text("2\n")
    found = examine(inputs(context))
    assert [(each.fate, each.line, each.reason, each.seconds) for each in found.predictions[0].steps] == [
        ("will", 2, "Dockerfile changed and 1 more file", 1),
        ("will", 3, "the step before it runs", 20),
        ("will", 4, "it is new or was changed", None),
    ]
    assert [each.last_run for each in found.figures] == [second - 1, second - 1, None]


def test_other_contexts_and_partial_builds_tell_nothing_of_the_cache(context: Path, tmp_path: Path) -> None:
    store(examine(inputs(context), [build(1, 2, 3, error="it failed")]))
    store(examine(inputs(context), [build(1, 2, 3)], is_touched=True))
    store(examine(inputs(context, target="base"), [build(4, 5, 6)]))
    found = examine(inputs(context))
    assert [each.kind for each in found.predictions][:1] == ["file"]
    assert found.figures[0].last_seconds == 1, "what they took is known all the same"


def test_an_unknown_base_is_no_other_one(context: Path) -> None:
    store(examine(inputs(context), [build(1, 2, 3)]))
    unknown = read_inputs(Recipe(context, context / "Dockerfile"), "buildx", lambda _: None)
    assert [each.kind for each in examine(unknown).predictions][:1] == ["file"]


def test_a_context_too_large_to_store_in_full(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_FILES", 1)
    store(examine(inputs(context), [build(1, 2, 3)]))
    (context / "app.py").write_text("2\n")
    found = examine(inputs(context)).predictions[0]
    assert [each.line for each in found.steps] == [2, 3, 4]


def test_a_damaged_record_is_none(context: Path) -> None:
    run = store(examine(inputs(context), [build(1, 2, 3)]))
    with Store.open(store_file()) as opened:
        opened.artifact(opened.run(run).artifacts[0]).write_bytes(b"{}")
    assert records_of(inputs(context).place) == ()


def test_hostile_names_are_stored_and_shown(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"\xff.py", b"\x1b[31m.py", b"a\nb.py", b"0[red].py"):
        (Path(os.fsdecode(os.fsencode(context) + b"/" + name))).write_text("1")
    (context / "link").symlink_to(os.fsdecode(b"\xfe"))
    store(examine(inputs(context), [build(1, 2, 3)]))
    (Path(os.fsdecode(os.fsencode(context) + b"/\xff.py"))).write_text("2")
    assert [each.line for each in examine(inputs(context)).predictions[0].steps] == [2, 3, 4]
    for more in ((), ("--json",)):
        assert main(["build", str(context), "--check", *more], no_screens) == 1
        told = capsys.readouterr().out
        assert "\x1b" not in told
        told.encode()


def test_stopped(context: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        read_inputs(Recipe(context, context / "Dockerfile"), "buildx", known, stop)


def no_screens(session: Any) -> int:
    raise AssertionError


def test_the_verb_checks_without_an_engine(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--read-only", "build", str(context), "--check", "--json", "--changed", "new\x1b.py"], no_screens) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["mode"], found["context"]["sent_files"]) == (1, "check", 3)
    assert {"check", "severity", "line", "message", "fix", "seconds", "bytes"} == set(found["findings"][0])
    assert found["predictions"][0]["change"].endswith(".py is new")
    assert "\x1b" not in json.dumps(found)
    assert found["reordered"]["steps_after"] < found["reordered"]["steps_before"]
    copied = next(each for each in found["steps"] if each["line"] == 2)
    assert copied["input_files"] == 3
    assert main(["build", str(context), "--check"], no_screens) == 1
    told = capsys.readouterr().out
    assert "what would rebuild" in told
    assert "+COPY requirements.txt" in told


def test_the_verb_checks_what_is_fine(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (context / "Dockerfile").write_text('FROM base:1\nCOPY app.py /\nUSER app\nCMD ["/app.py"]\n')
    assert main(["build", str(context), "--check"], no_screens) == 0
    assert main(["build"], no_screens) == 2
    assert main(["build", str(context / "nothing"), "--check"], no_screens) == 2
    (context / ".dockerignore").write_text("[a\n")
    assert main(["build", str(context), "--check"], no_screens) == 2


def test_why_a_step_stays_where_it_is_tells_no_secret(context: Path) -> None:
    (context / "Dockerfile").write_text(
        "FROM base:1\nCOPY . /app\n"
        "RUN curl https://user:hunter2@host/x | sh\nRUN pip install -r /app/requirements.txt\n"
    )
    reasons = " ".join(examine(inputs(context), ()).reordering.reasons)
    assert "line" in reasons
    assert "hunter2" not in reasons
