"""The steps of two builds as table rows. Pure."""

from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.units import NOT_MEASURED, bar
from workbench.model.behind import BuildsBehind, StepPair, StepTimes

BAR = 8
_NONE = StepTimes("", "", 0.0, cached=False)
LEAST_SECONDS = 0.05
"""A change of less is none worth a colour."""
COLUMNS = (
    Column("before", "before", 8, "right"),
    Column("before_bar", "", BAR, importance=2),
    Column("after", "after", 8, "right"),
    Column("after_bar", "", BAR, importance=2),
    Column("change", "change", 8, "right"),
    Column("stage", "stage", 10, importance=3, grow=1, most=20),
    Column("step", "step", 24, grow=4),
)


def rows(builds: BuildsBehind, *, by_change: bool = False, words: str = "") -> list[Row]:
    """A row for each step, keyed by its place; bars are on the scale of the longest step of both.

    Args:
        builds: Both.
        by_change: The largest change first, instead of the order of the builds.
        words: Only steps that contain them.
    """
    wanted = words.lower().split()
    found = [(place, pair) for place, pair in enumerate(builds.steps) if all(word in _text(pair) for word in wanted)]
    if by_change:
        found.sort(key=lambda one: -abs(one[1].change_seconds))
    steps = [step for pair in builds.steps for step in (pair.before, pair.after) if step]
    top = max((step.seconds for step in steps), default=0.0) or 1.0
    return [Row(str(place), _cells(pair, top)) for place, pair in found]


def _text(pair: StepPair) -> str:
    return " ".join(f"{step.stage} {step.instruction}" for step in (pair.before, pair.after) if step).lower()


def _cells(pair: StepPair, top: float) -> tuple[Cell, ...]:
    change = pair.change_seconds
    telling = abs(change) >= LEAST_SECONDS
    look = "dim" if not telling else "act" if change > 0 else "good"
    step = pair.after or pair.before or _NONE
    return (
        Cell(told(pair.before), "plain" if telling else "dim"),
        Cell(_bar(pair.before, top), "dim"),
        Cell(told(pair.after), "plain" if telling else "dim"),
        Cell(_bar(pair.after, top), "dim"),
        Cell(change_words(change), look),
        Cell(step.stage, "dim"),
        Cell(words_of(pair), "plain" if telling else "dim"),
    )


def told(step: StepTimes | None) -> str:
    """`1.24 s`, `cached`, or that there is no such step."""
    if step is None:
        return NOT_MEASURED
    return "cached" if step.cached else f"{step.seconds:.{0 if step.seconds >= 100 else 1}f} s"


def _bar(step: StepTimes | None, top: float) -> str:
    return bar(step.seconds / top, BAR) if step and step.seconds > 0 else ""


def change_words(seconds: float) -> str:
    """`+1.2 s`, `−40 s`, `0 s`."""
    if abs(seconds) < LEAST_SECONDS:
        return "0 s"
    sign = "+" if seconds > 0 else "−"
    return f"{sign}{abs(seconds):.{0 if abs(seconds) >= 100 else 1}f} s"


def words_of(pair: StepPair) -> str:
    """The instruction, with what became of it."""
    if pair.before is None:
        return f"new: {pair.after.instruction if pair.after else ''}"
    if pair.after is None:
        return f"gone: {pair.before.instruction}"
    changed = pair.before.instruction != pair.after.instruction
    return f"changed: {pair.after.instruction}" if changed else pair.after.instruction


def page(pair: StepPair) -> str:
    """Everything about one step."""
    lines = [f"{told(pair.before)} → {told(pair.after)}   {change_words(pair.change_seconds)}"]
    for name, step in (("before", pair.before), ("after", pair.after)):
        lines += ["", f"{name}{f', stage {step.stage}' if step and step.stage else ''}"]
        lines.append(step.instruction if step else "there is no such step")
    return "\n".join(lines)
