"""The steps of a build as rows of a table: pure, no widgets."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from screens.build_view.shown import Shown, was_cancelled
from screens.widgets.live_table import Cell, Column, LateRow
from screens.widgets.time_bars import axis_end, scale, time_bar
from workbench.measure.text import printable
from workbench.measure.units import NOT_MEASURED
from workbench.model.build import BuildStep

State = Literal["waiting", "running", "cached", "done", "failed", "stopped", "not run"]
Order = Literal["stage", "cost", "saves"]
ORDERS: dict[Order, str] = {"stage": "in order", "cost": "by cost", "saves": "by what they save"}
LOOKS: dict[State, str] = {
    "waiting": "dim",
    "running": "accent",
    "cached": "good",
    "done": "plain",
    "failed": "act",
    "stopped": "watch",
    "not run": "dim",
}
FILLS: dict[State, str] = {"running": "▒", "cached": "·", "done": "▒", "failed": "×", "stopped": "▒"}
CRITICAL = "█"
"""Fills the bar of a step on the longest chain."""
SHORT_SECONDS = 0.5
"""The builder's own steps are left out when they are shorter."""
_STATE = Column("state", "state", 7)
_SECONDS = Column("seconds", "s", 6, "right")
_WORTH = Column("worth", "worth", 11, "right", importance=1)
_STEP = Column("step", "step", 12, importance=2, grow=1, most=24)
_WORDS = Column("words", "instruction", 26, grow=3)


def columns(shown: Shown, axis: float, width: int) -> tuple[Column, ...]:
    """What changes while it runs stands to the left: what lies to the right of it need not be sent again.

    Args:
        shown: Whose steps.
        axis: The seconds that the bars stand for.
        width: The cells that they have, as far as that is known.
    """
    chart = Column("chart", scale(axis, width, "s"), 14, grow=4, most=100)
    worth = (_WORTH,) if shown.graph else ()
    return (_STATE, _SECONDS, *worth, chart, _STEP, _WORDS)


def axis_of(shown: Shown) -> float:
    """The seconds that the bars stand for: while it runs, as long as it usually takes at least."""
    ends = [step.ended or step.began or 0.0 for step in shown.steps]
    if not shown.running:
        return max([*ends, 0.001])
    usual = shown.earlier.median_seconds if shown.earlier else None
    return axis_end(max([shown.now, usual or 0.0, *ends]))


def state_of(step: BuildStep, shown: Shown) -> State:
    """How far a step is."""
    if step.cached:
        return "cached"
    if step.error:
        return "stopped" if was_cancelled(step) else "failed"
    if step.began is None:
        return "waiting" if shown.running else "not run"
    if step.ended is None:
        return "running" if shown.running else "stopped"
    return "done"


def listed(shown: Shown, order: Order, words: str, *, internal: bool) -> list[int]:
    """The places of the steps that are shown, in their order.

    Args:
        shown: Whose steps.
        order: Stage by stage, or the dearest first.
        words: Only steps that contain each of these.
        internal: Whether the builder's own short steps are shown.
    """
    wanted = words.lower().split()
    places = [
        place
        for place, step in enumerate(shown.steps)
        if (internal or not _is_small(step, shown))
        and all(word in f"{step.stage} {step.instruction} {state_of(step, shown)}".lower() for word in wanted)
    ]
    if order == "cost":
        return sorted(places, key=lambda place: -seconds_of(shown.steps[place], shown))
    if order == "saves" and shown.graph:
        saves = shown.graph.saves_seconds
        return sorted(places, key=lambda place: -saves[place])
    return sorted(places, key=partial(_in_stages, shown, _stages(shown.steps)))


def _is_small(step: BuildStep, shown: Shown) -> bool:
    if not step.is_internal or state_of(step, shown) == "failed":
        return False
    return seconds_of(step, shown) < SHORT_SECONDS


def _stages(steps: Sequence[BuildStep]) -> dict[str, int]:
    """The place of each stage: in the order in which the builder tells of them, which is that of the Dockerfile."""
    lines: dict[str, int] = {}
    for place, step in enumerate(steps):
        if not step.is_internal:
            lines[step.stage] = min(lines.get(step.stage, 1 << 30), step.line or (1 << 20) + place)
    return {stage: number for number, stage in enumerate(sorted(lines, key=lambda stage: lines[stage]))}


def _in_stages(shown: Shown, stages: dict[str, int], place: int) -> tuple[int, int, int]:
    step = shown.steps[place]
    if step.index is None:  # loading comes before everything, exporting after it
        return (-1 if step.instruction.startswith("[internal]") else len(stages), 0, place)
    return (stages[step.stage], step.index, place)


def seconds_of(step: BuildStep, shown: Shown) -> float:
    """How long a step took, or has run so far."""
    if step.began is not None and step.ended is None and shown.running and not step.cached:
        return max(0.0, shown.now - step.began)
    return step.seconds


def rows(shown: Shown, places: Sequence[int], axis: float, width: int, *, with_stage: bool) -> list[LateRow]:
    """A row for each step; its cells are made when it is seen.

    Args:
        shown: Whose steps.
        places: Which of them, in their order.
        axis: The seconds that the bars stand for.
        width: The cells of a bar.
        with_stage: Whether the instruction begins with the stage, for want of a column of its own.
    """
    return [LateRow(str(place), partial(cells, shown, place, axis, width, with_stage=with_stage)) for place in places]


def cells(shown: Shown, place: int, axis: float, width: int, *, with_stage: bool) -> tuple[Cell, ...]:
    """The cells of one step."""
    step, state, graph = shown.steps[place], state_of(shown.steps[place], shown), shown.graph
    look = LOOKS[state]
    critical = graph is not None and place in graph.critical
    words = instruction(step)
    if with_stage and step.stage:
        words = f"{printable(step.stage)}: {words}"
    found = [
        Cell(state, look),
        Cell(_told_seconds(step, state, shown), look),
        Cell(_bar(step, state, shown, axis, width, critical=critical), "accent" if critical else look),
        Cell(step_name(step), "dim"),
        Cell(words, "dim" if state in ("waiting", "not run", "cached") else "plain"),
    ]
    if graph is not None:
        found.insert(2, _worth(graph.saves_seconds[place], graph.slack_seconds[place], step))
    return tuple(found)


def _told_seconds(step: BuildStep, state: State, shown: Shown) -> str:
    if state == "running":
        return f"{seconds_of(step, shown):.0f}"
    if state in ("waiting", "not run"):
        usual = shown.earlier.usual_seconds.get(step.name) if shown.earlier and state == "waiting" else None
        return NOT_MEASURED if usual is None else f"~{usual:.0f}"
    return "" if state == "cached" else f"{step.seconds:.1f}"


def _worth(saves: float, slack: float, step: BuildStep) -> Cell:
    if step.began is None or not step.seconds:
        return Cell("")
    if saves >= 0.05:
        return Cell(f"saves {saves:.1f}", "strong")
    return Cell(f"slack {slack:.1f}", "dim")


def _bar(step: BuildStep, state: State, shown: Shown, axis: float, width: int, *, critical: bool) -> str:
    if step.began is None or state not in FILLS:
        return ""
    end = step.began if step.cached else step.began + seconds_of(step, shown)
    return time_bar(step.began, end, axis, width, CRITICAL if critical and state != "failed" else FILLS[state])


def step_name(step: BuildStep) -> str:
    """Its stage and number: `builder 3`."""
    return f"{step.stage} {step.index}".strip() if step.index is not None else ""


def instruction(step: BuildStep) -> str:
    """On one line."""
    return " ".join(printable(step.instruction).split())
