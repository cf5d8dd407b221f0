"""py-spy's dump: one look at all stacks."""

from threading import Event

from workbench.model.probe import Route, TargetFacts
from workbench.model.profile import Profiler as MadeBy
from workbench.profilers.base import Heard, Patient, Recorded, Unit, Wish
from workbench.profilers.py_spy.dump import dump
from workbench.profilers.py_spy.routes import NEEDS, routes


class Dump:
    """Looks once at all stacks."""

    name = "dump"
    unit: Unit = "samples"
    needs = NEEDS
    makes: MadeBy = "py-spy"
    formats = ("json", "speedscope", "collapsed", "html")

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """The ways in, best first."""
        return routes(facts, wish, for_one_look=True)

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Look; see `base.Profiler`."""
        return dump(patient, wish, heard, stop)


PROFILER = Dump()
