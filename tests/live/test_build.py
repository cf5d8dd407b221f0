"""Builds with both builders: cold, warm, after a touch, failing and stopped; and nothing left of them."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest
from docker.errors import NotFound

from tests.live.engines import Engine
from tests.live.test_py_spy import ours
from workbench.building import Building, BuildOutcome
from workbench.builds.recipe import Recipe
from workbench.cli import main
from workbench.model.build import BuildStep
from workbench.settings import Settings

DOCKERFILE = """FROM {base} AS left
RUN sleep 1 && echo left {mark} > /left
FROM {base} AS right
COPY source /source
RUN sleep 1 && cat /source > /right # {mark}
FROM left
COPY --from=right /right /right
RUN {last} # {mark}
"""


@pytest.fixture
def context(base_image: str, tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "source").write_text(f"{tmp_path}\n")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=base_image, mark=tmp_path, last="true"))
    return folder


@pytest.fixture(params=["classic", "buildx"])
def building(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Building, str, Engine]]:
    if request.param == "buildx":
        request.getfixturevalue("modern_base_image")
        engine: Engine = request.getfixturevalue("modern_engine")
        for name in ("DOCKER_CONFIG", "PATH"):
            monkeypatch.setenv(name, engine.environ[name])
    else:
        engine = request.getfixturevalue("engine")
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    opened = Building(Settings())
    yield opened, request.param, engine
    opened.close()


def build(
    building: tuple[Building, str, Engine], context: Path, times: int = 1, touched: str = "", stop: Event | None = None
) -> BuildOutcome:
    opened, builder, _ = building
    recipe = Recipe(context, context / "Dockerfile", uses_cache=True)
    return opened.run(recipe, times, touched, builder, lambda _: None, stop or Event())


def step(outcome: BuildOutcome, words: str, number: int = -1) -> BuildStep:
    return next(each for each in outcome.builds[number].steps if words in each.instruction)


def left_of(engine: Engine, mark: Path) -> list[str]:
    """Images, those between too, that one of the marked steps has made."""
    found = []
    for image in engine.client.images.list(all=True):
        with suppress(NotFound):  # others come and go
            if any(str(mark) in entry["CreatedBy"] for entry in image.history()):
                found.append(str(image.id))
    return found


def test_where_the_time_goes(building: tuple[Building, str, Engine], context: Path) -> None:
    outcome = build(building, context, times=2, touched="source")
    first, graph = outcome.builds[0], outcome.graphs[0]
    assert (first.builder, first.error) == (building[1], "")
    assert step(outcome, "RUN sleep 1 && echo left", 0).seconds >= 1
    assert graph.critical_path_seconds >= 1
    assert graph.work_seconds >= 2
    assert not step(outcome, "cat /source", 0).cached
    assert step(outcome, "RUN sleep 1 && echo left").cached, "only what hangs on the file that was touched"
    assert not step(outcome, "COPY source").cached
    assert not step(outcome, "cat /source").cached
    lines = {each.instruction.split()[0]: each.line for each in first.steps if each.stage == "right" and each.line}
    assert (lines["COPY"], lines["RUN"]) == (4, 5)
    copy = step(outcome, "COPY --from=right")
    assert {first.steps[need].stage for need in copy.inputs} >= {"right"}
    assert (context / "source").read_text().count("\n") == 1, "the user's file is as it was"
    assert ours(building[2]) == []
    assert left_of(building[2], context.parent) == []


def test_build_that_fails(building: tuple[Building, str, Engine], context: Path, base_image: str) -> None:
    text = DOCKERFILE.format(base=base_image, mark=context, last="echo token=hunter2hunter2; exit 7")
    (context / "Dockerfile").write_text(text)
    outcome = build(building, context, times=3)
    assert len(outcome.builds) == 1
    assert "7" in outcome.builds[0].error
    assert "hunter2" not in outcome.builds[0].error
    assert step(outcome, "exit 7").error
    assert ours(building[2]) == []


def test_build_that_is_stopped(building: tuple[Building, str, Engine], context: Path, base_image: str) -> None:
    (context / "Dockerfile").write_text(f"FROM {base_image}\nRUN echo {context} > /x\nRUN sleep 600\n")
    stop = Event()
    opened, builder, engine = building

    def heard(steps: tuple[BuildStep, ...]) -> None:
        if any("sleep 600" in each.instruction and each.began is not None for each in steps):
            stop.set()

    outcome = opened.run(Recipe(context, context / "Dockerfile"), 2, "", builder, heard, stop)
    assert [each.was_stopped for each in outcome.builds] == [True]
    assert ours(engine) == []
    assert left_of(engine, context) == []


def test_build_that_is_stopped_while_it_says_nothing(
    building: tuple[Building, str, Engine], context: Path, base_image: str
) -> None:
    (context / "Dockerfile").write_text(f"FROM {base_image}\nRUN echo {context} > /made\nRUN sleep 600 # {context}\n")
    stop = Event()
    opened, builder, engine = building
    timers: list[Timer] = []

    def heard(steps: tuple[BuildStep, ...]) -> None:
        if not timers and any("sleep 600" in each.instruction and each.began is not None for each in steps):
            timers.append(Timer(3, stop.set))
            timers[0].start()

    outcome = opened.run(Recipe(context, context / "Dockerfile"), 1, "", builder, heard, stop)
    assert [each.was_stopped for each in outcome.builds] == [True]
    assert ours(engine) == []
    if builder == "classic":
        assert left_of(engine, context) == [], "the engine had to end the step first"


def test_verb(
    engine: Engine, context: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(["build", str(context), "--builder", "classic", "--json", "--build-arg", "TOKEN=abc"], no_screens) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["builder"], found["mode"], found["cache_total"]) == (1, "classic", "warm", 5)
    wanted = {"stage", "index", "instruction", "line", "seconds", "cached", "critical", "slack_seconds", "inputs"}
    assert wanted <= set(found["steps"][0])
    main(["runs", "show", "1", "--json"], no_screens)
    run = json.loads(capsys.readouterr().out)["run"]
    assert run["summary"]["kind"] == "build"
    assert "abc" not in json.dumps(run["conditions"])
    assert main(["build", str(tmp_path / "nothing")], no_screens) == 2
    assert main(["build", str(context), "--touch", "../other"], no_screens) == 2
    assert main(["--read-only", "build", str(context)], no_screens) == 2


def no_screens(session: Any) -> int:
    raise AssertionError
