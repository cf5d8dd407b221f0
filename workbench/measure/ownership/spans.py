"""From which layer to which a version of a package was there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.measure.ownership.installed import Installed, Key


@dataclass(frozen=True, slots=True)
class Span:
    """A version of a package, reinstallations of the same one taken together."""

    version: str
    since: int
    until: int
    is_known: bool
    upgraded_from: str | None
    """The version it followed at once; `None` when there was none."""


def spans_of(installed: Iterable[Installed]) -> dict[Key, list[Span]]:
    """Every package's versions, the oldest first."""
    by_key: dict[Key, list[Installed]] = {}
    for one in installed:
        by_key.setdefault(one.key, []).append(one)
    found: dict[Key, list[Span]] = {}
    for key, versions in by_key.items():
        spans = found[key] = []
        for one in sorted(versions, key=lambda one: (one.since, one.until)):
            before = spans[-1] if spans and spans[-1].until >= one.since else None
            if before is not None and before.version == one.version:
                spans[-1] = replace(before, until=max(before.until, one.until))
                continue
            if before is not None:
                spans[-1] = replace(before, until=one.since)
            spans.append(
                Span(one.version, one.since, one.until, one.since_is_known, None if before is None else before.version)
            )
    return found
