"""What every test of the screens stands on: a plain environment, and the accepted pictures."""

import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.screens.desk import Desk

Picture = Callable[[Desk], Coroutine[Any, Any, None]]
"""Compare an open desk with the accepted picture of this test."""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine that runs the tests is seen by them."""
    for name in ("NO_COLOR", "DOCKER_HOST", "DOCKER_CONTEXT", "TEXTUAL_ANIMATIONS", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


class Svg(SingleFileSnapshotExtension):
    """One SVG per test, called as the test: the README shows some of them."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **_: Any) -> str:
        return str(data)


async def settled(desk: Desk) -> str:
    """The screen as an SVG, once nothing on it moves any more: on a busy machine a pane may still be at work."""
    before = ""
    for _ in range(100):
        await desk.pilot.pause(0.1)
        now = re.sub(r"terminal-\d+-", "terminal-", desk.app.export_screenshot(simplify=True))  # rich's random number
        if now == before:
            break
        before = now
    return before


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> Picture:
    """Compare the screen, once it has settled, with the accepted SVG that is called as the test."""
    accepted = snapshot.use_extension(Svg)

    async def check(desk: Desk) -> None:
        same = await settled(desk) == accepted
        assert same, f"not the accepted picture; `make pictures` accepts this one:\n{desk.text}"

    return check
