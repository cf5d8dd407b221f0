"""A comparison as a run in the store, and back."""

import time

import msgspec

from workbench.errors import RunUnknown, StoreError, WorkbenchError
from workbench.measure.text import all_encodable
from workbench.model.comparison import Comparison
from workbench.model.runs import Conditions, Metric, NewArtifact, NewRun, Target, TargetKind
from workbench.places import store_file
from workbench.sources.git import commit_here
from workbench.sources.machine import environment_of
from workbench.store import Store

KIND = "comparison"
ARTIFACT = "comparison_rows"
_MOST_BYTES = 64 << 20


def keep_comparison(compared: Comparison) -> int:
    """Store a comparison, all of it beside what was measured after, and return the run's number.

    It is of the moment in which it was judged: what was measured for it is older.

    Raises:
        StoreError: when the store cannot be used.
    """
    now = time.time()
    commit, dirty = commit_here()
    metrics = {
        row.metric: Metric(row.metric, row.unit, row.after, row.better, quality=row.verdict) for row in compared.rows
    }
    whole = msgspec.json.encode(all_encodable(msgspec.to_builtins(compared)))
    run = NewRun(
        target=Target(_target(compared), compared.after.name),
        environment=environment_of(None),
        kind=KIND,
        started_at=now,
        ended_at=now,
        label=f"with {compared.before.name}",
        metrics=tuple(metrics.values()),
        artifacts=(NewArtifact(ARTIFACT, "application/json", whole),),
        conditions=Conditions(git_commit=commit, git_dirty=dirty),
    )
    with Store.open(store_file()) as store:
        return store.record_run(run)


def _target(compared: Comparison) -> TargetKind:
    if compared.kind == "images" or compared.after.image:
        return "image"
    return "dockerfile" if compared.kind == "driven" else "container"


def read_comparison(run_id: int) -> Comparison:
    """The comparison that a run kept.

    Raises:
        RunUnknown: when there is no run of that number.
        WorkbenchError: when it kept none that can be read.
        StoreError: when the store or its file cannot be read.
    """
    if not store_file().exists():
        raise RunUnknown(f"there is no run {run_id}", "there are none yet: workbench compare BEFORE AFTER makes one")
    with Store.open(store_file()) as store:
        for artifact in store.run(run_id).artifacts:
            if artifact.kind != ARTIFACT or artifact.size_bytes > _MOST_BYTES:
                continue
            try:
                return msgspec.json.decode(store.artifact(artifact).read_bytes(), type=Comparison)
            except OSError as error:
                raise StoreError(f"a file of run {run_id} cannot be read: {error.strerror}") from error
            except msgspec.MsgspecError:
                break
    raise WorkbenchError(f"run {run_id} keeps no comparison that can be read")
