"""A load test's result in words and as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.measure.latency import PERCENTILES, knee_of, percentiles_ms
from workbench.measure.secrets import mask_text
from workbench.measure.text import encodable
from workbench.measure.units import NOT_MEASURED, counted, percent, quantity

if TYPE_CHECKING:
    from workbench.benching import Outcome
    from workbench.model.latency import AnswerSample, KneeStep, LoadResult, TargetFigures

SCHEMA = 1
_BAR_WIDTH = 30
_OWN_PACE = ("wrk",)
"""Engines that cannot be told a rate."""
_COMPRESSIBLE = ("text/", "application/json", "application/javascript", "application/xml", "image/svg")
_WORTH_COMPRESSING = 1400
"""Bytes: less fits into one packet anyway."""


def document(outcome: "Outcome") -> dict[str, object]:
    """Schema 1, an interface that programs rely on."""
    result, plan = outcome.result, outcome.plan
    urls = [encodable(mask_text(address.url)) for address in outcome.addresses]
    return {
        "schema": SCHEMA,
        "url": urls[0],
        "urls": urls,
        "reached": [encodable(address.how) for address in outcome.addresses],
        "engine": result.engine,
        "rate_requested": plan.rate if result.engine not in _OWN_PACE else None,
        "rate_achieved": round(result.rate_achieved, 3),
        "seconds": round(result.seconds, 3),
        "warmup_seconds": plan.warmup_seconds,
        "keep_alive": plan.keep_alive,
        "requests": result.sent,
        "answers": result.answered,
        "errors": dict(result.errors),
        "statuses": dict(result.statuses),
        "latency_ms": percentiles_ms(result.latency),
        "service_ms": percentiles_ms(result.service),
        "connect_ms": percentiles_ms(result.connect, ("p50", "p99")),
        "start_lag_ms": percentiles_ms(result.lag, ("p50", "p99")),
        "flags": [{"name": flag.name, "message": encodable(flag.message)} for flag in outcome.flags],
        "response": {
            "body_bytes": {
                "mean": round(result.body_bytes / result.answered, 1) if result.answered else None,
                "least": result.least_body_bytes if result.answered else None,
                "most": result.most_body_bytes if result.answered else None,
            },
            "first": [_sample_document(sample) if sample else None for sample in result.samples],
        },
        "blocks": [
            {
                "rate_achieved": round(block.answered_in_time / block.seconds, 3),
                "errors": block.errors,
                "latency_ms": percentiles_ms(block.latency),
            }
            for block in result.blocks
        ],
        "container": _container_document(outcome),
        "knee": _knee_document(outcome.steps) if outcome.steps else None,
    }


def _sample_document(sample: "AnswerSample") -> dict[str, object]:
    headers = {encodable(name): encodable(value) for name, value in sample.headers}
    return {"status": sample.status, "body_bytes": sample.body_bytes, "headers": headers}


def _container_document(outcome: "Outcome") -> dict[str, Any] | None:
    used = outcome.figures
    if used is None:
        return None
    return {
        "name": encodable(outcome.container_name),
        "id": outcome.container_id,
        "measured_seconds": round(used.seconds, 3),
        "cpu_percent": used.cpu_percent,
        "cpu_per_request_ms": used.cpu_per_request_ms,
        "memory_peak_bytes": used.memory_peak_bytes,
        "throttled_percent": used.throttled_percent,
        "throttled_seconds": used.throttled_seconds,
        "run_delay_seconds": used.run_delay_seconds,
        "gpu_percent": used.gpu_percent,
        "gpu_memory_peak_bytes": used.gpu_memory_peak_bytes,
    }


def _knee_document(steps: "tuple[KneeStep, ...]") -> dict[str, object]:
    return {
        "rate": knee_of(steps),
        "steps": [
            {
                "rate": step.rate,
                "rate_achieved": round(step.result.rate_achieved, 3),
                "errors": step.result.failed,
                "latency_ms": percentiles_ms(step.result.latency, ("p50", "p99")),
                "start_lag_ms": percentiles_ms(step.result.lag, ("p50", "p99")),
                "kept_up": step.kept_up,
                "reason": step.reason,
            }
            for step in steps
        ],
    }


def lines(outcome: "Outcome") -> Iterator[str]:
    """The same for people."""
    result, plan = outcome.result, outcome.plan
    for address in outcome.addresses:
        yield f"{mask_text(address.url)}  {address.how}"
    if outcome.steps:
        yield from _steps(outcome.steps)
    asked = f"on {plan.connections} connections" if result.engine in _OWN_PACE else f"of {plan.rate:.4g} asked for"
    sent = "keep-alive" if plan.keep_alive else "a connection each"
    yield (
        f"{result.rate_achieved:.4g} answers/s {asked}"
        f" · {result.answered} in {result.seconds:.4g} s · {sent} · {result.engine}"
    )
    yield ""
    yield from _percentiles(result)
    yield ""
    yield f"errors     {_errors(result)}"
    yield from _responses(result)
    if outcome.figures is not None:
        yield _container(outcome.container_name, outcome.figures)
    lag = percentiles_ms(result.lag, ("p50", "p99"))
    if result.lag:
        yield f"start lag  p50 {time_of(lag['p50'])}, p99 {time_of(lag['p99'])}: how late the meter itself was"
    for flag in outcome.flags:
        yield f"! {flag.message}"


def _steps(steps: "tuple[KneeStep, ...]") -> Iterator[str]:
    for step in sorted(steps, key=lambda one: one.rate):
        told = percentiles_ms(step.result.latency, ("p50", "p99"))
        verdict = "" if step.kept_up else f"  too much: {step.reason}"
        yield f"  {step.rate:8.4g}/s  p50 {time_of(told['p50']):>8}  p99 {time_of(told['p99']):>8}{verdict}"
    knee = knee_of(steps)
    yield f"knee       {NOT_MEASURED if knee is None else f'{knee:.4g}/s'}; the figures below are of that rate"


def _percentiles(result: "LoadResult") -> Iterator[str]:
    latency, service = percentiles_ms(result.latency), percentiles_ms(result.service)
    longest = latency["max"] or 0.0
    # In a closed loop a request is due when it is sent
    yield "latency    since it was due   since it was sent" if result.is_open_loop else "latency   since it was sent"
    for name in PERCENTILES:
        value = latency[name]
        size = round((value or 0.0) / longest * _BAR_WIDTH) if longest else 0
        sent = f"   {time_of(service[name]):>17}" if result.is_open_loop else ""
        yield f"  {name:<8} {time_of(value):>16}{sent}  {'▇' * size}".rstrip()


def _errors(result: "LoadResult") -> str:
    if not result.errors:
        return "none"
    share = percent(100 * result.failed / result.sent) if result.sent else NOT_MEASURED
    return f"{share}: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in result.errors)


def _responses(result: "LoadResult") -> Iterator[str]:
    for sample in result.samples:
        if sample is None:
            continue
        headers = dict(sample.headers)
        kind = headers.get("content-type", "")
        size = quantity(sample.body_bytes, "B")
        packed = headers.get("content-encoding", "")
        if not packed and sample.body_bytes > _WORTH_COMPRESSING and kind.startswith(_COMPRESSIBLE):
            packed = "not compressed though asked for"
        cached = [f"{name}: {headers[name]}" for name in ("cache-control", "etag", "age", "expires") if name in headers]
        about = " · ".join(word for word in (kind, packed, ", ".join(cached) or "no cache headers") if word)
        yield f"response   {sample.status} · {size} · {about}"


def _container(name: str, used: "TargetFigures") -> str:
    told = [
        f"CPU {percent(used.cpu_percent)}",
        f"{time_of(used.cpu_per_request_ms)} CPU a request",
        f"memory up to {quantity(used.memory_peak_bytes, 'B')}",
        f"throttled {percent(used.throttled_percent)}",
    ]
    if used.gpu_percent is not None:
        told.append(f"GPU {percent(used.gpu_percent)}")
    if used.gpu_memory_peak_bytes is not None:
        told.append(f"GPU memory up to {quantity(used.gpu_memory_peak_bytes, 'B')}")
    return f"{name}  {' · '.join(told)} · over {counted(round(used.seconds), 'second')}"


def time_of(milliseconds: float | None) -> str:
    """Three digits: `0.412 ms`, `41.2 ms`, `4.12 s`; `None` gives `–`."""
    if milliseconds is None:
        return NOT_MEASURED
    if milliseconds >= 999.5:
        return f"{milliseconds / 1000:.3g} s"
    return f"{milliseconds:.3f} ms" if milliseconds < 1 else f"{milliseconds:.3g} ms"
