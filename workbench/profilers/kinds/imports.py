"""Import time: a fresh run tells how long each module took, until it imports no more."""

import time
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.import_times import import_times
from workbench.measure.text import printable
from workbench.model.probe import Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.base import Heard, Made, Patient, Progress, Recorded, Unit, Wish, choose
from workbench.profilers.fresh import FreshRun, fresh_route, fresh_run
from workbench.profilers.import_cost import STOPPED, ImportCost, cost_of_an_import, overhead_percent

_MOST_BYTES = 32 << 20
_MARK = b"import time:"
_LOOK_SECONDS = 0.5
_QUIET_LOOKS = 6
"""So many looks without another module, and the start is over."""


class Imports:
    """Times every import of a fresh run's start."""

    name = "imports"
    unit: Unit = "seconds"
    needs = "Python 3.7 or newer that reads its environment, and an engine that may run the container once more"
    makes: MadeBy = "imports"
    formats = ("speedscope", "collapsed", "html", "json")

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:  # noqa: ARG002  one signature
        """A fresh run."""
        return (fresh_route(facts),)

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Run it until it imports no more or the time is over; see `base.Profiler`."""
        facts = patient.facts
        choose(self.routes(facts, wish), wish, facts)
        taken_at = time.time()
        heard(Progress("fresh", 0.0, wish.seconds, note="starting the fresh run"))
        environment = {"PYTHONPROFILEIMPORTTIME": "1"}
        with (
            patient.connected.talk() as connection,
            fresh_run(connection, facts, wish, files={}, environment=environment) as run,
        ):
            content = _listen(run, wish, heard, stop)
            was_stopped, ending = stop.is_set(), run.ending()
            cost = ImportCost(None, STOPPED)
            if not was_stopped and _MARK in content:
                heard(Progress("fresh", wish.seconds, wish.seconds, note="timing what it costs to tell an import"))
                cost = cost_of_an_import(run, facts, wish.command, stop)
            notes = run.notes
        lines = b"\n".join(line for line in content.splitlines() if _MARK in line) + b"\n"
        found = import_times(lines.decode("utf-8", "replace"))
        if not found.modules:
            if was_stopped:
                raise Stopped("stopped")
            raise WorkbenchError(
                f"no Python of the fresh run of {printable(facts.name)} told its imports",
                "a Python started with -I or -E does not; py-spy looks at it as it runs: --with py-spy",
            )
        overhead = overhead_percent(found, cost.seconds)
        mixed = ("several processes import at once: a module may stand below a wrong one",) if found.is_mixed else ()
        return Recorded(
            profiler=self.name,
            how="fresh",
            unit=self.unit,
            duration_seconds=found.seconds,
            taken_at=taken_at,
            files=(Made("importtime", "text/plain", lines),),
            python=next((one.python for one in facts.pythons), ""),
            overhead_percent=overhead,
            warnings=(
                *(f"of the fresh run: {note}" for note in notes),
                *(ending.warnings() if ending else ()),
                *mixed,
                *([_untimed(cost)] if overhead is None else []),
            ),
            complete=not (was_stopped or (ending is not None and ending.was_cut_short)),
        )


def _untimed(cost: ImportCost) -> str:
    why = cost.why or "the one that was timed took longer than these can have taken"
    return f"what it cost to tell the imports is not known: {why}"


def _listen(run: FreshRun, wish: Wish, heard: Heard, stop: Event) -> bytes:
    """What it wrote until it imported no more, ended, or the time was over."""
    content, count, quiet = b"", 0, 0
    while True:
        has_ended = run.has_ended()
        content = run.errors(_MOST_BYTES)
        before, count = count, content.count(_MARK)
        quiet = quiet + 1 if count == before else 0
        passed = time.monotonic() - run.started_at
        if has_ended or stop.is_set() or passed >= wish.seconds or (count and quiet >= _QUIET_LOOKS):
            return content
        heard(Progress("fresh", passed, wish.seconds, note=f"{count} modules"))
        stop.wait(_LOOK_SECONDS)


PROFILER = Imports()
