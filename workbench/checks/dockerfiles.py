"""Checks of a Dockerfile. Each is one module in `dockerfile`, found by its name; nothing else has to be told of it."""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from workbench.checks import dockerfile
from workbench.checks.dockerfile_check import DockerfileCheck, DockerfileSituation
from workbench.model.dockerfile_findings import DockerfileFinding

_ORDER = {"high": 0, "medium": 1, "low": 2, "info": 3}
_MOST_OF_A_CHECK = 20


def names() -> tuple[str, ...]:
    """The modules of `dockerfile`, by name, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(dockerfile.__path__)))


@cache
def load(name: str) -> DockerfileCheck:
    """One check, by the name of its module.

    Raises:
        ModuleNotFoundError: when there is none of that name.
    """
    check: DockerfileCheck = import_module(f"{dockerfile.__name__}.{name}").CHECK
    return check


def look_at_dockerfile(
    situation: DockerfileSituation, wanted: Iterable[DockerfileCheck] | None = None
) -> tuple[DockerfileFinding, ...]:
    """What the checks find, the most severe first, then by seconds, bytes and line. What crashes is itself a finding.

    Args:
        situation: The Dockerfile and what is known of it.
        wanted: The checks to ask; all of them when `None`.
    """
    found: list[DockerfileFinding] = []
    for check in [load(name) for name in names()] if wanted is None else wanted:
        try:
            found += [finding for finding, _ in zip(check.look(situation), range(_MOST_OF_A_CHECK), strict=False)]
        except Exception as error:  # noqa: BLE001  whatever one does, the others are told
            message = f"the check {check.name} itself failed: {type(error).__name__}: {error}"
            found.append(DockerfileFinding(check.name, "info", 1, message, "please report this"))
    return tuple(sorted(found, key=_order))


def _order(finding: DockerfileFinding) -> tuple[int, float, int, int, str]:
    return (_ORDER[finding.severity], -(finding.seconds or 0.0), -(finding.bytes or 0), finding.line, finding.check)
