"""The modes by name, each imported when it is shown for the first time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.screen import Screen


def _fleet() -> "Screen[None]":
    from screens.fleet.screen import FleetScreen

    return FleetScreen()


def _container() -> "Screen[None]":
    from screens.container.screen import ContainerScreen

    return ContainerScreen()


def _image() -> "Screen[None]":
    from screens.image.screen import ImageScreen

    return ImageScreen()


def _gpu() -> "Screen[None]":
    from screens.gpu.screen import GpuScreen

    return GpuScreen()


def _build() -> "Screen[None]":
    from screens.build.screen import BuildScreen

    return BuildScreen()


def _compare() -> "Screen[None]":
    from screens.compare.screen import CompareScreen

    return CompareScreen()


def _runs() -> "Screen[None]":
    from screens.runs.screen import RunsScreen

    return RunsScreen()


MODES: dict[str, Callable[[], "Screen[None]"]] = {
    "fleet": _fleet,
    "container": _container,
    "image": _image,
    "build": _build,
    "compare": _compare,
    "runs": _runs,
    "gpu": _gpu,
}
