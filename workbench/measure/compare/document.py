"""A comparison as a JSON document, schema 1: an interface that programs rely on."""

from collections.abc import Sequence

from workbench.measure.compare.gates import Judged
from workbench.measure.text import encodable
from workbench.model.comparison import ComparedRow, Comparison

SCHEMA = 1


def document(compared: Comparison, gates: Sequence[Judged] = ()) -> dict[str, object]:
    """Everything that was judged. `change` and `interval` are in `change_unit`."""
    made: dict[str, object] = {
        "schema": SCHEMA,
        "kind": compared.kind,
        "before": {"name": encodable(compared.before.name), "detail": encodable(compared.before.detail)},
        "after": {"name": encodable(compared.after.name), "detail": encodable(compared.after.detail)},
        "rows": [_row(row) for row in compared.rows],
        "flags": [
            {"kind": flag.kind, "message": encodable(flag.words), "serious": flag.serious} for flag in compared.flags
        ],
        "notes": [encodable(note) for note in compared.notes],
        "noise": compared.noise,
        "method": compared.method,
    }
    if gates:
        made["gates"] = [
            {"gate": encodable(one.gate.text), "status": one.status, "message": encodable(one.words)} for one in gates
        ]
    return made


def _row(row: ComparedRow) -> dict[str, object]:
    return {
        "metric": encodable(row.metric),
        "title": encodable(row.title),
        "unit": row.unit,
        "before": row.before,
        "after": row.after,
        "change": row.change,
        "change_unit": row.change_unit,
        "interval": row.interval,
        "within_run": row.within_run,
        "p": row.p,
        "n": row.n,
        "how": row.how,
        "verdict": row.verdict,
        "message": encodable(row.words),
        "cause": encodable(row.cause),
        "before_values": row.before_values,
        "after_values": row.after_values,
    }
