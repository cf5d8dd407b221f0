"""line_profiler in fresh runs on a real engine: hits of every line, exact, in every way that Python starts others."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_py_spy import ours
from workbench.errors import WorkbenchError
from workbench.measure.excerpts import lines_in
from workbench.measure.flame.functions import functions_of
from workbench.profilers.base import Impossible, Wish
from workbench.profiling import Outcome, Profiling
from workbench.settings import Settings

PYTHONS = Path.home() / ".pyenv/versions"
PROGRAM = """
import functools, os, sys, threading, time

def work(rounds):
    total = 0
    for number in range(rounds):
        total += number
    return total

work(10)

class Shop:
    @staticmethod
    def price(book):
        return book * 2

    @functools.lru_cache
    def rebate(self, book):
        return book + 1

    @property
    def name(self):
        return "shop"

def each(number):
    for one in range(number):
        yield one

def main():
    import below
    below.deep(3)
    for book in range(7):
        Shop.price(book)
    shop = Shop()
    shop.rebate(1), shop.rebate(1), shop.rebate(2), shop.name
    list(each(4))
    other = threading.Thread(target=work, args=(100,))
    other.start()
    other.join()
"""
BELOW = "def deep(n):\n    if n:\n        deep(n - 1)\n    return n\n"
FUNCTIONS = ("__main__:work", "program:Shop.price", "__main__:Shop.rebate", "program:Shop.name", "__main__:each")
LONG = 60.0


@pytest.fixture
def profiling(engine: Engine, monkeypatch: pytest.MonkeyPatch, wheel_cache: Path) -> Iterator[Profiling]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(wheel_cache))
    opened = Profiling(Settings())
    yield opened
    opened.close()


def run(profiling: Profiling, container: Container, *functions: str, seconds: float = LONG, **wish: Any) -> Outcome:
    assert container.id
    facts = profiling.probe(container.id)
    chosen = Wish(seconds=seconds, functions=functions, route="fresh", **wish)
    return profiling.run("lines", facts, chosen, lambda _: None, Event())


def hits(outcome: Outcome, source: str, file: str) -> dict[str, int]:
    """Hits by the text of the line."""
    text = source.splitlines()
    return {
        text[line.place.line - 1].strip(): line.hits for line in outcome.profile.lines if line.place.file.endswith(file)
    }


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "below.py").write_text(BELOW)
    tmp_path.chmod(0o755)
    return tmp_path


def starts(app: Path, *lines: str) -> str:
    """The program with an end, and where the container finds it."""
    source = PROGRAM + "\n".join(("if __name__ == '__main__':", *(f"    {line}" for line in ("main()", *lines)))) + "\n"
    (app / "program.py").write_text(source)
    return source


LOCKED = {"user": "1000:1000", "read_only": True, "cap_drop": ["ALL"]}
FORK = ("if os.fork() == 0:", "    work(1000)", "    os._exit(0)", "os.wait()")
SPAWN = (
    "import multiprocessing",
    "child = multiprocessing.get_context('spawn').Process(target=work, args=(1000,))",
    "child.start()",
    "child.join()",
)


@pytest.mark.parametrize(
    ("how", "version", "kind"),
    [("fork", "", LOCKED), ("spawn", "", {}), ("fork", "3.8", {}), ("spawn", "3.13", {})],
    ids=str,
)
def test_hits_are_exact(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    app: Path,
    how: str,
    version: str,
    kind: dict[str, Any],
) -> None:
    source = starts(app, *(FORK if how == "fork" else SPAWN))
    python, volumes = "/usr", [f"{app}:/app:ro"]
    if version:
        folder = next(iter(sorted(PYTHONS.glob(f"{version}.*"))), None)
        if folder is None:
            pytest.skip(f"no Python {version} on this machine")
        python = str(folder)
        volumes.append(f"{folder}:{folder}:ro")
    container = container_factory(
        base_image,
        [f"{python}/bin/python3", "/app/program.py"],
        network_mode="none",
        volumes=volumes,
        tmpfs={"/tmp": "mode=1777"},
        **kind,
    )
    container.wait()
    outcome = run(profiling, container, *FUNCTIONS, "below:deep")
    calls = 10 + 100 + 1000 + (10 if how == "spawn" else 0)  # the spawned child runs the file itself again
    found = hits(outcome, source, "program.py")
    assert found["total += number"] == calls
    assert found["for number in range(rounds):"] == calls + (4 if how == "spawn" else 3)
    assert found["return book * 2"] == 7
    assert found["return book + 1"] == 2, "without the cache that it is wrapped in"
    assert found['return "shop"'] == 1
    assert found["yield one"] == 4
    assert hits(outcome, BELOW, "below.py") == {"if n:": 4, "deep(n - 1)": 3, "return n": 4}
    texts = lines_in(outcome.profile.excerpts, "/app/program.py")
    assert texts == {number: line for number, line in enumerate(source.splitlines(), start=1) if number in texts}
    assert "        total += number" in texts.values()
    assert "def main():" not in texts.values(), "it was not profiled"
    assert all(0 < line.seconds < 10 for line in outcome.profile.lines)
    tree = outcome.profile.tree
    assert tree.total[0] == pytest.approx(sum(line.seconds for line in outcome.profile.lines))
    assert max(functions_of(tree), key=lambda one: one.total).place.name == "work"
    assert any("several times slower" in warning for warning in outcome.recorded.warnings)
    assert not any("exit code" in warning for warning in outcome.recorded.warnings)
    assert ours(engine) == []


def test_all_but_the_last_second_survives_a_kill_and_a_server_is_ended_politely(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, app: Path
) -> None:
    source = starts(
        app, "if os.fork() == 0:", "    work(1000)", "    time.sleep(2.5)", "    os.kill(os.getpid(), 9)",
        "work(500)", "while True: time.sleep(1)",
    )  # fmt: skip
    container = container_factory(
        base_image, ["python3", "-m", "program"], network_mode="none", working_dir="/app", volumes=[f"{app}:/app:ro"]
    )
    outcome = run(profiling, container, "program:work", seconds=5)
    assert hits(outcome, source, "program.py")["total += number"] == 1610


def test_functions_that_are_not_there_are_told(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling, app: Path
) -> None:
    starts(app)
    container = container_factory(
        base_image, ["python3", "/app/program.py"], network_mode="none", volumes=[f"{app}:/app:ro"]
    )
    container.wait()
    with pytest.raises(Impossible, match=r"__main__ has no function nothing; .*no process imported nowhere"):
        run(profiling, container, "__main__:nothing", "nowhere:f")
    with pytest.raises(WorkbenchError, match="none of them ran"):
        run(profiling, container, "json:dumps")
    outcome = run(profiling, container, "__main__:work", "__main__:nothing")
    assert "__main__:nothing was not profiled: __main__ has no function nothing" in outcome.recorded.warnings
    assert ours(engine) == []
