"""The look of a figure: yellow is worth a watch, red wants something done."""

from workbench.measure.throttling import Severity


def level(value: float | None, watch: float, act: float) -> str:
    """The look of a figure against its thresholds."""
    if value is None or value < watch:
        return "plain"
    return "act" if value >= act else "watch"


def severity_look(severity: Severity) -> str:
    """The look of a reason why a GPU is held back."""
    return "plain" if severity == "note" else severity
