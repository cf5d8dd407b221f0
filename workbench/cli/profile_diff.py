"""`workbench profile --diff BEFORE AFTER`: what changed from one profile to another, as a table or as JSON."""

from typing import TYPE_CHECKING, Literal

from workbench.cli import output, profile_repeats, talk
from workbench.measure.compare.repeated_profiles import RepeatedProfiles
from workbench.measure.flame.diff_words import calls, chance, change, figure, least, totals, verdict
from workbench.measure.text import encodable, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.flame.diff import FunctionDiff, ProfileDiff
    from workbench.model.profile import Profile

MOST_FUNCTIONS = 1000
_SHOWN = 30


def compare(before: "Sequence[str]", after: "Sequence[str]", *, as_json: bool) -> None:
    """Read all, compare, and write what differs.

    Args:
        before: Files, or `run:N`: one, or several runs of the same.
        after: Those to compare with.
        as_json: As JSON, schema 1.

    Raises:
        WorkbenchError: when one of them cannot be read, or is on both sides.
    """
    from workbench.measure.compare.repeated_profiles import compare_repeats
    from workbench.measure.flame.diff import compare_several
    from workbench.profiling import compared_profiles

    opened = compared_profiles(before, after)
    sides = opened.compared or ((), ())
    diff, repeats = compare_several(*sides), compare_repeats(*sides)
    if as_json:
        output.json(document(diff) | {"repeats": profile_repeats.document(repeats)})
        return
    if isinstance(repeats, RepeatedProfiles):
        profile_repeats.tell(repeats)
        output.text("")
    _tell(diff)
    notes = [*diff.warnings, diff.method]
    if isinstance(repeats, RepeatedProfiles):
        notes += [flag.words for flag in repeats.flags]
    elif not diff.by_amount:
        notes.append(f"{repeats.reason}; {repeats.hint}")
    for note in notes:
        if note:
            talk.say(f"note: {note}")


def document(diff: "ProfileDiff") -> dict[str, object]:
    """The difference as JSON, schema 1."""
    return {
        "schema": 1,
        "compared": "bytes" if diff.by_amount else "shares",
        "before": _side(diff.before, diff.stacks.before.total[0]),
        "after": _side(diff.after, diff.stacks.after.total[0]),
        "functions": [_row(each) for each in diff.functions[:MOST_FUNCTIONS]],
        "functions_in_all": len(diff.functions),
        "method": diff.method,
        "warnings": list(diff.warnings),
    }


def _side(profile: "Profile", total: float) -> dict[str, object]:
    return {
        "target": encodable(profile.target),
        "profiler": profile.profiler,
        "unit": profile.unit,
        "total": total,
        "samples": profile.samples,
        "duration_seconds": profile.duration_seconds,
        "warnings": list(profile.warnings),
    }


def _row(each: "FunctionDiff") -> dict[str, object]:
    return {
        "function": encodable(each.place.name),
        "file": encodable(each.place.file),
        "line": each.place.line,
        "verdict": verdict(each),
        "self_before": each.own_before,
        "self_after": each.own_after,
        "total_before": each.total_before,
        "total_after": each.total_after,
        "calls_before": None if each.before is None else each.before.calls,
        "calls_after": None if each.after is None else each.after.calls,
        "calls_change": each.calls_change,
        "q": each.q,
        "smallest_seen": each.detectable,
        "samples_worth": [round(worth, 1) for worth in each.worth] if any(each.worth) else None,
    }


def _tell(diff: "ProfileDiff") -> None:
    by_amount = diff.by_amount
    sampled = bool(diff.before.samples and diff.after.samples)
    counted = any(each.calls_change is not None for each in diff.functions)
    columns: list[tuple[str, Literal["left", "right"]]] = [("change", "right"), ("before", "right"), ("after", "right")]
    columns += [("calls", "right")] if counted else []
    columns += [("verdict", "left")]
    columns += [("q", "right"), ("seen from", "right")] if sampled else []
    columns += [("function", "left"), ("where", "left")]
    rows = []
    for each in diff.functions[:_SHOWN]:
        row = [change(each.change, by_amount=by_amount)]
        row += [figure(value, by_amount=by_amount) for value in (each.total_before, each.total_after)]
        row += [calls(each)] if counted else []
        row += [verdict(each)]
        row += [chance(each.q), least(each)] if sampled else []
        rows.append([*row, each.place.name, f"{each.place.file}:{each.place.line}" if each.place.file else ""])
    output.table(columns, rows)
    talk.say(f"{printable(diff.before.target)} → {printable(diff.after.target)} · {totals(diff)}")
    if len(diff.functions) > _SHOWN:
        talk.say(f"{len(diff.functions) - _SHOWN} more functions: --json has them")
