"""A finished load test as a run in the store: what it takes to compare it with another one."""

import json
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.measure.latency import PERCENTILES, knee_of, percentiles_ms
from workbench.measure.secrets import mask_text, mask_value
from workbench.model.runs import Better, Conditions, Metric, NewArtifact, NewRun, RunStatus, Sample, Target
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.benching import Outcome, Wish
    from workbench.model.containers import EngineInfo
    from workbench.model.latency import LoadBlock

HISTOGRAMS = "latency_histograms"
"""The kind of the artifact with every histogram: `latency`, `service`, `connect`, `lag` and `blocks`, each as pairs of
cell and count that `measure/histogram.py` reads."""


def keep_bench(outcome: "Outcome", wish: "Wish", engine: "EngineInfo | None") -> int:
    """Store it and return the run's number.

    Args:
        outcome: What came of it.
        wish: What was asked for.
        engine: Where the container runs; `None` when none was looked at.

    Raises:
        StoreError: when the store cannot be used.
    """
    with Store.open(store_file()) as store:
        return store.record_run(as_run(outcome, wish, engine))


def as_run(outcome: "Outcome", wish: "Wish", engine: "EngineInfo | None") -> NewRun:
    """The run as it is stored, secrets masked."""
    from workbench.sources.git import commit_here
    from workbench.sources.machine import environment_of

    result, plan = outcome.result, outcome.plan
    shown = tuple(mask_text(target) for target in wish.targets)
    status: RunStatus = "interrupted" if any(flag.name == "stopped" for flag in outcome.flags) else "complete"
    commit, dirty = commit_here()
    return NewRun(
        target=Target(
            "container" if outcome.container_name else "url",
            outcome.container_name or shown[0],
            (("targets", " ".join(shown)), ("method", wish.method)),
        ),
        environment=environment_of(engine),
        kind="bench",
        started_at=result.began_at,
        ended_at=result.began_at + result.seconds,
        label=f"knee of {plan.rate:.4g}/s" if outcome.steps else f"{plan.rate:.4g}/s",
        status=status,
        metrics=tuple(metrics_of(outcome)),
        artifacts=(NewArtifact(HISTOGRAMS, "application/json", _histograms(outcome)),),
        conditions=Conditions(
            image_id=outcome.image_id or None,
            git_commit=commit,
            git_dirty=dirty,
            configuration=(
                ("targets", " ".join(shown)),
                ("method", wish.method),
                ("headers", "; ".join(f"{name}: {mask_value(name, value)}" for name, value in wish.headers)),
                ("body", f"{len(wish.body)} B"),
                ("rate", f"{plan.rate:g}"),
                ("seconds", f"{plan.seconds:g}"),
                ("warm-up", f"{plan.warmup_seconds:g}"),
                ("blocks", str(plan.blocks)),
                ("connections", str(plan.connections)),
                ("keep-alive", str(plan.keep_alive).lower()),
                ("engine", result.engine),
                ("reached", ", ".join(dict.fromkeys(address.how for address in outcome.addresses))),
            ),
            load_1_minute=os.getloadavg()[0],
        ),
        note="; ".join(flag.message for flag in outcome.flags),
    )


def metrics_of(outcome: "Outcome") -> list[Metric]:
    """Every figure; those of a rate and of latency with one sample for each block."""
    result, blocks = outcome.result, outcome.result.blocks
    named = {flag.name for flag in outcome.flags}
    lagged = "meter lagged" if "meter_lagged" in named else ""
    found = []
    whole = percentiles_ms(result.latency)
    each = [percentiles_ms(block.latency) for block in blocks]
    for name in PERCENTILES:
        remark = lagged or ("few answers in a block" if "few" in named and name in {"p99", "p99.9"} else "")
        samples = _samples(blocks, [block[name] for block in each])
        found.append(
            Metric(f"latency_{name.replace('.', '_')}", "ms", whole[name], -1, quality=remark, samples=samples)
        )

    def by_block(name: str, unit: str, value: float, better: Better, of: "Callable[[LoadBlock], float]") -> None:
        found.append(Metric(name, unit, value, better, samples=_samples(blocks, [of(block) for block in blocks])))

    by_block("throughput", "1/s", result.rate_achieved, 1, lambda block: block.answered_in_time / block.seconds)
    share = 100 * result.failed / result.sent if result.sent else 0.0
    by_block("error_rate", "%", share, -1, lambda block: 100 * block.errors / block.sent if block.sent else 0.0)
    found.append(Metric("start_lag_p99", "ms", percentiles_ms(result.lag, ("p99",))["p99"]))
    if result.answered:
        found.append(Metric("response_body", "B", result.body_bytes / result.answered, -1))
    if outcome.steps:
        found.append(Metric("throughput_at_knee", "1/s", knee_of(outcome.steps), 1))
    if (used := outcome.figures) is not None:
        memory, gpu_memory = used.memory_peak_bytes, used.gpu_memory_peak_bytes
        found += [
            Metric("cpu_per_request", "ms", used.cpu_per_request_ms, -1),
            Metric("cpu", "%", used.cpu_percent, -1),
            Metric("memory_peak", "B", None if memory is None else float(memory), -1),
            Metric("throttled", "%", used.throttled_percent, -1),
            Metric("gpu", "%", used.gpu_percent),
            Metric("gpu_memory_peak", "B", None if gpu_memory is None else float(gpu_memory), -1),
        ]
    return found


def _samples(blocks: "Sequence[LoadBlock]", values: Sequence[float | None]) -> tuple[Sample, ...]:
    return tuple(
        Sample(value, offset_seconds=number * block.seconds)
        for number, (block, value) in enumerate(zip(blocks, values, strict=True))
        if value is not None
    )


def _histograms(outcome: "Outcome") -> bytes:
    result = outcome.result
    document = {
        "schema": 1,
        "latency": result.latency,
        "service": result.service,
        "connect": result.connect,
        "lag": result.lag,
        "blocks": [block.latency for block in result.blocks],
        "steps": [{"rate": step.rate, "latency": step.result.latency} for step in outcome.steps],
    }
    return json.dumps(document, separators=(",", ":")).encode()
