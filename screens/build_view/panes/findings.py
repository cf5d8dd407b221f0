"""What is wrong with the Dockerfile, line by line, each with its cure."""

from collections.abc import Sequence
from typing import ClassVar

from screens.build_view.list_part import Item, ListPart
from screens.widgets.live_table import Cell, Column
from workbench.measure.units import counted, quantity
from workbench.model.build_analysis import BuildAnalysis
from workbench.model.dockerfile_findings import DockerfileFinding

_LOOKS = {"high": "act", "medium": "watch", "low": "plain", "info": "dim"}


class FindingsPane(ListPart):
    """The worst first."""

    ORDER: ClassVar[int] = 40
    VIEW: ClassVar[str] = "findings"
    MAIN: ClassVar[str] = "#findings"
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("severity", "severity", 8),
        Column("line", "line", 4, "right"),
        Column("message", "what it is", 30, grow=1),
        Column("seconds", "s", 7, "right", importance=1),
        Column("bytes", "size", 8, "right", importance=1),
    )
    EMPTY: ClassVar[str] = "Nothing is wrong with this Dockerfile, as far as it was looked at"

    def title_of(self, analysis: BuildAnalysis) -> str:
        """How many there are."""
        return f"Dockerfile · {counted(len(analysis.findings), 'finding')}"

    def items_of(self, analysis: BuildAnalysis) -> list[Item]:
        """A row for each."""
        return [_item(finding) for finding in analysis.findings]


def _item(finding: DockerfileFinding) -> Item:
    look = _LOOKS[finding.severity]
    cells = (
        Cell(finding.severity, look),
        Cell(str(finding.line), "dim"),
        Cell(finding.message, "plain" if finding.severity != "info" else "dim"),
        Cell("" if finding.seconds is None else f"{finding.seconds:.1f}"),
        Cell("" if not finding.bytes else quantity(finding.bytes, "B")),
    )
    text = f"{finding.message}\n{finding.fix}"
    return Item(cells, f"{finding.check.replace('_', ' ')} · line {finding.line}", text, finding.fix)


PANE = FindingsPane
