"""Names that are hostile, through real profilers: what is written steers nothing, and every file can be read again."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.hostile import PROGRAM
from workbench.profile_files import parse_profile

ROOT = Path(__file__).parents[2]
WAYS = {
    "py-spy": ["--for", "2"],
    "py-spy inside": ["--for", "2", "--route", "exec"],
    "dump": ["--with", "dump"],
    "cprofile": ["--with", "cprofile", "--fresh", "--for", "2"],
}


@pytest.fixture
def target(base_image: str, container_factory: ContainerFactory) -> Container:
    return container_factory(base_image, ["python3", "-c", PROGRAM], network_mode="none")


def profile(engine: Engine, container: Container, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "profile", str(container.id), *words],
        cwd=ROOT,
        env={**engine.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(folder)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steers_nothing(done.stderr.decode())
    return done.stdout.decode()


def steers_nothing(text: str) -> None:
    """Nothing but lines of characters that show."""
    assert {unicodedata.category(char) for char in text.replace("\n", "")}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@pytest.mark.parametrize("way", WAYS)
def test_hostile_names_stay_text(engine: Engine, target: Container, tmp_path: Path, way: str) -> None:
    """py-spy leaves out names that it cannot read, those of half a character and of more than 4 kB."""
    table = profile(engine, target, tmp_path, *WAYS[way])
    steers_nothing(table)
    assert "[bold red]markup[/] [link=x]" in table
    assert "␛[31mred" in table
    file = tmp_path / "out"
    for kind in ["speedscope", "collapsed", "json"] + (["pstats"] if way == "cprofile" else []):
        told = json.loads(profile(engine, target, tmp_path, *WAYS[way], "--json", "--format", kind, "-o", str(file)))
        assert any(row["function"] == "[bold red]markup[/] [link=x]" for row in told["top"])
        if kind == "json":
            json.loads(file.read_bytes())
            continue
        names = {place.name for place in parse_profile(file.read_bytes(), "out").tree.places}
        assert {"[bold red]markup[/] [link=x]"} | ({"long" * 2500} if way == "cprofile" else set()) <= names
        assert not any(name.startswith("colon 7") for name in names)
