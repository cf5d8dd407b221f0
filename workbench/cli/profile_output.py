"""A profile as the headless front writes it: a table or JSON on stdout, and the file that was asked for."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.cli import output, profile_lines, profile_memory, talk
from workbench.cli.profile_cost import cost
from workbench.errors import WorkbenchError
from workbench.measure.flame.functions import figures_of
from workbench.measure.text import encodable, printable
from workbench.measure.units import duration
from workbench.profile_files import FORMATS, content_of
from workbench.profilers import kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.model.probe import TargetFacts
    from workbench.model.profile import FunctionFigures, Profile
    from workbench.profilers.base import Recorded
    from workbench.profiling import Outcome
    from workbench.settings import Settings

MOST_FUNCTIONS = 1000
_SHOWN_FUNCTIONS = 25


def write(outcome: "Outcome", facts: "TargetFacts", wanted: argparse.Namespace, settings: "Settings") -> None:
    """Write everything that was asked for.

    Raises:
        WorkbenchError: when the file cannot be written.
    """
    recorded, profile = outcome.recorded, outcome.profile
    summary = document(outcome, facts)
    if wanted.output:
        kind = wanted.format or kinds.load(recorded.profiler).formats[0]
        artifacts = []
        for ending, content in _contents(kind, outcome, summary).items():
            path = wanted.output.with_name(wanted.output.name + ending)
            _write_file(path, content)
            artifacts.append({"kind": kind, "path": encodable(str(path))})
            talk.say(f"wrote {path}: {kind}")
        summary["artifacts"] = artifacts
    if wanted.json:
        output.json(summary)
        return
    if recorded.profiler == "dump":
        _tell_stacks(recorded)
    elif profile.aspects:
        profile_memory.tell(profile, recorded)
    elif profile.lines:
        _tell_lines(profile, facts, settings)
    else:
        _tell_table(profile, recorded)
    for warning in profile.warnings:
        talk.say(f"note: {warning}")


def document(outcome: "Outcome", facts: "TargetFacts") -> dict[str, object]:
    """The result as JSON, schema 1."""
    recorded, profile = outcome.recorded, outcome.profile
    total = profile.tree.total[0]
    figures = figures_of(profile)
    summary: dict[str, object] = {
        "schema": 1,
        "profiler": recorded.profiler,
        "how": recorded.how,
        "target": {"kind": facts.kind, "id": facts.id, "name": facts.name, "image": facts.image},
        "python": recorded.python,
        "unit": recorded.unit,
        "total": total,
        "samples": recorded.samples,
        "duration_seconds": recorded.duration_seconds,
        "taken_at": recorded.taken_at,
        "complete": recorded.complete,
        "overhead_percent": recorded.overhead_percent,
        "top": [_row(one, total) for one in figures[:MOST_FUNCTIONS]],
        "functions": len(figures),
        "artifacts": [],
        "warnings": list(recorded.warnings),
    }
    if profile.aspects:
        summary["memory"] = profile_memory.document(recorded)
    if profile.lines:
        summary["lines"] = profile_lines.document(profile)
    return summary


def _row(one: "FunctionFigures", total: float) -> dict[str, object]:
    return {
        "function": encodable(one.place.name),
        "file": encodable(one.place.file),
        "line": one.place.line,
        "self": one.own,
        "total": one.total,
        "calls": one.calls,
        "self_percent": _percent(one.own, total),
        "total_percent": _percent(one.total, total),
    }


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole > 0 else 0.0


def _contents(kind: str, outcome: "Outcome", summary: dict[str, object]) -> dict[str, bytes]:
    """By what is put behind the file's name."""
    if outcome.profile.aspects and kind in {"bin", "html"}:
        return profile_memory.contents(kind, outcome.recorded)
    return {"": _content(kind, outcome, summary)}


def _content(kind: str, outcome: "Outcome", summary: dict[str, object]) -> bytes:
    recorded, profile = outcome.recorded, outcome.profile
    as_left = {"pstats": "pstats", "json": "dump"}.get(kind)
    if as_left and (found := next((file.content for file in recorded.files if file.kind == as_left), None)) is not None:
        return found
    if kind == "collapsed" and recorded.collapsed:
        return recorded.collapsed.encode("utf-8", "replace")
    if kind in FORMATS:
        return content_of(profile, kind)
    import msgspec

    return msgspec.json.encode(summary)


def _write_file(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise WorkbenchError(
            f"{printable(str(path))} cannot be written: {error.strerror}", "choose another place with -o"
        ) from error


def _tell_table(profile: "Profile", recorded: "Recorded") -> None:
    total = profile.tree.total[0]
    figures = figures_of(profile)[:_SHOWN_FUNCTIONS]
    has_calls = any(one.calls is not None for one in figures)
    columns: list[tuple[str, Literal["left", "right"]]] = [
        ("self", "right"),
        ("self %", "right"),
        ("total", "right"),
        ("total %", "right"),
    ]
    columns += [("calls", "right")] if has_calls else []
    columns += [("function", "left"), ("where", "left")]
    rows: list[Sequence[str]] = []
    for one in figures:
        row = [
            _amount(one.own, profile.unit),
            f"{_percent(one.own, total):.1f}",
            _amount(one.total, profile.unit),
            f"{_percent(one.total, total):.1f}",
        ]
        row += ["" if one.calls is None else str(one.calls)] if has_calls else []
        rows.append([*row, one.place.name, f"{one.place.file}:{one.place.line}" if one.place.file else ""])
    output.table(columns, rows)
    seconds = duration(profile.duration_seconds or 0.0)
    count = (
        f"{_amount(total, profile.unit)} {profile.unit}" if profile.unit == "samples" else _amount(total, profile.unit)
    )
    talk.say(f"{profile.target} · {profile.how} · {seconds} · {count} · {cost(recorded)}")


def _amount(value: float, unit: str) -> str:
    return f"{value:.4f} s" if unit == "seconds" else f"{value:.0f}"


def _tell_lines(profile: "Profile", facts: "TargetFacts", settings: "Settings") -> None:
    from workbench.source_text import container_source
    from workbench.sources.live import LiveWorld

    world = LiveWorld(settings.context)
    try:
        profile_lines.tell(profile, lambda file: container_source(world, facts.id, file))
    finally:
        world.close()


def _tell_stacks(recorded: "Recorded") -> None:
    from workbench.measure.stack_text import stack_lines

    for line in stack_lines(next(file.content for file in recorded.files if file.kind == "dump")):
        output.text(line)
