"""The modes by name, each imported when it is shown for the first time."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen


def _mode(name: str) -> "Callable[[], Screen[None]]":
    """Makes the screen of a mode: `FleetScreen` of `screens/fleet/screen.py`."""

    def made() -> "Screen[None]":
        module = import_module(f"screens.{name}.screen")
        return cast("Screen[None]", getattr(module, f"{name.title()}Screen")())

    return made


MODES = {name: _mode(name) for name in ("fleet", "container", "image", "build", "compare", "runs", "gpu")}
