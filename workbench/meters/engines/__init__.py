"""Other load generators, used when they are installed and asked for: one module for each, which defines `ENGINE`."""

import importlib
import pkgutil
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from workbench.meters.engines.base import LoadEngine

_NOT_ENGINES = ("base", "run")


def names() -> tuple[str, ...]:
    """Every engine's name."""
    return tuple(found.name for found in pkgutil.iter_modules(__path__) if found.name not in _NOT_ENGINES)


def load(name: str) -> "LoadEngine":
    """The engine of that name."""
    return cast("LoadEngine", importlib.import_module(f"{__name__}.{name}").ENGINE)
