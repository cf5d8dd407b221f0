"""What a rule is: it looks at the last seconds of one container and says whether its cause holds."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.model.verdicts import RuleName, Verdict
from workbench.verdicts.window import Window


@dataclass(frozen=True, slots=True)
class Rule:
    """One cause. Its module in `rules` defines one as `RULE`; the docstring of its function is its help."""

    name: RuleName
    title: str
    """A few words for a list."""
    look: Callable[[Window], Verdict | None]
    """Pure; `None` when the cause does not hold or what it needs was not measured. Never raises for what is missing."""
    turn: int = 0
    """When it is asked. What is wrong comes first; `idle`, `look-downstream` and `insufficient-data` come after it, in
    this order, and find in `window.said` what was said before."""
