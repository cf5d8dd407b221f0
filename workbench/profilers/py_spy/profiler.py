"""py-spy behind the profilers' protocol: as a recording, and as a dump of all stacks now."""

from threading import Event

from workbench.model.probe import Route, TargetFacts
from workbench.profilers.base import Heard, Patient, Recorded, Unit, Wish
from workbench.profilers.py_spy.dump import dump
from workbench.profilers.py_spy.record import record
from workbench.profilers.py_spy.routes import routes

NEEDS = "a running Python 3.3 to 3.15 on the same architecture, and leave to look into it"


class PySpy:
    """Samples stacks for a while."""

    name = "py-spy"
    unit: Unit = "samples"
    needs = NEEDS

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """The ways in, best first."""
        return routes(facts, wish)

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Record; see `base.Profiler`."""
        return record(patient, wish, heard, stop)


class Dump:
    """Looks once at all stacks."""

    name = "dump"
    unit: Unit = "samples"
    needs = NEEDS

    def routes(self, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
        """The ways in, best first."""
        return routes(facts, wish, for_one_look=True)

    def run(self, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Recorded:
        """Look; see `base.Profiler`."""
        return dump(patient, wish, heard, stop)
