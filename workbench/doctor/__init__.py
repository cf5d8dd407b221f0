"""Examines what the workbench can use on this machine. A thing to examine is one module in `things`."""

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from threading import Thread

from workbench.doctor import things
from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Examined, Finding

__all__ = ["PATIENCE_SECONDS", "Check", "Surroundings", "checks", "examine", "names"]

PATIENCE_SECONDS = 20.0
"""What one examination may take; an ssh tunnel that nobody answers is the longest."""


def names() -> tuple[str, ...]:
    """The modules of `things`, by name, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(things.__path__)))


@cache
def checks() -> tuple[Check, ...]:
    """Every thing to examine: what is essential first, then by their order of telling."""
    found = [import_module(f"{things.__name__}.{name}").CHECK for name in names()]
    return tuple(sorted(found, key=lambda check: (check.rank, check.name)))


def examine(
    surroundings: Surroundings, wanted: Sequence[Check] | None = None, patience: float = PATIENCE_SECONDS
) -> tuple[Examined, ...]:
    """Examine everything at once. What crashes or hangs is itself a finding, and holds up nothing else.

    Args:
        surroundings: The machine and environment to look at.
        wanted: What to examine; everything when `None`.
        patience: Seconds that all of it together may take.
    """
    todo = checks() if wanted is None else tuple(wanted)
    found: dict[int, Finding] = {}

    def look(index: int, check: Check) -> None:
        try:
            found[index] = check.examine(surroundings)
        except Exception as error:  # noqa: BLE001  whatever one does, the others are told
            found[index] = Finding(
                "broken", f"the examination itself failed: {type(error).__name__}: {error}", "please report this"
            )

    threads = [Thread(target=look, args=each, name=f"doctor:{each[1].name}", daemon=True) for each in enumerate(todo)]
    for thread in threads:
        thread.start()
    deadline = surroundings.clock() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - surroundings.clock()))
    hung = Finding("broken", f"no answer within {patience:.0f} s", "run it again; when it stays so, please report this")
    told = [found.get(index, hung) for index in range(len(todo))]
    return tuple(
        Examined(check.name, check.title, finding.status, finding.detail, finding.fix, check.essential)
        for check, finding in zip(todo, told, strict=True)
    )
