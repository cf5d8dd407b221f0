"""Steps of the history that should be one, or in another order."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.checks.evidence import instruction_of
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

if TYPE_CHECKING:
    from workbench.model.images import Layer

_COMMANDS = re.compile(r"[&;|\n]+")
_APT = frozenset(("apt", "apt-get", "/usr/bin/apt-get", "/usr/bin/apt"))
_INSTALLS = frozenset(("install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep"))
_INSTALL = re.compile(r"\bapt(?:-get)? (?:-\S+ )*install\b")
_DEPENDENCIES = re.compile(
    r"\b(?:pip3?(?:\.\d+)? install|uv (?:sync|pip install)|poetry install|conda (?:install|env)|mamba install"
    r"|npm (?:ci|install)|yarn install|pnpm install)\b"
)
_COPY_ALL = re.compile(
    r"(?:COPY|ADD) (?:--\S+ )*(?:\./? \S+|dir:[0-9a-f]+ in (?:\.|/(?:app|code|src|srv|usr/src/app|workspace)/?)$)"
)
"""Older builders do not tell the source, so there the usual places of code must do."""
_OF_ITSELF = re.compile(r"\binstall\b(?: -\S+)* (?:-e )?\.(?:\[\w+\])?(?:\s|$)")


class RunSteps:
    """Layers are cached in order: a step that changes makes every later one run again.

    `apt-get update` apart from the install serves old lists from the cache. Code copied before dependencies are
    installed makes each changed line install them all again.
    """

    name = "run_steps"
    title = "steps and their order"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """Updates that stand alone, installs with what is only recommended, and code before dependencies."""
        own = [row for row in analysis.index.detail.layers if row.index is None or not analysis.is_base(row.index)]
        copied: Layer | None = None
        for row in own:
            told = row.instruction
            apt = _apt_words(told)
            if told.startswith("RUN ") and "update" in apt and not apt & _INSTALLS:
                yield ImageFinding(
                    self.name,
                    "low",
                    "apt-get update stands alone: a cached one gives later installs old lists",
                    "RUN apt-get update && apt-get install -y --no-install-recommends … && rm -rf /var/lib/apt/lists/*",
                    layer=row.index,
                    instruction=told,
                )
            if told.startswith("RUN ") and "install" in apt and "--no-install-recommends" not in told:
                yield ImageFinding(
                    self.name,
                    "info",
                    "apt-get installs what is only recommended as well",
                    _INSTALL.sub(lambda found: f"{found[0]} --no-install-recommends", told, count=1),
                    layer=row.index,
                    instruction=told,
                )
            if copied is None and _COPY_ALL.match(told):
                copied = row
            elif copied and told.startswith("RUN ") and _DEPENDENCIES.search(told) and not _OF_ITSELF.search(told):
                yield ImageFinding(
                    self.name,
                    "medium",
                    "dependencies are installed after all of the code is copied: each changed line installs them anew",
                    f"COPY requirements.txt ./\n{told}\n{instruction_of(analysis, copied.index) or copied.instruction}",
                    layer=row.index,
                    instruction=told,
                )
                copied = None


def _apt_words(told: str) -> set[str]:
    """Every word of the instruction's calls of apt."""
    calls = [call.split() for call in _COMMANDS.split(told)]
    return {word for call in calls if not _APT.isdisjoint(call) for word in call}


CHECK = RunSteps()
