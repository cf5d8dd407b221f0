"""Gates for CI: `p99>+10%`, `size>+5MB`, `memory>500MB`. A gate fails when what it names is true."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.measure.byte_sizes import parse_size
from workbench.measure.compare.judged import amount
from workbench.measure.compare.words import change
from workbench.model.comparison import ComparedRow

_GATE = re.compile(r"\s*([A-Za-z][\w .-]{0,60}?)\s*([<>])\s*([+−-]?)\s*(\d{1,15}(?:\.\d{0,9})?)\s*([%A-Za-zµ/]*)\s*")
_TIMES = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60.0}


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate, as it was written."""

    text: str
    metric: str
    above: bool
    """Whether it fails above the limit; else below it."""
    of_change: bool
    """Whether the limit is one of the change; else of the figure after."""
    limit: float
    unit: str
    """`%`, `B`, a unit of time, any other, or empty for the figure's own."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a gate."""

    gate: Gate
    status: Literal["pass", "fail", "unknown"]
    """`unknown`: the change is beyond the limit, but may be chance, or was not measured."""
    words: str


def parse_gate(text: str) -> Gate:
    """Read a gate: a metric, `>` or `<`, and a limit; with a sign or a percentage, of its change.

    Raises:
        ValueError: when it is none.
    """
    found = _GATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:60]!r} is no gate such as 'size>+5MB' or 'p99>+10%'")
    metric, side, sign, number, unit = found.groups()
    limit = -float(number) if sign in ("-", "−") else float(number)
    if unit not in ("", "%") and unit not in _TIMES:
        try:
            limit = (-1 if limit < 0 else 1) * float(parse_size(f"{number}{unit.removesuffix('/s')}"))
        except ValueError:
            pass
        else:
            unit = "B"
    return Gate(text.strip(), _plain(metric), side == ">", bool(sign) or unit == "%", limit, unit)


def judge_gate(gate: Gate, rows: Sequence[ComparedRow]) -> Judged:
    """Hold a gate against a comparison.

    Raises:
        ValueError: when there is no such metric, or the limit is in another unit.
    """
    row = _find(gate, rows)
    told = f"{row.title} {change(row)}" if gate.of_change else row.title
    if row.after is None or (gate.of_change and row.change is None):
        return Judged(gate, "unknown", f"{row.title}: {row.words}")
    if not gate.of_change:
        value = row.after / _scale(gate, row)
        beyond = value > gate.limit if gate.above else value < gate.limit
        return Judged(gate, "fail" if beyond else "pass", f"{told} is {amount(row.after, row.unit)}")
    size = _change(gate, row)
    beyond = size > gate.limit if gate.above else size < gate.limit
    if not beyond:
        return Judged(gate, "pass", told)
    if row.how != "exact" and row.verdict in ("same", "inconclusive"):
        return Judged(gate, "pass" if row.verdict == "same" else "unknown", f"{told}: {row.words}")
    return Judged(gate, "fail", told)


def _change(gate: Gate, row: ComparedRow) -> float:
    """The change of a row, in the gate's unit."""
    before, after = row.before or 0.0, row.after or 0.0
    if gate.unit == "%" and row.unit != "%":
        if before:
            return 100 * (after - before) / before
        return float("inf") if after > before else 0.0
    return (after - before) / _scale(gate, row)


def _scale(gate: Gate, row: ComparedRow) -> float:
    """How much of a row's unit one of the gate's unit is."""
    if gate.unit in ("", row.unit) or (gate.unit == "B" and row.unit in ("B", "B/s")):
        return 1.0
    if gate.unit in _TIMES and row.unit in _TIMES:
        return _TIMES[gate.unit] / _TIMES[row.unit]
    raise ValueError(f"{gate.text}: {row.metric} is measured in {row.unit or 'numbers'}, not in {gate.unit}")


def _find(gate: Gate, rows: Sequence[ComparedRow]) -> ComparedRow:
    exact = [row for row in rows if gate.metric in (_plain(row.metric), _plain(row.title))]
    for found in (exact, [row for row in rows if _plain(row.metric).endswith(f"_{gate.metric}")]):
        if len(found) == 1:
            return found[0]
    known = ", ".join(row.metric for row in rows[:20])
    raise ValueError(f"{gate.text}: there is no such figure in this comparison; there are {known}")


def _plain(name: str) -> str:
    return re.sub(r"[\s.-]+", "_", name.strip().lower())
