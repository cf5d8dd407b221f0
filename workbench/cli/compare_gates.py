"""The gates of `workbench compare --fail-on`: read, held against rows, refused where there is no such figure."""

from typing import TYPE_CHECKING

from workbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.compare.gates import Gate, Judged
    from workbench.model.comparison import ComparedRow


def gate_of(text: str) -> "Gate":
    """A gate as it was typed.

    Raises:
        UsageError: when it is none.
    """
    from workbench.measure.compare.gates import parse_gate

    try:
        return parse_gate(text)
    except ValueError as error:
        raise UsageError(str(error), "METRIC>LIMIT; with a sign, a limit of the change") from None


def judge(gates: "Sequence[Gate]", rows: "Sequence[ComparedRow]") -> "list[Judged]":
    """Hold gates against rows: those that were measured, or before that those that there will be.

    Raises:
        UsageError: when there is no such figure.
    """
    from workbench.measure.compare.gates import judge_gate

    try:
        return [judge_gate(gate, rows) for gate in gates]
    except ValueError as error:
        raise UsageError(str(error), "the first column of --json names them") from None
