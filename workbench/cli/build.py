"""`workbench build DIR`: builds an image and says where the time goes."""

import argparse
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.build_analysis import analysis_document, analysis_lines, plan_documents
from workbench.cli.build_output import SCHEMA, document, lines, words_of
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call, Verb
from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.measure.units import duration, quantity

if TYPE_CHECKING:
    from workbench.building import Building, BuildOutcome
    from workbench.builds.recipe import Recipe
    from workbench.model.build import BuildStep
    from workbench.model.build_analysis import BuildAnalysis

_FAILED = 1
_TELL_SECONDS = 0.2
_MOST_BUILDS = 100
_ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="the build's context")
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
    parser.add_argument("--check", action="store_true", help="build nothing: findings, context, and what would rebuild")
    parser.add_argument(
        "--changed", action="append", default=[], metavar="PATH", help="what would a change of it rebuild; repeatable"
    )
    parser.add_argument("--show", action="store_true", help="open the last build on the screens")
    parser.add_argument(
        "--import", dest="file_to_import", metavar="FILE", help="show a saved --progress=rawjson; - for standard input"
    )
    parser.add_argument(
        "--history", nargs="?", const="", metavar="REF", help="show a build that BuildKit remembers (default: newest)"
    )
    parser.add_argument("--json", action="store_true", help="write one JSON document")


def _run(call: Call) -> int:
    from workbench.build_examination import examine
    from workbench.build_run import called
    from workbench.building import Building

    wanted = call.arguments
    if wanted.file_to_import is not None or wanted.history is not None:
        return _imported(call)
    if wanted.folder is None:
        raise UsageError("which context?", "workbench build DIR")
    if call.settings.read_only and not wanted.check:
        raise UsageError("the workbench is read-only", "a build changes the engine")
    recipe = _recipe(wanted, wanted.folder)
    building = Building(call.settings)
    if wanted.check:
        return _check(call, building, recipe)
    try:
        with until_told(keeps=True) as stop:
            inputs = building.inputs(recipe, wanted.builder or "", stop, _Reading())
            outcome = building.run(recipe, wanted.repeat, wanted.touch, wanted.builder or "", _show, stop)
        talk.end_progress()
        if not outcome.builds:
            raise Stopped("stopped before anything was built")
        analysis = examine(inputs, outcome.builds, is_touched=bool(wanted.touch), changed=wanted.changed)
        run, problem = None, "asked not to"
        if not wanted.no_keep:
            try:
                run, problem = building.keep(outcome, called(wanted.folder), analysis), ""
                talk.say(f"kept as run {run}")
            except WorkbenchError as error:  # the result is shown either way
                problem = error.reason
                talk.say(f"not kept among the runs: {problem}")
    finally:
        talk.end_progress()
        building.close()
    if wanted.show:
        return _on_screens(call, outcome, run, problem, analysis)
    _tell(wanted, outcome, analysis)
    return _FAILED if outcome.builds[-1].error else 0


def _recipe(wanted: argparse.Namespace, folder: Path) -> "Recipe":
    from workbench.builds.recipe import Recipe

    dockerfile = wanted.file or folder / "Dockerfile"
    return Recipe(folder, dockerfile, wanted.target, tuple(wanted.build_arg), not wanted.no_cache, wanted.tag)


def _imported(call: Call) -> int:
    """A build that was made elsewhere, with what is to be said of its context where that is given."""
    from workbench.build_examination import examine
    from workbench.build_imports import imported, remembered
    from workbench.building import Building

    wanted = call.arguments
    recipe = _recipe(wanted, wanted.folder) if wanted.folder is not None else None
    building = Building(call.settings)
    try:
        with until_told() as stop:
            if wanted.file_to_import is not None:
                outcome = imported(wanted.file_to_import, recipe)
            else:
                outcome = remembered(building.engine.endpoint, wanted.history, recipe)
            analysis = None
            if recipe is not None:
                inputs = building.inputs(recipe, "buildx", stop, _Reading())
                analysis = examine(inputs, outcome.builds, is_touched=True, changed=wanted.changed)
    finally:
        talk.end_progress()
        building.close()
    if wanted.show:
        return _on_screens(call, outcome, None, "it was made elsewhere", analysis)
    _tell(wanted, outcome, analysis)
    return _FAILED if outcome.builds[-1].error else 0


def _on_screens(
    call: Call, outcome: "BuildOutcome", run: int | None, problem: str, analysis: "BuildAnalysis | None"
) -> int:
    """Open the last build on the screens; `problem` is why it is no run."""
    from workbench.build_run import as_told, called
    from workbench.session import Session

    session = Session.live(call.settings)
    told = None if analysis is None else as_told(analysis)
    session.builds.first = outcome.opened(called(outcome.recipe.context), run, problem, analysis=told)
    return call.open_screens(session)


def _tell(wanted: argparse.Namespace, outcome: "BuildOutcome", analysis: "BuildAnalysis | None") -> None:
    if wanted.json:
        output.json(document(outcome, analysis))
        return
    for line in lines(outcome, analysis):
        output.text(line)
    if analysis is not None:
        for line in ("", *analysis_lines(analysis)):
            output.text(line)


def _check(call: Call, building: "Building", recipe: "Recipe") -> int:
    """Everything but the build. Needs no engine."""
    from workbench.build_examination import examine

    wanted = call.arguments
    try:
        with until_told() as stop:
            inputs = building.inputs(recipe, wanted.builder or "", stop, _Reading())
        talk.end_progress()
        analysis = examine(inputs, changed=wanted.changed)
    finally:
        talk.end_progress()
        building.close()
    if wanted.json:
        about = {"schema": SCHEMA, "builder": analysis.plan.builder, "mode": "check"}
        output.json({**about, "steps": plan_documents(analysis), **analysis_document(analysis)})
    else:
        output.text(f"not built; as {analysis.plan.builder} would build it")
        for line in analysis_lines(analysis):
            output.text(line)
    return _FAILED if any(finding.severity in ("high", "medium") for finding in analysis.findings) else 0


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
    now = f" · {words_of(running[-1])}" if running else ""
    talk.progress(f"{done} of {len(steps)} steps{now}")


class _Reading:
    """Says how far reading the context is, and how long it takes yet."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._told = 0.0

    def __call__(self, read: int, most: int) -> None:
        now = time.monotonic()
        if now - self._told < _TELL_SECONDS:
            return
        self._told = now
        passed = now - self._began
        left = f", {duration(passed * (most - read) / read)} left" if passed > 1 and read else ""
        talk.progress(f"reading the context: {quantity(read, 'B')} of {quantity(most, 'B')}{left}")
