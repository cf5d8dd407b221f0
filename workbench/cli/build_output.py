"""How a build is shown: for people, and as JSON."""

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from workbench.cli.build_analysis import analysis_document, step_documents
from workbench.measure.secrets import mask_text
from workbench.measure.text import encodable, printable, shorten
from workbench.measure.units import NOT_MEASURED, quantity

if TYPE_CHECKING:
    from workbench.building import BuildOutcome
    from workbench.model.build import Build, BuildGraph, BuildStep
    from workbench.model.build_analysis import BuildAnalysis, StepFigures

SCHEMA = 1
_WIDTH = 28
_LONGEST_WORDS = 60


def document(outcome: "BuildOutcome", analysis: "BuildAnalysis | None") -> dict[str, object]:
    """Schema 1, an interface that programs rely on. The steps are those of the last build."""
    build, graph = outcome.builds[-1], outcome.graphs[-1]
    known = step_documents(analysis) if analysis is not None else {}
    nothing: dict[str, object] = {"bytes": None, "last_uncached_seconds": None, "last_uncached_run": None}
    nothing |= {"input_files": 0, "input_key": None}
    return {
        "schema": SCHEMA,
        "builder": build.builder,
        "builder_reason": build.reason,
        "mode": outcome.mode,
        "error": encodable(build.error),
        "stopped": build.was_stopped,
        "wall_seconds": round(build.wall_seconds, 3),
        "every_wall_seconds": [round(each.wall_seconds, 3) for each in outcome.builds],
        "work_seconds": round(graph.work_seconds, 3),
        "critical_path_seconds": round(graph.critical_path_seconds, 3),
        "parallelism": graph.parallelism,
        "possible_parallelism": graph.possible_parallelism,
        "cache_hits": graph.cache_hits,
        "cache_total": graph.cache_total,
        "context_bytes": build.context_bytes,
        "steps": [
            {
                "stage": encodable(step.stage),
                "index": step.index,
                "instruction": encodable(mask_text(step.instruction)),
                "line": step.line,
                "began": step.began,
                "seconds": round(step.seconds, 3),
                "cached": step.cached,
                "critical": number in graph.critical,
                "slack_seconds": round(graph.slack_seconds[number], 3),
                "saves_seconds": round(graph.saves_seconds[number], 3),
                "inputs": list(step.inputs),
                "error": encodable(step.error),
                **(known.get(step.line, nothing) if step.line is not None else nothing),
            }
            for number, step in enumerate(build.steps)
        ],
        **(analysis_document(analysis) if analysis is not None else {}),
    }


def lines(outcome: "BuildOutcome", analysis: "BuildAnalysis | None") -> Iterator[str]:
    """The same for people."""
    figures = {each.line: each for each in analysis.figures} if analysis is not None else {}
    build, graph = outcome.builds[-1], outcome.graphs[-1]
    walls = [each.wall_seconds for each in outcome.builds]
    how = f"{outcome.mode}, with {build.builder}: {build.reason}"
    many = f" (median {median(walls):.2f} s of {len(walls)} builds)" if len(walls) > 1 else ""
    yield f"{build.wall_seconds:.2f} s{many} · {how}"
    yield (
        f"work {graph.work_seconds:.2f} s · longest chain {graph.critical_path_seconds:.2f} s · at once "
        f"{_times(graph.parallelism)} of {_times(graph.possible_parallelism)} possible · "
        f"cached {graph.cache_hits} of {graph.cache_total} · context {quantity(build.context_bytes, 'B')}"
    )
    yield ""
    begins = [build.wall_seconds if step.began is None else step.began for step in build.steps]
    for number in sorted(range(len(begins)), key=lambda each: begins[each]):
        step = build.steps[number]
        if not step.is_internal or step.seconds >= 0.1:
            yield _line(number, step, build, graph, figures.get(step.line) if step.line else None)
    yield ""
    yield (
        "● on the longest chain; saves is what the chain loses when the step takes no time; "
        "(1.00 s) is cached, and took so long when it last ran"
    )
    if build.error:
        yield f"! the build failed: {build.error}"
    if build.was_stopped:
        yield "! stopped"


def _line(number: int, step: "BuildStep", build: "Build", graph: "BuildGraph", figures: "StepFigures | None") -> str:
    last = figures.last_seconds if figures is not None else None
    cached = "cached" if last is None else f"({last:.2f} s)"
    took = cached if step.cached else f"{step.seconds:.2f} s" if step.began is not None else NOT_MEASURED
    mark = "●" if number in graph.critical else " "
    saves = f"saves {graph.saves_seconds[number]:.2f} s" if number in graph.critical else ""
    place = f"{step.stage} {step.index}" if step.index is not None else ""
    where = f":{step.line}" if step.line else ""
    chart = _chart(step, build.wall_seconds)
    size = quantity(figures.bytes, "B") if figures is not None and figures.bytes is not None else ""
    return f"{mark} {took:>10}  {chart}  {size:>9}  {printable(place):<14}{where:<6}{saves:<14}{words_of(step)}"


def _chart(step: "BuildStep", wall: float) -> str:
    if step.began is None or wall <= 0:
        return " " * _WIDTH
    first = min(_WIDTH - 1, int(step.began / wall * _WIDTH))
    last = min(_WIDTH, max(first + 1, round((step.began + step.seconds) / wall * _WIDTH)))
    mark = "·" if step.cached else "█"
    return " " * first + mark * (last - first) + " " * (_WIDTH - last)


def words_of(step: "BuildStep") -> str:
    """What a step does, on one line."""
    return shorten(" ".join(printable(mask_text(step.instruction)).split()), _LONGEST_WORDS)


def _times(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.2f}×"
