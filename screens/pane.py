"""A pane is one module in its mode's `panes/` that defines `PANE`; the mode's screen finds it there."""

import pkgutil
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical

from screens.laid_out import LaidOut

if TYPE_CHECKING:
    from screens.app import WorkbenchApp


class Pane(LaidOut, Vertical):
    """A part of a mode's screen. It watches the app or its screen and knows no other pane."""

    ORDER: ClassVar[int] = 100
    """Where it stands among its mode's panes, smallest first."""

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app, with its readings."""
        return cast("WorkbenchApp", self.app)


def discover(package: ModuleType) -> list[type[Pane]]:
    """Every pane in a package, in their order."""
    modules = [import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)]
    panes: list[type[Pane]] = [module.PANE for module in modules]
    return sorted(panes, key=lambda pane: pane.ORDER)
