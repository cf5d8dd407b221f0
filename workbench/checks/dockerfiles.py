"""Checks of a Dockerfile. Each is one module in `dockerfile`, found by its name; nothing else has to be told of it."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import cast

from workbench.checks import dockerfile
from workbench.checks.discovery import SEVERITIES, ask_each, load_from, names_in
from workbench.checks.dockerfile_check import DockerfileCheck, DockerfileSituation
from workbench.measure.secrets import mask_text
from workbench.model.dockerfile_findings import DockerfileFinding

_MOST_OF_A_CHECK = 20


def names() -> tuple[str, ...]:
    """The modules of `dockerfile`, by name, without importing them."""
    return names_in(dockerfile)


def load(name: str) -> DockerfileCheck:
    """One check, by the name of its module.

    Raises:
        ModuleNotFoundError: when there is none of that name.
    """
    return cast("DockerfileCheck", load_from(dockerfile, name))


def look_at_dockerfile(
    situation: DockerfileSituation, wanted: Iterable[DockerfileCheck] | None = None
) -> tuple[DockerfileFinding, ...]:
    """What the checks find, the most severe first, then by seconds, bytes and line. What crashes is itself a finding.

    Args:
        situation: The Dockerfile and what is known of it.
        wanted: The checks to ask; all of them when `None`.
    """
    found = ask_each(
        [load(name) for name in names()] if wanted is None else wanted,
        lambda check: islice(check.look(situation), _MOST_OF_A_CHECK),
        lambda name, message, fix: DockerfileFinding(name, "info", 1, message, fix),
    )
    masked = (replace(each, message=mask_text(each.message), fix=mask_text(each.fix)) for each in found)
    return tuple(sorted(masked, key=_order))


def _order(finding: DockerfileFinding) -> tuple[int, float, int, int, str]:
    return (SEVERITIES[finding.severity], -(finding.seconds or 0.0), -(finding.bytes or 0), finding.line, finding.check)
