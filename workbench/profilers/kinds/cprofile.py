"""cProfile: exact calls of a process as it runs, or of every process of a fresh run, each and all together."""

import time
from pathlib import Path
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.call_cost import counted_calls, overhead_percent
from workbench.measure.pstats_merge import merged_pstats
from workbench.measure.text import printable
from workbench.model.probe import Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.attach.cprofile import record_calls
from workbench.profilers.attach.routes import live_routes
from workbench.profilers.attach.told import SEES_ALL_THREADS
from workbench.profilers.base import Heard, Made, Patient, Progress, Recorded, Unit, Wish, choose
from workbench.profilers.fresh import TOOLS, FreshRun, fresh_route, fresh_run

_AGENT = Path(__file__).parents[1] / "agents" / "sitecustomize.py"
_LOOK_SECONDS = 0.25
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
        facts = patient.facts
        heard(Progress("fresh", 0.0, wish.seconds, note="starting the fresh run"))
        files = {"agent/sitecustomize.py": _AGENT.read_bytes()}
        environment = {"WORKBENCH_PROFILE": f"{TOOLS}/out"}
        taken_at = time.time()
        with (
            patient.connected.talk() as connection,
            fresh_run(
                connection.client, facts, wish, files=files, environment=environment, path_entry=f"{TOOLS}/agent"
            ) as run,
        ):
            ended = wait(run, wish, heard, stop)
            passed = time.monotonic() - run.started_at
            heard(Progress("fresh", passed, wish.seconds, note="ending the fresh run"))
            code, was_out_of_memory = run.stop()
            results = run.results()
            left = {name: content for name, content in results.items() if name.endswith(_ENDING)}
            said = "" if left else run.last_words()
        if not left:
            if stop.is_set():
                raise Stopped("stopped")
            raise WorkbenchError(
                f"no Python of the fresh run of {printable(facts.name)} was profiled"
                + (f"; it ended with {code} and said: {said}" if ended and code else ""),
                "a Python started with -I, -E or -S takes no profiler; py-spy looks at it as it runs: --with py-spy",
            )
        return Recorded(
            profiler=self.name,
            how="fresh",
            unit=self.unit,
            duration_seconds=passed,
            taken_at=taken_at,
            files=_files(left),
            python=next((one.python for one in facts.pythons), ""),
            overhead_percent=overhead_percent(
                counted_calls(content) for name, content in results.items() if name.endswith(".cost")
            ),
            warnings=_warnings(facts, run, code, ended=ended, was_out_of_memory=was_out_of_memory),
            complete=not stop.is_set(),
        )


def wait(run: FreshRun, wish: Wish, heard: Heard, stop: Event) -> bool:
    """Wait until the time is over, it ends by itself, or `stop` is set.

    Returns:
        Whether it ended by itself.
    """
    while True:
        if run.has_ended():
            return True
        passed = time.monotonic() - run.started_at
        if passed >= wish.seconds or stop.is_set():
            return False
        heard(Progress("fresh", passed, wish.seconds, note="the fresh run is profiled"))
        stop.wait(min(_LOOK_SECONDS, wish.seconds - passed))


def _files(left: dict[str, bytes]) -> tuple[Made, ...]:
    """All together, then process by process in the order of their starts."""
    media = "application/octet-stream"
    by_start = sorted(left, key=lambda name: (name.removesuffix(_ENDING).partition("-")[2], name))
    each = [Made("pstats of a process", media, left[name], f"process {name.partition('-')[0]}") for name in by_start]
    return (Made("pstats", media, merged_pstats(left.values())), *each)


def _warnings(
    facts: TargetFacts, run: FreshRun, code: int | None, *, ended: bool, was_out_of_memory: bool
) -> tuple[str, ...]:
    said = [f"of the fresh run: {note}" for note in run.notes]
    if was_out_of_memory:
        said.append("the fresh run was killed for its memory; of its last second nothing is known")
    elif ended and code:
        said.append(f"the fresh run ended by itself with exit code {code}")
    if any(one.minor is not None and one.minor >= SEES_ALL_THREADS for one in facts.pythons):
        said.append("from Python 3.12 on, with several threads, callers and total times are mixed; self and calls hold")
    return tuple(said)


PROFILER = CProfile()
