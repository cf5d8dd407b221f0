"""The build mode on a terminal, before real builders: built, from the cache, failed, cancelled; and nothing left."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.engines import Engine
from tests.live.test_build import left_of
from tests.live.test_py_spy import ours
from tests.live.test_terminal import WORKBENCH, environment, folder, tmux
from tests.live.tmux import Tmux

__all__ = ["folder", "tmux"]

DOCKERFILE = """FROM {base} AS left
RUN sleep 3 && echo left {mark} > /left
FROM {base} AS right
COPY source /source
RUN printf 'coloured \\033[31mred\\033[0m\\n'; sleep 1 # {mark}
FROM left
COPY --from=right /source /right
RUN {last} # {mark}
"""


@pytest.fixture(params=[("classic", 80, 24), ("buildx", 120, 40)], ids=lambda param: str(param[0]))
def screen(
    request: pytest.FixtureRequest, base_image: str, tmp_path: Path, folder: Path, tmux: None
) -> Iterator[tuple[Tmux, Engine, Path]]:
    """The workbench in a folder with a Dockerfile, and its engine."""
    builder, columns, rows = request.param
    name = "engine" if builder == "classic" else "modern_engine"
    if builder == "buildx":
        request.getfixturevalue("modern_base_image")
    engine: Engine = request.getfixturevalue(name)
    context = tmp_path / "shop"
    context.mkdir()
    (context / "source").write_text(f"{tmp_path}\n")
    write(context, base_image, "true")
    given = environment(engine.host, folder)
    kept = {each: engine.environ[each] for each in ("DOCKER_CONFIG", "PATH") if each in engine.environ}
    start = ["sh", "-c", f"cd {shlex.quote(str(context))} && exec {shlex.quote(WORKBENCH)}"]
    with Tmux(folder, start, columns, rows, {**given, **kept}) as shown:
        yield shown, engine, context


def write(context: Path, base: str, last: str) -> None:
    """Write its Dockerfile."""
    (context / "Dockerfile").write_text(DOCKERFILE.format(base=base, mark=context, last=last))


def running(engine: Engine, mark: Path) -> list[str]:
    """Containers of a build that still run, or lie about."""
    return [
        str(each.id) for each in engine.client.containers.list(all=True) if str(mark) in " ".join(each.attrs["Args"])
    ]


def test_builds_are_shown_kept_and_cancelled(screen: tuple[Tmux, Engine, Path], base_image: str) -> None:
    shown, engine, context = screen
    shown.wait_for("▸1 Fleet", "live")
    shown.press("5")
    shown.wait_for("▸5 Build", "b builds a Dockerfile", "No build is kept yet", "folder")
    shown.press("b")
    shown.wait_for("running", "so far", "no earlier build of the same says how long it takes")
    text = shown.wait_for("✔ built in", "saves", "slack", "█", "making this step free saves", "kept as run 1")
    assert "left" in text
    shown.press("Escape")
    shown.wait_for("Earlier builds · 1 run", "built", "warm")

    shown.press("b")
    text = shown.wait_for("✔ built in", "kept as run 2")
    assert "1 earlier build" in text
    if "with buildx" in text:  # what the classic builder leaves for its cache is removed with the image
        shown.press("/")
        shown.write("sleep 1")
        shown.press("Enter")
        shown.wait_for("cached", "it came from the cache")
        shown.press("Escape")
        shown.wait_for("sleep 3")
    shown.press("Escape")

    write(context, base_image, "echo no such module; exit 7")
    shown.wait_for("Earlier builds · 2 runs")
    shown.press("b")
    shown.wait_for("✘ failed after", "exit code 7", "it wrote last: no such module", "failed", "kept as run 3")
    shown.press("Escape")

    write(context, base_image, "sleep 600")
    shown.wait_for("Earlier builds · 3 runs")
    shown.press("b")
    shown.wait_for("sleep 600", "running")
    shown.press("Escape")
    shown.wait_for("Cancel the build of", "cancel the build   Esc or n: leave it")
    shown.press("n")
    shown.wait_for("running", without="Cancel the build of")
    shown.press("Escape")
    shown.wait_for("Cancel the build of")
    shown.press("Enter")
    shown.wait_for("▲ cancelled after", "stopped", "kept as run 4")
    assert ours(engine) == []
    assert running(engine, context) == []
    assert left_of(engine, context) == []

    shown.press("7")
    shown.wait_for("4 runs")
    shown.press("Enter")
    shown.wait_for("▸7 Runs", "▲ cancelled after")
    shown.press("Escape")
    shown.wait_for("4 runs")
    shown.press("q")
    assert shown.wait_for_end() == 0


def test_quitting_while_a_build_runs_asks_and_leaves_nothing(
    screen: tuple[Tmux, Engine, Path], base_image: str
) -> None:
    shown, engine, context = screen
    write(context, base_image, "sleep 600")
    shown.wait_for("▸1 Fleet", "live")
    shown.press("5")
    shown.wait_for("No build is kept yet")
    shown.press("b")
    shown.wait_for("sleep 600", "running")
    shown.press("1")
    shown.wait_for("▸1 Fleet")
    shown.press("q")
    shown.wait_for("Quit while a build runs?")
    shown.press("y")
    assert shown.wait_for_end() == 0
    assert ours(engine) == []
    assert running(engine, context) == []
    assert left_of(engine, context) == []
