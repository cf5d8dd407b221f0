"""Asks every rule about one container and puts what they say in order, the most telling first."""

import logging
import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from workbench.model.verdicts import Situation, Verdict
from workbench.verdicts import rules
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window

_SEVERITY = {"act": 0, "watch": 1, "fine": 2, "unknown": 3}
_CONFIDENCE = {"high": 0, "medium": 1, "low": 2}
_log = logging.getLogger(__name__)


@cache
def names() -> tuple[str, ...]:
    """The modules of `rules`, by name, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(rules.__path__)))


@cache
def load(name: str) -> Rule:
    """One rule, by the name of its module.

    Raises:
        ModuleNotFoundError: when there is none of that name.
    """
    rule: Rule = import_module(f"{rules.__name__}.{name}").RULE
    return rule


@cache
def _all() -> tuple[Rule, ...]:
    return tuple(sorted((load(name) for name in names()), key=lambda rule: rule.turn))


def judge(situation: Situation, wanted: Iterable[Rule] | None = None) -> tuple[Verdict, ...]:
    """What the rules say: by severity, then by confidence, then by how much it costs. Several may hold at once.

    Args:
        situation: The container and what is around it.
        wanted: The rules to ask; all of them when `None`.
    """
    window = Window(situation)
    for rule in _all() if wanted is None else sorted(wanted, key=lambda rule: rule.turn):
        verdict = _ask(rule, window)
        if verdict is not None:
            window.said = (*window.said, verdict)
    return tuple(sorted(window.said, key=_order))


def _ask(rule: Rule, window: Window) -> Verdict | None:
    try:
        return rule.look(window)
    except Exception:  # noqa: BLE001  whatever one does, the others speak
        _log.exception("the rule %s failed", rule.name)
        return None


def _order(verdict: Verdict) -> tuple[int, int, float, str]:
    return (_SEVERITY[verdict.severity], _CONFIDENCE[verdict.confidence], -verdict.size, verdict.rule)
