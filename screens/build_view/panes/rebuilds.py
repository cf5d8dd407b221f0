"""What a change would rebuild, and a better order of the steps."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from screens.build_view.list_part import Item, ListPart
from screens.widgets.live_table import Cell, Column
from workbench.measure.units import NOT_MEASURED, counted
from workbench.model.build_analysis import BuildAnalysis
from workbench.model.build_prediction import RebuildPrediction, Reordering, StepPrediction


class RebuildsPane(ListPart):
    """A row for each change, and one for the order."""

    ORDER: ClassVar[int] = 60
    VIEW: ClassVar[str] = "rebuilds"
    MAIN: ClassVar[str] = "#rebuilds"
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("change", "when", 24, grow=1),
        Column("will", "will run", 9, "right"),
        Column("seconds", "s", 7, "right"),
        Column("may", "may run", 8, "right"),
        Column("more", "s more", 7, "right", importance=1),
    )
    EMPTY: ClassVar[str] = "Nothing is known that could change"

    def title_of(self, analysis: BuildAnalysis) -> str:
        """What the table says."""
        problems = f" · {analysis.plan.problems[0]}" if analysis.plan.problems else ""
        return f"What a change would rebuild{problems}"

    def items_of(self, analysis: BuildAnalysis) -> list[Item]:
        """The changes, then the order."""
        return [*map(_item, analysis.predictions), _order(analysis.reordering)]


def _item(prediction: RebuildPrediction) -> Item:
    cells = (
        Cell(prediction.change),
        Cell(f"{prediction.will} of {prediction.total}"),
        Cell(_seconds(prediction.will_seconds)),
        Cell(str(prediction.may) if prediction.may else "", "dim"),
        Cell(_seconds(prediction.may_seconds) if prediction.may else "", "dim"),
    )
    steps = [_step(step) for step in prediction.steps]
    text = "\n".join([prediction.change, *(steps or ["everything comes from the cache"])])
    return Item(cells, prediction.change, text, text)


def _step(step: StepPrediction) -> str:
    seconds = f", {step.seconds:.1f} s" if step.seconds is not None else ""
    return f"{step.fate} run, line {step.line}{seconds}: {step.instruction} ({step.reason})"


def _order(reordering: Reordering) -> Item:
    if not reordering.diff:
        cells = (Cell("in a better order", "dim"), Cell("none", "dim"), Cell(""), Cell(""), Cell(""))
        return Item(cells, "A better order", "\n".join(["there is none that is sure", *reordering.reasons]), "")
    cells = (
        Cell(f"in a better order, {reordering.touched} changes", "good"),
        Cell(str(reordering.steps_after), "good"),
        Cell(_seconds(reordering.seconds_after), "good"),
        Cell(""),
        Cell(""),
    )
    return Item(cells, "A better order", "\n".join(_order_lines(reordering)), reordering.diff)


def _order_lines(reordering: Reordering) -> Iterator[str]:
    before, after = reordering.seconds_before, reordering.seconds_after
    seconds = f", {after:.1f} s rather than {before:.1f} s" if before is not None and after is not None else ""
    many = f"{reordering.steps_after} rather than {counted(reordering.steps_before, 'step')}"
    yield f"the same image, of which a change of {reordering.touched} rebuilds {many}{seconds}; y copies the diff"
    yield from reordering.reasons
    yield from reordering.diff.splitlines()


def _seconds(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.1f}"


PANE = RebuildsPane
