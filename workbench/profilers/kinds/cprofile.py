"""cProfile: exact calls of a process as it runs, or of every process of a fresh run, each and all together."""

from threading import Event

from workbench.errors import WorkbenchError
from workbench.measure.call_cost import counted_calls, overhead_percent, why_no_overhead
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
        costs = [counted_calls(content) for name, content in finished.files.items() if name.endswith(".cost")]
        overhead = overhead_percent(costs)
        mixed = any(one.minor is not None and one.minor >= SEES_ALL_THREADS for one in patient.facts.pythons)
        return Recorded(
            profiler=self.name,
            how="fresh",
            unit=self.unit,
            duration_seconds=finished.seconds,
            taken_at=finished.taken_at,
            files=_files(left),
            python=finished.python,
            overhead_percent=overhead,
            warnings=(
                *finished.warnings,
                *((_MIXED,) if mixed else ()),
                *((why_no_overhead(costs),) if overhead is None else ()),
            ),
            complete=finished.complete,
        )


def _files(left: dict[str, bytes]) -> tuple[Made, ...]:
    """All together, then process by process in the order of their starts."""
    media = "application/octet-stream"
    by_start = sorted(left, key=lambda name: (name.removesuffix(_ENDING).partition("-")[2], name))
    each = [Made("pstats of a process", media, left[name], f"process {name.partition('-')[0]}") for name in by_start]
    return (Made("pstats", media, merged_pstats(left.values())), *each)


PROFILER = CProfile()
