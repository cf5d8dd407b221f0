"""What a killed workbench has made is known from its file, and removed; what another one still needs is not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest

from workbench.builds.made_images import MadeImages, remove_all, remove_made

ENGINE = "unix:///run/one.sock"
KILLED = """
import os, signal
from workbench.builds.made_images import MadeImages
made = MadeImages({engine!r})
for image in ("111111111111", "222222222222", "333333333333"):
    made.note(image)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Client:
    """Notes what it removes; one image has a child."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def remove_image(self, image: str) -> None:
        if image == "222222222222":
            raise docker.errors.APIError("image has dependent child images")
        self.removed.append(image)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "workbench/builds"


def swept(engine: str = ENGINE) -> list[str]:
    client: Any = Client()
    remove_made(client, engine)
    return list(client.removed)


def kill_one() -> None:
    subprocess.run([sys.executable, "-c", KILLED.format(engine=ENGINE)], check=False)


def test_killed_workbench(folder: Path) -> None:
    kill_one()
    assert swept("unix:///run/another.sock") == []
    assert len(list(folder.iterdir())) == 1
    assert swept() == ["333333333333", "111111111111"], "the newest first, and the one that is needed stays"
    assert list(folder.iterdir()) == []


class Busy(Client):
    """An engine that still ends the step that was stopped."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def remove_image(self, image: str) -> None:
        if image == "333333333333" and self._left:
            self._left -= 1
            raise docker.errors.APIError("x", explanation="conflict: image is being used by running container 67a9")
        super().remove_image(image)


def test_a_step_that_is_ending_is_waited_for() -> None:
    images = ("111111111111", "333333333333")
    client: Any = Busy(2)
    assert remove_all(client, images, 60)
    assert client.removed == ["111111111111", "333333333333"]
    never_done: Any = Busy(99)
    assert not remove_all(never_done, images, 0)


def test_one_that_runs_keeps_its_own(folder: Path) -> None:
    made = MadeImages(ENGINE)
    made.note("111111111111")
    assert swept() == []
    made.forget()
    made.forget()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[1]\n111111111111\n", "null", "[" * 99_999, "\xff\n"])
def test_damaged_files_do_no_harm(folder: Path, content: str) -> None:
    folder.mkdir(parents=True)
    (folder / "1-a.made").write_text(content)
    assert swept() == []


def test_only_ids_are_taken(folder: Path) -> None:
    kill_one()
    [file] = folder.iterdir()
    head = file.read_text().partition("\n")[0]
    assert json.loads(head)["engine"] == ENGINE
    file.write_text(f"{head}\npython:3.11\n../x\n111111111111\n")
    assert swept() == ["111111111111"]
