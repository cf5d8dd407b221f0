"""Checks of an image. Each is one module in `image`, found by its name; nothing else has to be told of it."""

from collections.abc import Iterable
from typing import cast

from workbench.checks import image
from workbench.checks.check import Check
from workbench.checks.discovery import SEVERITIES, ask_each, load_from, names_in
from workbench.checks.reclaimable import reclaimable
from workbench.checks.verdict import KINDS, Verdict, judge
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

__all__ = ["KINDS", "Check", "Verdict", "judge", "load", "look", "names", "reclaimable"]


def names() -> tuple[str, ...]:
    """The modules of `image`, by name, without importing them."""
    return names_in(image)


def load(name: str) -> Check:
    """One check, by the name of its module.

    Raises:
        ModuleNotFoundError: when there is none of that name.
    """
    return cast("Check", load_from(image, name))


def look(analysis: ImageAnalysis, wanted: Iterable[Check] | None = None) -> tuple[ImageFinding, ...]:
    """What the checks find, the most severe first, then by bytes. What crashes is itself a finding.

    Args:
        analysis: The image.
        wanted: The checks to ask; all of them when `None`.
    """
    found = ask_each(
        [load(name) for name in names()] if wanted is None else wanted,
        lambda check: check.look(analysis),
        lambda name, message, fix: ImageFinding(name, "info", message, fix),
    )
    return tuple(
        sorted(
            found,
            key=lambda finding: (
                SEVERITIES[finding.severity],
                -finding.reclaimable_bytes,
                finding.check,
                finding.layer or 0,
            ),
        )
    )
