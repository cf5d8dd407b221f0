"""Checks of an image. Each is one module in `image`, found by its name; nothing else has to be told of it."""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from workbench.checks import image
from workbench.checks.check import Check
from workbench.checks.reclaimable import reclaimable
from workbench.checks.verdict import KINDS, Verdict, judge
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

__all__ = ["KINDS", "Check", "Verdict", "judge", "load", "look", "names", "reclaimable"]

_ORDER = {"high": 0, "medium": 1, "low": 2, "info": 3}


def names() -> tuple[str, ...]:
    """The modules of `image`, by name, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(image.__path__)))


@cache
def load(name: str) -> Check:
    """One check, by the name of its module.

    Raises:
        ModuleNotFoundError: when there is none of that name.
    """
    check: Check = import_module(f"{image.__name__}.{name}").CHECK
    return check


def look(analysis: ImageAnalysis, wanted: Iterable[Check] | None = None) -> tuple[ImageFinding, ...]:
    """What the checks find, the most severe first, then by bytes. What crashes is itself a finding.

    Args:
        analysis: The image.
        wanted: The checks to ask; all of them when `None`.
    """
    found: list[ImageFinding] = []
    for check in [load(name) for name in names()] if wanted is None else wanted:
        try:
            found += check.look(analysis)
        except Exception as error:  # noqa: BLE001  whatever one does, the others are told
            message = f"the check {check.name} itself failed: {type(error).__name__}: {error}"
            found.append(ImageFinding(check.name, "info", message, "please report this"))
    return tuple(
        sorted(
            found,
            key=lambda finding: (
                _ORDER[finding.severity],
                -finding.reclaimable_bytes,
                finding.check,
                finding.layer or 0,
            ),
        )
    )
