"""`workbench bench --pull`: how long an image takes to come."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call
from workbench.errors import WorkbenchError
from workbench.measure.text import encodable
from workbench.measure.units import counted, quantity

if TYPE_CHECKING:
    from workbench.model.pull import LayerTimes, PullEstimate, TimedPull
    from workbench.sources.engine import Engine

SCHEMA = 1
DEFAULT_BANDWIDTH = 100e6 / 8
_WIDTH = 44


def run(call: Call, engine: "Engine") -> int:
    """Estimate it, or make it and time it; tell and keep the result."""
    from workbench.pulling import estimate_pull, keep_pull, time_pull

    wanted = call.arguments
    estimate, timed = None, None
    with until_told() as stop:
        if wanted.timed:
            timed = time_pull(engine, wanted.pull, talk.progress, stop)
        else:
            estimate = estimate_pull(
                engine,
                call.settings,
                wanted.pull,
                bandwidth=wanted.bandwidth or DEFAULT_BANDWIDTH,
                extract=wanted.extract,
                asks_registry=wanted.registry,
                have=wanted.have,
                heard=talk.progress,
                stop=stop,
            )
    talk.end_progress()
    if not wanted.no_keep:
        try:
            talk.say(f"kept as run {keep_pull(engine, estimate, timed)}")
        except WorkbenchError as error:
            talk.say(f"not kept among the runs: {error.reason}")
    if wanted.json:
        output.json(_timed_document(timed) if timed else document(estimate) if estimate else None)
    else:
        for line in _timed_lines(timed) if timed else lines(estimate) if estimate else ():
            output.text(line)
    return 0


def document(estimate: "PullEstimate") -> dict[str, object]:
    """Schema 1, an interface that programs rely on. Times are in seconds since the pull begins."""
    return {
        "schema": SCHEMA,
        "image": encodable(estimate.image),
        "image_id": estimate.image_id,
        "sizes": estimate.source,
        "error_percent": round(estimate.error_percent, 1),
        "compressed_bytes": estimate.compressed_bytes,
        "pulled_bytes": estimate.pulled_bytes,
        "unpacked_bytes": sum(layer.unpacked_bytes for layer in estimate.layers),
        "bandwidth_bytes_per_second": estimate.bandwidth_bytes_per_second,
        "extract_bytes_per_second": estimate.extract_bytes_per_second,
        "seconds": round(estimate.seconds, 3),
        "layers": [
            {
                "compressed_bytes": layer.compressed_bytes,
                "unpacked_bytes": layer.unpacked_bytes,
                "is_here": layer.is_here,
                **_times_document(times),
            }
            for layer, times in zip(estimate.layers, estimate.times, strict=True)
        ],
    }


def _timed_document(timed: "TimedPull") -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "image": encodable(timed.image),
        "image_id": timed.image_id,
        "sizes": "timed",
        "seconds": round(timed.seconds, 3),
        "bandwidth_bytes_per_second": timed.bytes_per_second,
        "layers": [
            {"id": encodable(layer), "compressed_bytes": size, **_times_document(times)}
            for layer, size, times in timed.layers
        ],
    }


def _times_document(times: "LayerTimes") -> dict[str, object]:
    return {
        "download": _rounded(times.download_began, times.download_ended),
        "extract": _rounded(times.extract_began, times.extract_ended),
    }


def _rounded(*moments: float | None) -> list[float | None]:
    return [None if moment is None else round(moment, 3) for moment in moments]


def lines(estimate: "PullEstimate") -> Iterator[str]:
    """The same for people."""
    exact = estimate.source == "registry"
    about = "by the registry" if exact else f"estimated from samples, ±{estimate.error_percent:.0f}%"
    unpacked = sum(layer.unpacked_bytes for layer in estimate.layers)
    yield f"{estimate.image}  {counted(len(estimate.layers), 'layer')}"
    yield f"packed     {quantity(estimate.compressed_bytes, 'B')} of {quantity(unpacked, 'B')}, {about}"
    if estimate.pulled_bytes != estimate.compressed_bytes:
        yield f"to pull    {quantity(estimate.pulled_bytes, 'B')}: the other layers are there already"
    yield (
        f"pull       {estimate.seconds:.3g} s at {quantity(8 * estimate.bandwidth_bytes_per_second, 'bit/s')}"
        f" and {quantity(estimate.extract_bytes_per_second, 'B/s')} unpacked: a model, not a measurement"
    )
    yield ""
    sizes = [quantity(layer.compressed_bytes, "B") for layer in estimate.layers]
    yield from _chart(tuple(zip(sizes, estimate.times, strict=True)), estimate.seconds)


def _timed_lines(timed: "TimedPull") -> Iterator[str]:
    speed = quantity(None if timed.bytes_per_second is None else 8 * timed.bytes_per_second, "bit/s")
    count = counted(len(timed.layers), "layer")
    yield f"{timed.image}  {count} pulled in {timed.seconds:.3g} s, {speed} while downloading"
    yield ""
    yield from _chart([(quantity(size, "B"), times) for _, size, times in timed.layers], timed.seconds)


def _chart(rows: "Sequence[tuple[str, LayerTimes]]", seconds: float) -> Iterator[str]:
    for size, times in rows:
        if times.download_began is None:
            yield f"{size:>10}  {'is there already'}"
            continue
        cells = [" "] * _WIDTH
        for mark, begin, end in (
            ("░", times.download_ended, times.extract_began),
            ("▒", times.download_began, times.download_ended),
            ("█", times.extract_began, times.extract_ended),
        ):
            if begin is not None and end is not None and seconds > 0:
                first = min(_WIDTH - 1, int(begin / seconds * _WIDTH))
                last = max(first + (mark != "░"), round(end / seconds * _WIDTH))
                cells[first:last] = [mark] * (min(last, _WIDTH) - first)
        yield f"{size:>10}  {''.join(cells)[:_WIDTH]}"
    yield f"{'':>10}  ▒ download  ░ wait  █ unpack"
