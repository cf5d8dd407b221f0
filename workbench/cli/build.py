"""`workbench build DIR`: builds an image and says where the time goes."""

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call, Verb
from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.measure.secrets import mask_text
from workbench.measure.text import encodable, printable, shorten
from workbench.measure.units import NOT_MEASURED, quantity

if TYPE_CHECKING:
    from workbench.building import BuildOutcome
    from workbench.model.build import Build, BuildGraph, BuildStep

SCHEMA = 1
_FAILED = 1
_MOST_BUILDS = 100
_WIDTH = 28
_LONGEST_WORDS = 60
_ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the build's context")
    parser.add_argument("-f", "--file", type=Path, metavar="F", help="Dockerfile (default: DIR/Dockerfile)")
    parser.add_argument("--target", default="", metavar="T", help="stage to build (default: the last)")
    parser.add_argument(
        "--build-arg",
        type=named_value,
        action="append",
        default=[],
        metavar="K=V",
        help="build argument; K alone takes the variable's value; repeatable",
    )
    parser.add_argument("--no-cache", action="store_true", help="run every step")
    parser.add_argument("--touch", default="", metavar="PATH", help="change this file of the context first, in a copy")
    parser.add_argument("--repeat", type=_count, default=1, metavar="N", help="build N times (default: 1)")
    parser.add_argument("--builder", choices=("buildx", "classic"), help="default: buildx where it is installed")
    parser.add_argument("-t", "--tag", default="", metavar="NAME", help="keep the image under this name")
    parser.add_argument("--no-keep", action="store_true", help="don't keep it among the runs")
    parser.add_argument("--json", action="store_true", help="write one JSON document")


def _run(call: Call) -> int:
    from workbench.building import Building
    from workbench.builds.recipe import Recipe

    wanted = call.arguments
    if call.settings.read_only:
        raise UsageError("the workbench is read-only", "a build changes the engine")
    recipe = Recipe(
        wanted.folder,
        wanted.file or wanted.folder / "Dockerfile",
        wanted.target,
        tuple(wanted.build_arg),
        not wanted.no_cache,
        wanted.tag,
    )
    building = Building(call.settings)
    try:
        with until_told(keeps=True) as stop:
            outcome = building.run(recipe, wanted.repeat, wanted.touch, wanted.builder or "", _show, stop)
        talk.end_progress()
        if not outcome.builds:
            raise Stopped("stopped before anything was built")
        if not wanted.no_keep:
            try:
                talk.say(f"kept as run {building.keep(outcome, str(wanted.folder))}")
            except WorkbenchError as error:  # the result is shown either way
                talk.say(f"not kept among the runs: {error.reason}")
    finally:
        talk.end_progress()
        building.close()
    if wanted.json:
        output.json(document(outcome))
    else:
        for line in lines(outcome):
            output.text(line)
    return _FAILED if outcome.builds[-1].error else 0


VERB = Verb("build", "Build an image and say where the time goes", _add_arguments, _run)


def named_value(text: str) -> tuple[str, str]:
    """`NAME=VALUE`, or `NAME` for the value of our own variable, which no list of processes shows."""
    name, equals, value = text.partition("=")
    if not _ARGUMENT.fullmatch(name):
        raise argparse.ArgumentTypeError("it is written NAME=VALUE or NAME")  # its value may be a secret
    if not equals:
        if name not in os.environ:
            raise argparse.ArgumentTypeError(f"there is no variable {name}, whose value it would take")
        value = os.environ[name]
    return name, value


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _MOST_BUILDS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {_MOST_BUILDS}")
    return int(text)


def _show(steps: "tuple[BuildStep, ...]") -> None:
    running = [step for step in steps if step.began is not None and step.ended is None]
    done = sum(step.ended is not None for step in steps)
    now = f" · {_words(running[-1])}" if running else ""
    talk.progress(f"{done} of {len(steps)} steps{now}")


def document(outcome: "BuildOutcome") -> dict[str, object]:
    """Schema 1, an interface that programs rely on. The steps are those of the last build."""
    build, graph = outcome.builds[-1], outcome.graphs[-1]
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
            }
            for number, step in enumerate(build.steps)
        ],
    }


def lines(outcome: "BuildOutcome") -> Iterator[str]:
    """The same for people."""
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
    for number, step in enumerate(build.steps):
        if not step.is_internal or step.seconds >= 0.1:
            yield _line(number, step, build, graph)
    yield ""
    yield "● on the longest chain; saves is what the chain loses when the step takes no time"
    if build.error:
        yield f"! the build failed: {build.error}"
    if build.was_stopped:
        yield "! stopped"


def _line(number: int, step: "BuildStep", build: "Build", graph: "BuildGraph") -> str:
    took = "cached" if step.cached else f"{step.seconds:.2f} s" if step.began is not None else NOT_MEASURED
    mark = "●" if number in graph.critical else " "
    saves = f"saves {graph.saves_seconds[number]:.2f} s" if number in graph.critical else ""
    place = f"{step.stage} {step.index}" if step.index is not None else ""
    where = f":{step.line}" if step.line else ""
    chart = _chart(step, build.wall_seconds)
    return f"{mark} {took:>9}  {chart}  {printable(place):<14}{where:<6}{saves:<14}{_words(step)}"


def _chart(step: "BuildStep", wall: float) -> str:
    if step.began is None or wall <= 0:
        return " " * _WIDTH
    first = min(_WIDTH - 1, int(step.began / wall * _WIDTH))
    last = min(_WIDTH, max(first + 1, round((step.began + step.seconds) / wall * _WIDTH)))
    mark = "·" if step.cached else "█"
    return " " * first + mark * (last - first) + " " * (_WIDTH - last)


def _words(step: "BuildStep") -> str:
    return shorten(" ".join(printable(mask_text(step.instruction)).split()), _LONGEST_WORDS)


def _times(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.2f}×"
