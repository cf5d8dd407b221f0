"""What is said of a Dockerfile and its context: for people, and as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.measure.secrets import mask_text
from workbench.measure.text import all_encodable, printable, shorten
from workbench.measure.units import NOT_MEASURED, counted, duration, quantity

if TYPE_CHECKING:
    from workbench.model.build_analysis import BuildAnalysis
    from workbench.model.build_context import BuildContext
    from workbench.model.build_prediction import PlannedStep, RebuildPrediction, Reordering
    from workbench.model.dockerfile_findings import DockerfileFinding

_MOST_PARTS = 8
_MOST_STEPS = 30
_MARKS = {"high": "✘", "medium": "▲", "low": "·", "info": " "}
_LONGEST_PATH = 48
_LONGEST_WORDS = 60


def analysis_document(analysis: "BuildAnalysis") -> dict[str, object]:
    """The part of the JSON document that every analysis has."""
    return {
        "context": _context_document(analysis.context),
        "findings": [_finding_document(finding) for finding in analysis.findings],
        "predictions": [_prediction_document(prediction) for prediction in analysis.predictions],
        "reordered": _reordering_document(analysis.reordering),
        "problems": all_encodable(list(analysis.plan.problems)),
    }


def step_documents(analysis: "BuildAnalysis") -> dict[int, dict[str, object]]:
    """What is known of each line's step: bytes, seconds when it last ran, and what it takes from the context."""
    figures = {each.line: each for each in analysis.figures}
    found: dict[int, dict[str, object]] = {}
    for step in analysis.plan.steps:
        known = figures.get(step.line)
        found[step.line] = {
            "bytes": known.bytes if known else None,
            "last_uncached_seconds": _rounded(known.last_seconds) if known else None,
            "last_uncached_run": known.last_run if known else None,
            "input_files": len(step.files),
            "input_key": step.key,
        }
    return found


def plan_documents(analysis: "BuildAnalysis") -> list[dict[str, object]]:
    """The steps of a Dockerfile that was not built."""
    about = step_documents(analysis)
    return [_planned_document(step, about[step.line]) for step in analysis.plan.steps]


def analysis_lines(analysis: "BuildAnalysis") -> Iterator[str]:
    """The same for people."""
    yield from _context_lines(analysis.context)
    yield ""
    yield from _finding_lines(analysis.findings)
    yield ""
    yield from _prediction_lines(analysis.predictions)
    yield ""
    yield from _reordering_lines(analysis.reordering)
    for problem in analysis.plan.problems:
        yield f"! {printable(problem)}"


def _planned_document(step: "PlannedStep", about: dict[str, object]) -> dict[str, object]:
    told = {"stage": step.stage, "line": step.line, "instruction": step.instruction, "follows": step.follows}
    return {**{key: all_encodable(value) for key, value in told.items()}, "copies_from": list(step.copies), **about}


def _context_document(context: "BuildContext") -> dict[str, object]:
    return {
        "all_bytes": context.all_bytes,
        "all_files": context.all_files,
        "sent_bytes": context.sent_bytes,
        "sent_files": context.sent_files,
        "ignore_file": all_encodable(context.ignore_file) or None,
        "complete": context.is_complete,
        "largest": [
            {
                "path": all_encodable(part.path),
                "bytes": part.bytes,
                "files": part.files,
                "folder": part.is_folder,
                "sent": part.is_sent,
            }
            for part in context.largest
        ],
        "unneeded": [
            {
                "path": all_encodable(part.path),
                "places": part.places,
                "bytes": part.bytes,
                "files": part.files,
                "reason": part.reason,
                "pattern": all_encodable(part.pattern),
            }
            for part in context.unneeded
        ],
    }


def _finding_document(finding: "DockerfileFinding") -> dict[str, object]:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "line": finding.line,
        "message": all_encodable(mask_text(finding.message)),
        "fix": all_encodable(mask_text(finding.fix)),
        "seconds": _rounded(finding.seconds),
        "bytes": finding.bytes,
    }


def _prediction_document(prediction: "RebuildPrediction") -> dict[str, object]:
    return {
        "kind": prediction.kind,
        "change": all_encodable(prediction.change),
        "will": prediction.will,
        "may": prediction.may,
        "total": prediction.total,
        "will_seconds": _rounded(prediction.will_seconds),
        "may_seconds": _rounded(prediction.may_seconds),
        "unknown_seconds_of": prediction.unknown,
        "steps": [
            {
                "line": step.line,
                "instruction": all_encodable(step.instruction),
                "fate": step.fate,
                "reason": all_encodable(step.reason),
                "seconds": _rounded(step.seconds),
            }
            for step in prediction.steps
        ],
    }


def _reordering_document(reordering: "Reordering") -> dict[str, object]:
    return {
        "diff": all_encodable(mask_text(reordering.diff)),
        "reasons": all_encodable(list(reordering.reasons)),
        "touched": all_encodable(reordering.touched) or None,
        "steps_before": reordering.steps_before,
        "steps_after": reordering.steps_after,
        "seconds_before": _rounded(reordering.seconds_before),
        "seconds_after": _rounded(reordering.seconds_after),
    }


def _context_lines(context: "BuildContext") -> Iterator[str]:
    how = "" if context.is_complete else ", and more that was not looked at"
    less = ""
    if context.ignore_file:
        name = printable(context.ignore_file)
        less = f" · without {name} {quantity(context.all_bytes, 'B')} in {counted(context.all_files, 'file')}"
    yield f"context {quantity(context.sent_bytes, 'B')} in {counted(context.sent_files, 'file')}{how}{less}"
    unneeded = {part.path: part for part in context.unneeded}
    for part in context.largest[:_MOST_PARTS]:
        about = "" if part.is_sent else "left out"
        if part.path in unneeded:
            about = f"not needed: {unneeded[part.path].reason}"
        path = shorten(printable(part.path) + ("/" if part.is_folder else ""), _LONGEST_PATH)
        yield f"  {quantity(part.bytes, 'B'):>9}  {path:<{_LONGEST_PATH}}  {about}".rstrip()


def _finding_lines(findings: "tuple[DockerfileFinding, ...]") -> Iterator[str]:
    yield f"{counted(len(findings), 'finding')} (✘ high, ▲ medium, · low)"
    for finding in findings:
        message = printable(mask_text(finding.message))
        yield f"{_MARKS[finding.severity]} :{finding.line:<4} {message}{_cost(finding)}"
        fix = [printable(line) for line in mask_text(finding.fix).split("\n")]
        yield f"{'':>8}→ {fix[0]}"
        for line in fix[1:]:
            yield f"{'':>10}{line}"


def _cost(finding: "DockerfileFinding") -> str:
    """What was measured, as far as the message does not say it."""
    told = []
    if finding.seconds is not None and duration(finding.seconds) not in finding.message:
        told.append(duration(finding.seconds))
    if finding.bytes and quantity(finding.bytes, "B") not in finding.message:
        told.append(quantity(finding.bytes, "B"))
    return f" ({', '.join(told)})" if told else ""


def _prediction_lines(predictions: "tuple[RebuildPrediction, ...]") -> Iterator[str]:
    yield "what would rebuild"
    if not predictions:
        yield "  nothing is known that could change"
    for prediction in predictions:
        change = shorten(printable(prediction.change), _LONGEST_PATH)
        may = f" · may {prediction.may} more, {_seconds(prediction.may_seconds)}" if prediction.may else ""
        told = f"{prediction.will} of {counted(prediction.total, 'step')}, {_seconds(prediction.will_seconds)}{may}"
        yield f"  {change:<{_LONGEST_PATH}}  {'nothing' if not prediction.steps else told}"
        if prediction.kind == "since" or len(predictions) == 1:
            for step in prediction.steps[:_MOST_STEPS]:
                words = shorten(printable(step.instruction), _LONGEST_WORDS)
                yield f"      {step.fate:<4} :{step.line:<4} {_seconds(step.seconds):>8}  {words}  ({step.reason})"


def _reordering_lines(reordering: "Reordering") -> Iterator[str]:
    if not reordering.diff:
        yield "no better order that is sure to make the same image:"
    else:
        seconds = ""
        if reordering.seconds_before is not None and reordering.seconds_after is not None:
            seconds = f", {reordering.seconds_after:.1f} s rather than {reordering.seconds_before:.1f} s"
        touched = printable(reordering.touched)
        many = f"{reordering.steps_after} rather than {counted(reordering.steps_before, 'step')}"
        yield f"the same image, of which a change of {touched} rebuilds {many}{seconds}:"
    for reason in reordering.reasons:
        yield f"  {printable(reason)}"
    for line in mask_text(reordering.diff).splitlines():
        yield f"  {printable(line)}"


def _seconds(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.1f} s"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
