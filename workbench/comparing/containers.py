"""Two containers beside each other: the same seconds of both."""

from dataclasses import replace

from workbench.comparing.marks import window
from workbench.history import History
from workbench.measure.compare.windows import Window, compare_windows
from workbench.measure.units import duration
from workbench.model.comparison import Comparison
from workbench.model.containers import Container
from workbench.model.events import EngineEvent


def compare_containers(history: History, before: Container, after: Container, span: tuple[float, float]) -> Comparison:
    """Judge what one container uses against what another one uses meanwhile.

    Args:
        history: Of the fleet that both are in.
        before: One container.
        after: Another one.
        span: Unix time in seconds.
    """
    compared = compare_windows(_window(history, before, span), _window(history, after, span))
    return replace(compared, notes=("two containers over the same seconds", *compared.notes))


def _window(history: History, container: Container, span: tuple[float, float]) -> Window:
    about = EngineEvent(span[1], "mark", container.id, container.name)
    return window(history, about, span, duration(span[1] - span[0]))
