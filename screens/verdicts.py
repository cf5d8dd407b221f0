"""Verdicts in words and signs, for every screen that shows them."""

from collections.abc import Iterable

from workbench.model.verdicts import Verdict

SIGNS = {"act": ("✘", "act"), "watch": ("▲", "watch"), "fine": ("✓", "good"), "unknown": ("?", "dim")}
"""Sign and look by severity."""


def page(verdicts: Iterable[Verdict]) -> str:
    """All verdicts to read in full, the most telling first."""
    blocks = []
    for verdict in verdicts:
        sign, _ = SIGNS[verdict.severity]
        lines = [f"{sign} {verdict.message}", f"  {verdict.rule}, confidence {verdict.confidence}"]
        lines += [f"  · {evidence}" for evidence in verdict.evidence]
        if verdict.next_step:
            lines.append(f"  next: {verdict.next_step}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) or "Nothing was judged yet: it takes a few readings"
