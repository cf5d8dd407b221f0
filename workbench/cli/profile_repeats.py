"""What functions took over repeated runs, as the headless front writes it: a table, and a part of the JSON."""

from typing import TYPE_CHECKING, Literal

from workbench.cli import output, talk
from workbench.measure.compare.repeated_profiles import METHOD
from workbench.measure.compare.words import change, interval, told
from workbench.measure.text import encodable
from workbench.model.reading import Missing

if TYPE_CHECKING:
    from workbench.measure.compare.repeated_profiles import RepeatedFunction, RepeatedProfiles
    from workbench.model.comparison import ComparedRow

_SHOWN = 30


def document(repeats: "RepeatedProfiles | Missing") -> dict[str, object]:
    """Every function that was judged; or, with a `reason`, that there are no absolute figures."""
    if isinstance(repeats, Missing):
        return {"reason": repeats.reason, "hint": repeats.hint, "functions": []}
    return {
        "runs": list(repeats.runs),
        "unit": repeats.unit,
        "per": repeats.per,
        "functions": [_function(each) for each in repeats.functions],
        "flags": [{"kind": flag.kind, "words": flag.words, "serious": flag.serious} for flag in repeats.flags],
        "method": METHOD,
    }


def _function(each: "RepeatedFunction") -> dict[str, object]:
    return {
        "function": encodable(each.place.name),
        "file": encodable(each.place.file),
        "line": each.place.line,
        "self": _row(each.own),
        "total": _row(each.total),
    }


def _row(row: "ComparedRow") -> dict[str, object]:
    return {
        "before": row.before,
        "after": row.after,
        "before_runs": list(row.before_values),
        "after_runs": list(row.after_values),
        "change": row.change,
        "change_unit": row.change_unit,
        "interval": None if row.interval is None else list(row.interval),
        "q": row.p,
        "verdict": row.verdict,
        "words": row.words,
    }


def tell(repeats: "RepeatedProfiles") -> None:
    """A table: total and self, medians before and after, the change, its interval and the verdict."""
    columns: list[tuple[str, Literal["left", "right"]]] = [
        ("before", "right"),
        ("after", "right"),
        ("change", "right"),
        ("95% interval", "right"),
        ("verdict", "left"),
        ("self before", "right"),
        ("after", "right"),
        ("change", "right"),
        ("function", "left"),
        ("where", "left"),
    ]
    rows = []
    for each in repeats.functions[:_SHOWN]:
        own, total = each.own, each.total
        figures = [told(total.before, total.unit), told(total.after, total.unit), change(total), interval(total)]
        selves = [told(own.before, own.unit), told(own.after, own.unit), change(own)]
        place = each.place
        rows.append([*figures, total.words, *selves, place.name, f"{place.file}:{place.line}" if place.file else ""])
    output.table(columns, rows)
    first, second = repeats.runs
    talk.say(f"medians of {first} and {second} runs, per {repeats.per}; Mann-Whitney tests, adjusted for all functions")
