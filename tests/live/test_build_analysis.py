"""What is said of builds, held against the images that come of them, with both builders."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.errors import APIError

from tests.live.engines import Engine
from tests.live.test_build import building, no_screens  # noqa: F401  a fixture
from tests.live.test_py_spy import ours
from workbench.build_examination import examine
from workbench.build_imports import imported, remembered
from workbench.building import Building, BuildOutcome
from workbench.builds.recipe import Recipe
from workbench.cli import main
from workbench.model.build import Builder
from workbench.model.build_analysis import BuildAnalysis
from workbench.sources.buildx_program import find_buildx
from workbench.sources.endpoint import resolve

DOCKERFILE = """FROM {base}
WORKDIR /app
COPY . .
RUN sleep 1 && apt-get clean # {mark}
RUN pip install --no-cache-dir -r requirements.txt
RUN head -c 3000000 /dev/urandom > /three && cat app.py
"""
Opened = tuple[Building, Builder, Engine]


@pytest.fixture
def context(base_image: str, tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "data").mkdir(parents=True)
    (folder / "requirements.txt").write_text("pip\n# no more\n")
    (folder / ".dockerignore").write_text("data\n")
    (folder / "data/rows.csv").write_bytes(b"1,2\n" * 500_000)
    (folder / "app.py").write_text(f"print({str(tmp_path)!r})\n")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=base_image, mark=tmp_path))
    return folder


@pytest.fixture
def names(building: Opened) -> Iterator[list[str]]:  # noqa: F811
    """Images to remove, those that were made on the way too."""
    made: list[str] = []
    yield made
    for name in made:
        with suppress(APIError):
            building[2].client.api.remove_image(name, force=True)


def built(opened: Opened, context: Path, names: list[str], tag: str) -> tuple[BuildOutcome, BuildAnalysis]:
    building, builder, _ = opened  # noqa: F811
    recipe = Recipe(context, context / "Dockerfile", tag=f"workbench-test-{tag}-{os.getpid()}:{builder}")
    inputs = building.inputs(recipe, builder, Event())
    outcome = building.run(recipe, 1, "", builder, lambda _: None, Event())
    assert outcome.builds[0].error == ""
    names += [recipe.tag, *reversed(outcome.builds[0].made_images)]
    return outcome, examine(inputs, outcome.builds)


def files_of(engine: Engine, image: str) -> dict[str, tuple[object, ...]]:
    """Every file of an image with its kind, mode, owner and content, but for times and what is random."""
    container = engine.client.containers.create(image)
    try:
        pieces: Any = container.export()
        content = b"".join(pieces)
    finally:
        container.remove()
    found: dict[str, tuple[object, ...]] = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            body = archive.extractfile(entry) if entry.isreg() else None
            digest = hashlib.sha256(body.read()).hexdigest() if body is not None else ""
            found[entry.name] = (entry.type, entry.mode, entry.uid, entry.gid, entry.linkname, digest)
    found.pop("three", None)
    return {name: facts for name, facts in found.items() if not name.endswith(".pyc")}


def test_bytes_seconds_and_context(building: Opened, context: Path, names: list[str]) -> None:  # noqa: F811
    outcome, analysis = built(building, context, names, "bytes")
    figures = {each.line: each for each in analysis.figures}
    assert 3_000_000 <= (figures[6].bytes or 0) < 3_100_000
    assert (figures[3].bytes or 0) < 10_000, ".dockerignore holds for what is copied"
    assert (figures[4].last_seconds or 0) >= 1
    assert analysis.context.all_bytes - analysis.context.sent_bytes == 2_000_000
    sent = outcome.builds[0].context_bytes
    assert sent is not None
    assert sent < 100_000
    if building[1] == "classic":
        assert sent == analysis.context.sent_bytes
    again = built(building, context, names, "bytes")[1]
    kept = {each.line: each.bytes for each in again.figures}
    assert kept[6] == figures[6].bytes, "also of a step that came from the cache"
    assert again.record.is_whole
    assert ours(building[2]) == []


def test_the_better_order_makes_the_same_image(building: Opened, context: Path, names: list[str]) -> None:  # noqa: F811
    analysis = built(building, context, names, "before")[1]
    assert (analysis.reordering.steps_before, analysis.reordering.steps_after) == (4, 2)
    before = files_of(building[2], names[0])
    done = subprocess.run(
        ["patch", "Dockerfile"], cwd=context, input=analysis.reordering.diff, text=True, check=True, capture_output=True
    )
    assert not done.stderr
    built(building, context, names, "after")
    after = files_of(building[2], next(name for name in names if "after" in name))
    own = {"app/Dockerfile"}
    assert {name: facts for name, facts in after.items() if name not in own} == {
        name: facts for name, facts in before.items() if name not in own
    }
    (context / "app.py").write_text("print(2)\n")
    touched = built(building, context, names, "after")[0].builds[0]
    ran = [step.line for step in touched.steps if step.line and not (step.cached or step.is_base)]
    assert len(ran) == 2, "as was said"


def test_a_build_made_elsewhere(
    modern_engine: Engine, modern_base_image: str, monkeypatch: pytest.MonkeyPatch, context: Path, tmp_path: Path
) -> None:
    for name in ("DOCKER_CONFIG", "PATH"):
        monkeypatch.setenv(name, modern_engine.environ[name])
    program = find_buildx(modern_engine.environ)
    assert program is not None
    recipe = Recipe(context, context / "Dockerfile")
    command = [str(program), "build", "--builder=default", "--progress=rawjson", "--output=type=cacheonly"]
    with (tmp_path / "told").open("wb") as told:
        environ = {**os.environ, "DOCKER_HOST": modern_engine.host}
        subprocess.run([*command, str(context)], stderr=told, env=environ, check=True)
    saved = imported(str(tmp_path / "told"), recipe).builds[0]
    history = remembered(resolve("", {"DOCKER_HOST": modern_engine.host}), "", recipe).builds[0]
    for build in (saved, history):
        lines = sorted(step.line for step in build.steps if step.line)
        assert lines[-5:] == [2, 3, 4, 5, 6]
    long = [next(step.seconds for step in build.steps if step.line == 4) for build in (saved, history)]
    assert long[0] >= 1
    assert long[1] == pytest.approx(long[0], abs=0.01)


def test_verb(
    engine: Engine, context: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["build", str(context), "--builder", "classic", "--json"], no_screens) == 0
    first = json.loads(capsys.readouterr().out)
    slow = next(step for step in first["steps"] if step["line"] == 6)
    assert slow["bytes"] >= 3_000_000
    assert slow["last_uncached_seconds"] == slow["seconds"]
    assert {"findings", "context", "predictions", "reordered"} <= set(first)
    code = main(["build", str(context), "--check", "--builder", "classic", "--json"], no_screens)
    checked = json.loads(capsys.readouterr().out)
    # How bad it is that everything is copied before the install depends on how long that took
    assert code == any(each["severity"] in ("high", "medium") for each in checked["findings"])
    assert "copy_before_install" in {each["check"] for each in checked["findings"]}
    step = next(step for step in checked["steps"] if step["line"] == 6)
    assert (step["last_uncached_seconds"], step["last_uncached_run"]) == (slow["seconds"], 1)
    assert ours(engine) == []
