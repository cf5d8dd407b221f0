"""Wheels of memray and line_profiler, which go into containers; fetched when they are needed, or beforehand."""

from workbench.doctor.check import Check, Surroundings
from workbench.errors import WorkbenchError
from workbench.measure.units import quantity
from workbench.model.doctor import Finding
from workbench.profilers.wheels.beforehand import kept_summary


def _examine(surroundings: Surroundings) -> Finding:  # noqa: ARG001  one signature
    try:
        place, pythons, size = kept_summary()
    except WorkbenchError as error:
        return Finding("missing", error.reason, error.hint)
    if not pythons:
        return Finding("missing", "no wheel of memray is kept: it is fetched when needed", "workbench doctor --fetch")
    return Finding("fine", f"memray for Python {', '.join(pythons)}; {quantity(size, 'B')} in {place}")


CHECK = Check("wheels", "wheels", _examine, rank=14)
