"""Every profiler, a module each that names its one object `PROFILER`; a module's name is the profiler's."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.profilers.base import Profiler


@cache
def names() -> tuple[str, ...]:
    """The profilers, without importing them."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


@cache
def load(name: str) -> "Profiler":
    """One profiler by its name.

    Raises:
        ModuleNotFoundError: when there is none of that name.
    """
    found: Profiler = import_module(f"{__name__}.{name.replace('-', '_')}").PROFILER
    return found
