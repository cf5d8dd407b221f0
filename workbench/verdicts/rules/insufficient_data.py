"""Too little was measured for any rule to say something."""

from workbench.measure.text import printable, shorten
from workbench.measure.units import counted
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import FAIR_SECONDS, Window
from workbench.verdicts.words import figure, listed, target, word


def look(window: Window) -> Verdict | None:
    """Says what is missing, rather than guess: readings, pressure, the engine's figures, or that it does not run."""
    if window.said:
        return None
    its = target(window.container)
    if not window.running:
        status = shorten(printable(window.container.status), 60) or window.container.state
        return _verdict(
            f"not running: {window.container.state}",
            f"it is not running: {status}; 0 s were measured",
            (figure("state", window.container.state),),
            f"see how it ended: docker logs --tail 50 {its}",
        )
    missing = _missing(window)
    readings = f"{counted(len(window.situation.usages), 'reading')} over {window.seconds:.0f} s"
    if window.seconds < FAIR_SECONDS:
        return _verdict(
            f"not enough data yet: {window.seconds:.0f} s",
            f"only {readings}: {FAIR_SECONDS:g} s are needed",
            (figure("measured", readings, f"at least {FAIR_SECONDS:g} s"), *missing),
            f"measure it longer: workbench why --for 10 {its}",
        )
    told = listed([line.partition(":")[0] for line in missing], 4) or "what it waits for"
    return _verdict(
        f"not enough data: {told}",
        f"{readings}, nothing wrong in what was measured, but not measured: {told}",
        (figure("measured", readings), *missing),
        "pressure and tasks are read on the engine's own machine, where its cgroups are readable: workbench doctor",
    )


def _missing(window: Window) -> tuple[str, ...]:
    mean, pressure = window.mean, window.pressure
    figures = {
        "CPU": mean.cpu_percent,
        "CPU pressure": pressure.cpu_some,
        "memory pressure": pressure.memory_some,
        "I/O pressure": pressure.io_some,
        "throttling": mean.throttled_percent,
        "memory by kind": mean.memory,
        "run-queue delay": mean.run_delay_seconds_per_second,
    }
    return tuple(f"{label}: not measured" for label, value in figures.items() if value is None)


def _verdict(short: str, message: str, evidence: tuple[str, ...], step: str) -> Verdict:
    return Verdict("insufficient-data", "unknown", "low", word(short), message, evidence, step)


RULE = Rule("insufficient-data", "not enough data", look, turn=3)
