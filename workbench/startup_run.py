"""Start-ups as a run in the store, one sample for each start."""

import os
import re
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from workbench.measure.secrets import mask_text
from workbench.model.runs import Conditions, Metric, NewRun, Sample, Target
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.model.containers import EngineInfo
    from workbench.model.startup import StartupResult


def keep_startup(result: "StartupResult", engine: "EngineInfo | None") -> int:
    """Store it and return the run's number.

    Raises:
        StoreError: when the store cannot be used.
    """
    with Store.open(store_file()) as store:
        return store.record_run(as_run(result, engine))


def as_run(result: "StartupResult", engine: "EngineInfo | None") -> NewRun:
    """The run as it is stored, secrets masked."""
    from workbench.sources.git import commit_here
    from workbench.sources.machine import environment_of

    names = [mask_text(condition.name) for condition in result.conditions]
    commit, dirty = commit_here()
    return NewRun(
        target=Target("container" if result.is_container else "image", result.target),
        environment=environment_of(engine),
        kind="startup",
        started_at=result.began_at,
        ended_at=result.began_at + result.seconds,
        label=names[0],
        status="interrupted" if result.was_stopped else "complete",
        metrics=tuple(metrics_of(result)),
        conditions=Conditions(
            image_id=result.image_id or None,
            git_commit=commit,
            git_dirty=dirty,
            configuration=(("ready", ", ".join(names)), ("starts", str(len(result.starts)))),
            load_1_minute=os.getloadavg()[0],
        ),
        note="; ".join(result.notes),
    )


def metrics_of(result: "StartupResult") -> list[Metric]:
    """Medians in milliseconds, with every start as a sample; ready is by the first condition."""
    starts = result.starts
    found = [
        _metric("time_to_created", [start.created_seconds for start in starts]),
        _metric("time_to_started", [start.started_seconds for start in starts]),
        _metric("time_to_ready", [start.ready_seconds[0] for start in starts]),
    ]
    names = {metric.name for metric in found}
    for number, condition in enumerate(result.conditions[1:], 1):
        name = f"time_to_{re.sub(r'[^a-z0-9]+', '_', mask_text(condition.name).lower()).strip('_')[:60]}"
        if name not in names:  # two may read alike
            names.add(name)
            found.append(_metric(name, [start.ready_seconds[number] for start in starts]))
    return found


def _metric(name: str, seconds: Sequence[float | None]) -> Metric:
    known = [1000 * value for value in seconds if value is not None]
    return Metric(name, "ms", median(known) if known else None, -1, samples=tuple(Sample(value) for value in known))
