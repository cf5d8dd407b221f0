"""Why a container is slow. Each cause is one module in `rules`, found by its name; nothing else need be told."""

from workbench.verdicts.judge import judge, load, names
from workbench.verdicts.rule import Rule

__all__ = ["Rule", "judge", "load", "names"]
