"""Build arguments reach buildx where nobody else sees them, save those that would change what buildx does."""

import json
import sys
from pathlib import Path
from threading import Event

import pytest

from workbench.builds.buildx import build_with_buildx
from workbench.builds.recipe import Recipe
from workbench.sources.endpoint import Endpoint

BUILDX = """#!{python}
import json, os, sys
with open({told!r}, "w") as file:
    json.dump([open("/proc/self/cmdline").read().split("\\0"), dict(os.environ)], file)
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    program = tmp_path / "docker-buildx"
    program.write_text(BUILDX.format(python=sys.executable, told=str(tmp_path / "told")))
    program.chmod(0o755)
    return tmp_path / "told"


@pytest.mark.parametrize("value", ["hunter2hunter2", "", "a=b c\n'\"$x"])
def test_where_values_are(told: Path, value: str) -> None:
    kept = {"NPM_TOKEN": value, "GOAL": "x1", "gitlab": "x2"}
    seen = {"PATH": "/x3", "DOCKER_HOST": "unix:///x4", "https_proxy": "http://x5", "BUILDX_CONFIG": "/x6"}
    recipe = Recipe(told.parent, told.parent / "Dockerfile", arguments=tuple({**kept, **seen}.items()))
    build = build_with_buildx(
        told.parent / "docker-buildx", Endpoint("unix:///nobody.sock"), recipe, {}, lambda _: None, Event()
    )
    assert build.error == ""
    words, environ = json.loads(told.read_text())
    for name, expected in kept.items():
        assert f"--build-arg={name}" in words
        assert environ[name] == expected
    for name, expected in seen.items():
        assert f"--build-arg={name}={expected}" in words
        assert environ.get(name) != expected, "it is no setting of buildx"
    assert not value or not any(value in word for word in words if word.startswith("--build-arg"))
