"""A profile's figures in words, for both fronts."""

from workbench.measure.flame.significance import share_error
from workbench.measure.units import NOT_MEASURED, counted, percent, quantity


def amount(value: float | None, unit: str) -> str:
    """A figure with its unit: `1.53 s`, `12 ms`, `34 samples`."""
    if value is None:
        return NOT_MEASURED
    if unit == "seconds":
        return seconds(value)
    if unit == "bytes":
        return size(value)
    return counted(round(value), unit.removesuffix("s")) if value < 10_000 else f"{quantity(value)} {unit}"


def size(value: float) -> str:
    """Bytes in the units that memory is told in: `12.5 MiB`, `980 KiB`, `17 B`."""
    for factor, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if abs(value) >= factor:
            scaled = value / factor
            return f"{scaled:.{0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2}f} {name}"
    return f"{value:.0f} B"


def seconds(value: float) -> str:
    """A time: `153 s`, `1.53 s`, `15.3 ms`, `153 µs`, `0 s`."""
    for factor, name in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        scaled = value * factor
        if scaled >= 0.9995 or name == "µs":
            digits = 0 if scaled >= 99.95 else 1 if scaled >= 9.995 else 2
            return f"{scaled:.{digits}f} {name}" if value else "0 s"
    raise AssertionError("unreachable")


def error(value: float, whole: float, samples: int | None) -> str:
    """How far a share may be off, with 95 % certainty: `± 3%`; nothing where it does not rest on samples."""
    if not samples or not whole:
        return ""
    return f"± {percent(100 * share_error(value / whole, samples))}"
