"""Builds that are kept, as rows of a table: pure, no widgets."""

from collections.abc import Sequence
from functools import partial

from screens.runs.rows import took
from screens.widgets.live_table import Cell, Column, LateRow
from workbench.measure.instants import local_minute
from workbench.model.runs import RunSummary

COLUMNS = (
    Column("run", "run", 5, "right"),
    Column("when", "when", 16),
    Column("folder", "folder", 18, grow=3, most=60),
    Column("mode", "mode", 8),
    Column("took", "took", 11, "right"),
    Column("status", "status", 11),
    Column("note", "why", 10, importance=1, grow=2),
)
_LOOKS = {"failed": "act", "interrupted": "watch"}


def kept_rows(runs: Sequence[RunSummary]) -> list[LateRow]:
    """A row for each run; its cells are made when it is seen."""
    return [LateRow(str(run.id), partial(_cells, run)) for run in runs]


def _cells(run: RunSummary) -> tuple[Cell, ...]:
    look = "plain" if run.status == "complete" else "dim"
    status = {"complete": "built", "failed": "failed", "interrupted": "cancelled"}[run.status]
    return (
        Cell(str(run.id), look),
        Cell(local_minute(run.started_at), look),
        Cell(run.target.name, look),
        Cell(run.label, look),
        Cell(took(run), look),
        Cell(status, _LOOKS.get(run.status, "dim")),
        Cell(run.note, "dim"),
    )
