"""What checks of every kind have in common: they are found by their modules' names, and asked one after the other."""

import pkgutil
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Protocol, TypeVar

SEVERITIES = {"high": 0, "medium": 1, "low": 2, "info": 3}
"""In the order in which findings are listed."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Check = TypeVar("_Check", bound=_Named)
_Finding = TypeVar("_Finding")


def names_in(package: ModuleType) -> tuple[str, ...]:
    """A package's modules, by name, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


@cache
def load_from(package: ModuleType, name: str) -> object:
    """The `CHECK` that a module of a package defines.

    Raises:
        ModuleNotFoundError: when there is no module of that name.
    """
    found: object = import_module(f"{package.__name__}.{name}").CHECK
    return found


def ask_each(
    checks: Iterable[_Check],
    look: Callable[[_Check], Iterable[_Finding]],
    crashed: Callable[[str, str, str], _Finding],
) -> list[_Finding]:
    """What checks find. One that crashes spoils nothing: that is itself a finding, and what it found before stays.

    Args:
        checks: Whom to ask.
        look: Asks one of them.
        crashed: Makes a finding of a check's name, a message and a fix.
    """
    found: list[_Finding] = []
    for check in checks:
        try:
            found.extend(look(check))
        except Exception as error:  # noqa: BLE001  whatever one does, the others are told
            message = f"the check {check.name} itself failed: {type(error).__name__}: {error}"
            found.append(crashed(check.name, message, "please report this"))
    return found
