"""A finished recording as a run in the store, with a copy of its file."""

from pathlib import Path

from workbench.model.containers import EngineInfo
from workbench.model.runs import Conditions, Metric, NewArtifact, NewRun, RunStatus, Target
from workbench.places import store_file
from workbench.sources.git import commit_here
from workbench.sources.machine import environment_of
from workbench.store import Store


def keep_recording(
    path: Path, engine: EngineInfo, started_at: float, seconds: float, readings: int, status: RunStatus
) -> int:
    """Store it and return the run's number.

    Args:
        path: The recording; it is copied.
        engine: Whose containers were recorded.
        started_at: Unix time in seconds.
        seconds: How long it took.
        readings: How many were written.
        status: How it ended.

    Raises:
        StoreError: when the store cannot be used.
    """
    commit, dirty = commit_here()
    packed = path.suffix == ".gz"
    run = NewRun(
        target=Target("url", engine.endpoint),
        environment=environment_of(engine),
        kind="recording",
        started_at=started_at,
        ended_at=started_at + seconds,
        label=path.name,
        status=status,
        metrics=(Metric("duration", "s", seconds), Metric("readings", "", float(readings))),
        artifacts=(NewArtifact("recording", "application/gzip" if packed else "application/x-ndjson", path),),
        conditions=Conditions(git_commit=commit, git_dirty=dirty),
    )
    with Store.open(store_file()) as store:
        return store.record_run(run)
