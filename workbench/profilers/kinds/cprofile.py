"""cProfile: exact calls of a process as it runs, or of every process of a fresh run, each and all together."""

import math
from collections.abc import Iterable
from threading import Event

from workbench.errors import WorkbenchError
from workbench.measure.pstats_merge import merged_pstats
from workbench.measure.text import printable
from workbench.model.probe import Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.attach.cprofile import record_calls
from workbench.profilers.attach.routes import live_routes
from workbench.profilers.attach.told import SEES_ALL_THREADS
from workbench.profilers.base import Heard, Made, Patient, Recorded, Unit, Wish, choose
from workbench.profilers.fresh import TOOLS, fresh_route
from workbench.profilers.tooled import Agent, tooled_run

_MIXED = "from Python 3.12 on, with several threads, callers and total times are mixed; self and calls hold"
_ENDING = ".pstats"


class CProfile:
    """Counts and times every call."""

    name = "cprofile"
    unit: Unit = "seconds"
    needs = "CPython 3.8 or newer as it runs; for a fresh run Python 3.7 or newer that reads PYTHONPATH"
    makes: MadeBy = "cprofile"
    formats = ("pstats", "speedscope", "collapsed", "html", "json")

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """Into the interpreter as it runs, then a fresh run."""
        return (*live_routes(facts, wish), fresh_route(facts))

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Record; see `base.Profiler`."""
        route = choose(self.routes(patient.facts, wish), wish, patient.facts)
        if route.name != "fresh":
            return record_calls(patient, wish, route.name, heard, stop)
        return self._run_fresh(patient, wish, heard, stop)

    def _run_fresh(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Run it until it ends or the time is over, then end it politely."""
        environment = {"WORKBENCH_PROFILE": f"{TOOLS}/out"}
        agent = Agent("", environment, "its calls are counted", lost="of its last second nothing is known")
        finished = tooled_run(agent, patient, wish, heard, stop)
        left = {name: content for name, content in finished.files.items() if name.endswith(_ENDING)}
        if not left:
            raise WorkbenchError(
                f"the fresh run of {printable(patient.facts.name)} ended before there were figures",
                "run it for longer: --for 60",
            )
        costs = (content for name, content in finished.files.items() if name.endswith(".cost"))
        mixed = any(one.minor is not None and one.minor >= SEES_ALL_THREADS for one in patient.facts.pythons)
        return Recorded(
            profiler=self.name,
            how="fresh",
            unit=self.unit,
            duration_seconds=finished.seconds,
            taken_at=finished.taken_at,
            files=_files(left),
            python=finished.python,
            overhead_percent=overhead_percent(costs),
            warnings=(*finished.warnings, *((_MIXED,) if mixed else ())),
            complete=finished.complete,
        )


def overhead_percent(costs: Iterable[bytes]) -> float | None:
    """How much more CPU time the profiled processes took, in percent of what they would have taken.

    Each process has counted its calls and, before its program began, timed what one costs more under the profiler.
    Calls that do much differ from that one, so this is about right and rather too low.

    Args:
        costs: Of each process its calls, seconds for one, and seconds of CPU time. Hostile.
    """
    profiler = whole = 0.0
    for cost in costs:
        try:
            calls, seconds, used = (float(word) for word in cost.split())
        except ValueError:
            continue
        if all(0 <= figure < math.inf for figure in (calls, seconds, used)):
            profiler += min(calls * seconds, used)
            whole += used
    return 100 * profiler / (whole - profiler) if 0 < profiler < whole else None


def _files(left: dict[str, bytes]) -> tuple[Made, ...]:
    """All together, then process by process in the order of their starts."""
    media = "application/octet-stream"
    by_start = sorted(left, key=lambda name: (name.removesuffix(_ENDING).partition("-")[2], name))
    each = [Made("pstats of a process", media, left[name], f"process {name.partition('-')[0]}") for name in by_start]
    return (Made("pstats", media, merged_pstats(left.values())), *each)


PROFILER = CProfile()
