"""line_profiler as a process runs, or in every process of a fresh run: hits and time of each line of some functions."""

import re
from collections.abc import Sequence
from threading import Event

from workbench.errors import UsageError, WorkbenchError
from workbench.measure.line_times import LineCost, LineTimes, from_lines
from workbench.measure.text import printable
from workbench.model.probe import How, Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.attach.tools import live_lines, tooled_live_routes
from workbench.profilers.base import Heard, Impossible, Made, Patient, Recorded, Unit, Wish, choose
from workbench.profilers.fresh import TOOLS
from workbench.profilers.tooled import Agent, Finished, tooled_routes, tooled_run

_FUNCTION = re.compile(r"\w+(?:\.\w+)*:\w+(?:\.\w+)*")
_HOW = "--function MODULE:NAME or MODULE:CLASS.NAME, several times for several; __main__ is the program's own file"
_ENDING = ".lines"


class Lines:
    """Counts and times the lines of chosen functions."""

    name = "lines"
    unit: Unit = "seconds"
    needs = "CPython 3.8 or newer on glibc or musl 1.2.4, as it runs or once more"
    makes: MadeBy = "lines"
    formats = ("json", "speedscope", "collapsed")

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """Into the interpreter as it runs, then a fresh run."""
        return (*tooled_live_routes("line_profiler", facts, wish), *tooled_routes("line_profiler", facts, wish))

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Record; see `base.Profiler`.

        Raises:
            UsageError: when no function is named, or one is none.
        """
        check_functions(wish.functions)
        if wish.route != "fresh":
            route = choose(self.routes(patient.facts, wish), wish, patient.facts)
            finished = live_lines(patient, wish, route.name, heard, stop)
            return recorded_lines(finished, route.name)
        environment = {"WORKBENCH_LINES": TOOLS, "WORKBENCH_FUNCTIONS": " ".join(wish.functions)}
        lost = "of its last second nothing is known"
        agent = Agent("lines", environment, "lines are counted", "line_profiler", lost)
        return recorded_lines(tooled_run(agent, patient, wish, heard, stop))


def check_functions(functions: tuple[str, ...]) -> None:
    """Refuse what names no function.

    Raises:
        UsageError: with how they are named.
    """
    if not functions:
        raise UsageError("which functions to profile line by line is not told", _HOW)
    for name in functions:
        if not _FUNCTION.fullmatch(name):
            raise UsageError(f"{printable(name)} names no function", _HOW)


def recorded_lines(finished: Finished, how: How = "fresh") -> Recorded:
    """Put together what every process counted.

    Args:
        finished: What a run left.
        how: The way in.

    Raises:
        Impossible: when none of the functions is there, with the reason.
        WorkbenchError: when none of them ran.
    """
    left = {name: content for name, content in sorted(finished.files.items()) if name.endswith(_ENDING)}
    if not left:
        said = next((text.decode("utf-8", "replace") for text in finished.files.values()), "")
        raise WorkbenchError(f"no line was counted: {printable(said)[:300]}", "--with py-spy looks at it as it runs")
    found = from_lines(list(left.values()))
    if not found.lines:
        raise _nothing(found, finished.warnings, how)
    warnings = list(finished.warnings)
    warnings += [f"{name} was not profiled: {_why(name, state)}" for name, state in found.missing]
    warnings.append("what is profiled line by line runs several times slower: compare lines, not the whole run")
    warnings.append(_cost(found.cost))
    return Recorded(
        profiler="lines",
        how=how,
        unit="seconds",
        duration_seconds=finished.seconds,
        taken_at=finished.taken_at,
        files=tuple(
            Made("lines", "application/json", content, f"process {name.partition('-')[0]}")
            for name, content in left.items()
        ),
        python=finished.python,
        warnings=tuple(warnings),
        complete=finished.complete,
    )


def _cost(cost: LineCost | None) -> str:
    """Why the whole cost is not known, and what is."""
    said = "what line_profiler cost is not known, for it slows every line of the program and counts the chosen ones"
    if cost is None:
        return said
    counted, other = 1e6 * cost.counted_line_seconds, 1e6 * cost.other_line_seconds
    return (
        f"{said}: one that is counted took {counted:.2f} µs longer, {cost.counted_percent:.1f}% of CPU time in all,"
        f" and any other {other:.2f} µs"
    )


def _nothing(found: LineTimes, warnings: Sequence[str], how: How) -> WorkbenchError:
    """Why no line has a figure."""
    if found.missing:
        why = "; ".join(f"{name} was not profiled: {_why(name, state)}" for name, state in found.missing[:4])
        return Impossible(why, _HOW)
    blind = next((warning for warning in warnings if "main thread" in warning), "") if how != "fresh" else ""
    if blind:
        return WorkbenchError(f"the functions did not run where it can be seen: {blind}", "see all threads: --fresh")
    return WorkbenchError("the functions were found, and none of them ran", "record for longer: --for 60")


def _why(name: str, state: str) -> str:
    module, _, function = name.partition(":")
    if state == "no such function":
        return f"{module} has no function {function}"
    return f"no process imported {module}"


PROFILER = Lines()
