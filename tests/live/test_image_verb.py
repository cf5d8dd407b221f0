"""`workbench image` on images that were really built."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import ImageFactory
from tests.live.engines import Engine

DOCKERFILE = """
FROM {base}
RUN mkdir -p /wheels /app/lib && head -c 3000000 /dev/urandom > /wheels/torch.whl \\
 && head -c 2000000 /dev/urandom > /app/lib/a.so
RUN rm -rf /wheels
RUN chown -R 1000:1000 /app
RUN cp /app/lib/a.so /app/copy.so && chmod 4755 /app/copy.so && head -c 300000 /dev/zero > /var/lib/apt/lists/x_Packages
USER 1000
"""
TAG = "workbench-test/verb:1"


@pytest.fixture
def environ(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """The engine's environment, with a user's directories of its own."""
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    return {**os.environ, **engine.environ, **places}


def workbench(environ: dict[str, str], folder: Path, *words: str | Path) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "workbench", "image", *map(str, words)]
    child = subprocess.run(command, capture_output=True, text=True, env=environ, cwd=folder, check=False)
    return child.returncode, child.stdout, child.stderr


def told(environ: dict[str, str], folder: Path, *words: str | Path) -> dict[str, Any]:
    code, out, err = workbench(environ, folder, *words, "--json")
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    return document


def test_a_built_image_is_told_exactly_whichever_way_it_comes(
    engine: Engine, image_factory: ImageFactory, base_image: str, environ: dict[str, str], tmp_path: Path
) -> None:
    image = image_factory(DOCKERFILE.format(base=base_image), tag=TAG)
    live = told(environ, tmp_path, TAG)
    above = [layer for layer in live["layers"] if not layer["base"]]
    assert [layer["shipped"] for layer in above] == [5_000_000, 0, 2_000_000, 2_300_000]
    assert [layer["contribution"] for layer in above] == [5_000_000, -3_000_000, 0, 2_300_000]
    assert (live["image_id"], live["base"]["name"]) == (image.id, base_image)
    assert live["bytes"]["removed"] == 3_000_000
    assert live["bytes"]["copied_up"] == 2_000_000
    assert live["bytes"]["shipped"] - live["bytes"]["hidden"] == live["bytes"]["final"]
    assert [group["bytes"] for group in live["duplicates"][:1]] == [2_000_000]
    found = {one["check"]: one for one in live["findings"]}
    assert (found["copied_up"]["bytes"], found["removed_later"]["bytes"], found["wheels"]["bytes"]) == (
        2_000_000,
        3_000_000,
        3_000_000,
    )
    assert "0:0 to 1000:1000" in found["copied_up"]["message"]
    assert found["apt_lists"]["bytes"] == 300_000
    assert found["setuid_files"]["check"]
    assert live["packages"]
    assert live["unowned_bytes"] < 0.15 * live["bytes"]["final"]

    archive = tmp_path / "image.tar"
    with archive.open("wb") as file:
        file.writelines(engine.client.images.get(TAG).save(named=True))
    environ["XDG_CACHE_HOME"] = str(tmp_path / "another cache")
    saved = told(environ, tmp_path, archive)
    again = told(environ, tmp_path, TAG)
    assert (saved["acquired_via"], again["acquired_via"]) == ("archive", "cache")
    for name in ("bytes", "wasted_paths", "duplicates", "unowned_bytes"):
        assert live[name] == saved[name] == again[name]
    assert not engine.client.containers.list(all=True, filters={"ancestor": str(image.id)})

    code, out, _ = workbench(environ, tmp_path, TAG, "--ci", "--against", base_image)
    assert code == 1
    assert "FAIL  highestUserWastedPercent" in out
    assert "+9.30 MB" in out


def test_an_image_that_is_not_there_is_named(engine: Engine, environ: dict[str, str], tmp_path: Path) -> None:
    code, out, err = workbench(environ, tmp_path, "workbench-test/nowhere:1")
    assert (code, out) == (3, "")
    assert "workbench-test/nowhere:1" in err
    code, out, err = workbench(environ, tmp_path, TAG, "--reference", "x")
    assert (code, out) == (2, "")
