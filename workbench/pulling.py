"""What pulling an image takes: estimated from what is in it or from its registry, and as it really goes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from workbench.errors import NotFound
from workbench.measure.pull_model import EXTRACT_BYTES_PER_SECOND, GZIP_SHARE, pull_times
from workbench.measure.secrets import mask_text
from workbench.model.pull import PullEstimate, PullLayer, TimedPull
from workbench.model.runs import Conditions, Metric, NewRun, Target
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.settings import Settings
    from workbench.sources.answers import Answer
    from workbench.sources.engine import Engine

Heard = Callable[[str], object]
"""Gets in words how far it is."""


def estimate_pull(
    engine: "Engine",
    settings: "Settings",
    image: str,
    *,
    bandwidth: float,
    extract: float | None,
    asks_registry: bool,
    have: Sequence[str],
    heard: Heard,
    stop: Event,
) -> PullEstimate:
    """How long a pull would take; blocks.

    Args:
        engine: Where the image is, or would be.
        settings: How images may be read.
        image: Name or id.
        bandwidth: Bytes a second.
        extract: Unpacked bytes a second; `None` takes what is usual.
        asks_registry: Whether the registry that the name says is asked for the packed sizes; it need not be here then.
        have: Images whose layers are there already.
        heard: Told in words how far it is; must not block.
        stop: Set to give up.

    Raises:
        NotFound: when there is no such image, here or in the registry.
        Stopped: when it was given up.
        WorkbenchError: when it cannot be read.
    """
    there = {diff_id for name in have for diff_id in _diff_ids(engine, name)[0]}
    error = 0.0
    if asks_registry:
        diff_ids, image_id, layers = _asked(engine, image)
    else:
        from workbench.meters.compressed import estimated_layers

        acquired = _acquired(engine, settings, image, heard, stop)
        try:
            layers, error = estimated_layers(acquired, _samples(heard), stop)
        finally:
            acquired.files.close()
        diff_ids, image_id = tuple(layer.diff_id for layer in acquired.index.layers), acquired.index.detail.id
    if len(diff_ids) == len(layers):
        layers = tuple(
            replace(layer, is_here=diff_id in there) for layer, diff_id in zip(layers, diff_ids, strict=True)
        )
    extract = extract or EXTRACT_BYTES_PER_SECOND
    times, seconds = pull_times(layers, bandwidth, extract)
    source = "registry" if asks_registry else "estimated"
    return PullEstimate(image, image_id, source, error, layers, bandwidth, extract, times, seconds)  # type: ignore[arg-type]


def estimate_acquired(
    acquired: "AcquiredImage", image: str, bandwidth: float, heard: Heard, stop: Event
) -> PullEstimate:
    """The same for an image that is at hand, of which no layer is there where it is pulled; blocks.

    Raises:
        Stopped: when it was given up.
    """
    from workbench.meters.compressed import estimated_layers

    layers, error = estimated_layers(acquired, _samples(heard), stop)
    times, seconds = pull_times(layers, bandwidth, EXTRACT_BYTES_PER_SECOND)
    identity = acquired.index.detail.id
    return PullEstimate(
        image, identity, "estimated", error, layers, bandwidth, EXTRACT_BYTES_PER_SECOND, times, seconds
    )


def _samples(heard: Heard) -> Callable[[int, int], object]:
    return lambda done, of: heard(f"sample {done} of {of} packed")


def time_pull(engine: "Engine", image: str, heard: Heard, stop: Event) -> TimedPull:
    """Pull an image that is not here, time it, and remove it again; blocks.

    Raises:
        UsageError: when it is here.
        Stopped: when it was given up.
        WorkbenchError: when it cannot be pulled.
    """
    from workbench.meters.pull import timed_pull
    from workbench.sources.docker_errors import translated
    from workbench.sources.endpoint import connect

    client = connect(engine.endpoint, timeout=3600)
    try:
        with translated(engine.endpoint.address):
            return timed_pull(client, image, heard, stop)
    finally:
        client.close()


def keep_pull(engine: "Engine", estimate: PullEstimate | None, timed: TimedPull | None) -> int:
    """Keep it among the runs, and return the run's number.

    Raises:
        StoreError: when the store cannot be used.
    """
    import time

    from workbench.sources.git import commit_here
    from workbench.sources.machine import environment_of

    commit, dirty = commit_here()
    with engine.talk() as connection:
        environment = environment_of(connection.info)
    metrics = []
    configuration: list[tuple[str, str]] = []
    if estimate is not None:
        metrics += [
            Metric("pull_estimated", "s", estimate.seconds, -1),
            Metric("compressed_size", "B", float(estimate.compressed_bytes), -1, quality=_about(estimate)),
        ]
        configuration += [
            ("sizes", estimate.source),
            ("bandwidth", f"{estimate.bandwidth_bytes_per_second:.6g} B/s"),
            ("unpacking", f"{estimate.extract_bytes_per_second:.6g} B/s"),
        ]
    if timed is not None:
        metrics += [Metric("pull_time", "s", timed.seconds, -1)]
        metrics += [Metric("pull_bandwidth", "B/s", timed.bytes_per_second)]
    known = timed or estimate
    assert known is not None  # noqa: S101  one of the two is given
    ended = timed.began_at + timed.seconds if timed else time.time()
    run = NewRun(
        target=Target("image", mask_text(known.image)),
        environment=environment,
        kind="pull",
        started_at=timed.began_at if timed else ended,
        ended_at=ended,
        label="timed" if timed else "estimated",
        metrics=tuple(metrics),
        conditions=Conditions(
            known.image_id or None, commit, dirty, tuple(configuration), load_1_minute=os.getloadavg()[0]
        ),
    )
    with Store.open(store_file()) as store:
        return store.record_run(run)


def _about(estimate: PullEstimate) -> str:
    return "" if estimate.source == "registry" else f"estimated, ±{estimate.error_percent:.0f}%"


def _diff_ids(engine: "Engine", name: str) -> tuple[tuple[str, ...], str, tuple[str, str]]:
    """Of an image that the engine has: diff ids, id, and platform."""
    from workbench.sources.answers import part, text, texts

    with engine.talk() as connection:
        untyped: Any = connection.client
        found: Answer = untyped.inspect_image(name)
    return texts(part(found, "RootFS"), "Layers"), text(found, "Id"), (text(found, "Os"), text(found, "Architecture"))


def _asked(engine: "Engine", image: str) -> tuple[tuple[str, ...], str, tuple[PullLayer, ...]]:
    """Diff ids and id where the engine has the image, and the layers as the registry has them."""
    from workbench.meters.registry import layer_sizes, parse_reference

    reference = parse_reference(image)
    try:
        diff_ids, image_id, platform = _diff_ids(engine, image)
    except NotFound:
        with engine.talk() as connection:
            version = connection.client.version()
        diff_ids, image_id, platform = (), "", (str(version.get("Os", "linux")), str(version.get("Arch", "amd64")))
    sizes = layer_sizes(reference, platform)
    # Unpacked sizes are not in a manifest, and what the engine tells of its own layers has no ids to match by
    return diff_ids, image_id, tuple(PullLayer(size, round(size / GZIP_SHARE)) for size in sizes)


def _acquired(engine: "Engine", settings: "Settings", image: str, heard: Heard, stop: Event) -> "AcquiredImage":
    from workbench.sources.acquire import acquire

    def tell(progress: "AcquireProgress") -> None:
        heard(progress.message or f"{progress.layers_done} of {progress.layers_total} layers read")

    return acquire(engine, image, progress=tell, stop=stop, settings=settings)
