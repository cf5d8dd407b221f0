"""py-spy: samples stacks for a while."""

from threading import Event

from workbench.model.probe import Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.base import Heard, Patient, Recorded, Unit, Wish
from workbench.profilers.py_spy.record import record
from workbench.profilers.py_spy.routes import NEEDS, routes


class PySpy:
    """Samples stacks for a while."""

    name = "py-spy"
    unit: Unit = "samples"
    needs = NEEDS
    makes: MadeBy = "py-spy"
    formats = ("speedscope", "collapsed", "chrome", "html", "json")

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """The ways in, best first."""
        return routes(facts, wish)

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Record; see `base.Profiler`."""
        return record(patient, wish, heard, stop)


PROFILER = PySpy()
