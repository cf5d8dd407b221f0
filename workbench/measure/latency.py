"""What a load test tells: percentiles, flags, and the rate up to which a service keeps up."""

import math
from collections.abc import Mapping, Sequence

from workbench.measure.histogram import Histogram
from workbench.model.latency import Cells, Flag, KneeStep, LoadPlan, LoadResult

PERCENTILES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
"""Name and share."""
KEPT_UP = 0.95
"""Of the requested rate: below it a service does not keep up."""
MOST_FAILED = 0.01
"""Of the requests of a step; with more the service is past its knee."""
_KNEE_TIMES = 5.0
_KNEE_MORE_MS = 20.0
_LAG_SHARE = 0.25
_LAG_FLOOR_MS = 0.25
_FEW = 100
"""A p99 of fewer answers is their maximum."""


def percentiles_ms(cells: Cells, names: Sequence[str] = tuple(PERCENTILES)) -> dict[str, float | None]:
    """Percentiles of a histogram in milliseconds, by name; `None` when it is empty."""
    found = Histogram(cells).quantiles_ms([PERCENTILES[name] for name in names])
    return {name: found[PERCENTILES[name]] for name in names}


def flags_of(plan: LoadPlan, result: LoadResult) -> tuple[Flag, ...]:
    """What must be known before the figures are believed, the gravest first."""
    flags = []
    if result.was_stopped:
        flags.append(Flag("stopped", f"stopped after {result.seconds:.1f} of {plan.seconds:g} s"))
    if not result.is_open_loop:
        flags.append(
            Flag("closed_loop", f"{result.engine} sends after an answer: what a stall kept waiting is not seen")
        )
    latency = percentiles_ms(result.latency, ("p50", "p99"))
    lag = percentiles_ms(result.lag, ("p50", "p99"))
    for name in ("p50", "p99"):
        late, whole = lag[name], latency[name]
        if late is not None and whole is not None and late > max(_LAG_FLOOR_MS, _LAG_SHARE * whole):
            flags.append(
                Flag("meter_lagged", f"the meter itself was late: {name} {late:.3g} ms of the {whole:.3g} ms measured")
            )
            break
    if result.sent and result.failed:
        share = 100 * result.failed / result.sent
        flags.append(Flag("errors", f"{share:.3g}% of the requests failed"))
    if result.is_open_loop and result.rate_achieved < KEPT_UP * plan.rate:
        flags.append(
            Flag("rate", f"{result.rate_achieved:.4g} answers a second of {plan.rate:.4g}: it does not keep up")
        )
    if result.waited > 0.01 * result.sent:
        flags.append(
            Flag("connections", f"{result.waited} requests waited because all {plan.connections} connections were busy")
        )
    fewest = min((sum(count for _, count in block.latency) for block in result.blocks), default=0)
    if result.answered and result.blocks and fewest < _FEW:
        flags.append(Flag("few", f"a block has only {fewest} answers: its p99 is about their maximum"))
    return tuple(flags)


def judge_step(step: LoadResult, rate: float, first: LoadResult | None, limit_ms: float | None) -> str:
    """Why a service did not keep up at a rate; empty when it did.

    Past the knee a queue grows: answers come slower than they are asked for, or p99 leaves what it was at the lowest
    rate by far.

    Args:
        step: What was measured.
        rate: Requests a second that were sent.
        first: What was measured at the lowest rate; `None` for that one itself.
        limit_ms: The p99 that is still good; `None` takes five times that of the first, and 20 ms more.
    """
    if step.failed > MOST_FAILED * max(1, step.sent):
        return f"{100 * step.failed / max(1, step.sent):.2g}% failed"
    if step.rate_achieved < KEPT_UP * rate:
        return f"{step.rate_achieved:.4g} answers a second"
    p99 = percentiles_ms(step.latency, ("p99",))["p99"]
    if limit_ms is None and first is not None:
        base = percentiles_ms(first.latency, ("p99",))["p99"] or 0.0
        limit_ms = _KNEE_TIMES * base + _KNEE_MORE_MS
    if p99 is not None and limit_ms is not None and p99 > limit_ms:
        return f"p99 {p99:.3g} ms, above {limit_ms:.3g} ms"
    return ""


def next_rate(steps: Sequence[KneeStep], most: float, precision: float = 0.1) -> float | None:
    """The rate to try next: up by half until it does not keep up, then between the best and the worst.

    Args:
        steps: Those that were tried.
        most: Never more than this.
        precision: The knee is known when the two differ by no more than this share.

    Returns:
        `None` when the knee is known, or is above `most`, or the first rate was already too much.
    """
    good = max((step.rate for step in steps if step.kept_up), default=None)
    bad = min((step.rate for step in steps if not step.kept_up), default=None)
    if good is None or good >= most:
        return None
    if bad is None:
        return min(most, good * 1.5)
    if bad <= good * (1 + precision):
        return None
    return math.sqrt(good * bad)


def knee_of(steps: Sequence[KneeStep]) -> float | None:
    """The highest rate that was kept up with; `None` when not even the lowest was."""
    bad = min((step.rate for step in steps if not step.kept_up), default=None)
    good = [step.rate for step in steps if step.kept_up and (bad is None or step.rate < bad)]
    return max(good, default=None)
