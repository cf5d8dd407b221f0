"""A finished profile as a run in the store, with the files that the profiler left."""

from typing import TYPE_CHECKING

from workbench.model.runs import Metric, NewArtifact, NewRun, Target
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.model.containers import EngineInfo
    from workbench.model.probe import TargetFacts
    from workbench.model.runs import Environment
    from workbench.profilers.base import Recorded, Wish


def keep_profile(recorded: "Recorded", facts: "TargetFacts", wish: "Wish", engine: "EngineInfo") -> int:
    """Store the profile of a container and return the run's number.

    Args:
        recorded: What came of it.
        facts: The container.
        wish: How it was recorded.
        engine: Where it runs.

    Raises:
        StoreError: when the store cannot be used.
    """
    from workbench.model.runs import Conditions
    from workbench.sources.machine import environment_of

    environment: Environment = environment_of(engine)
    figures = [Metric("duration", "s", recorded.duration_seconds)]
    if recorded.samples is not None:
        figures.append(Metric("samples", "", float(recorded.samples)))
    if recorded.overhead_percent is not None:
        figures.append(Metric("overhead", "%", recorded.overhead_percent, better=-1))
    chosen = {
        "profiler": recorded.profiler,
        "route": recorded.how,
        "python": recorded.python,
        "rate": str(wish.rate),
        "view": "wall" if wish.idle else "cpu",
        "native": str(wish.native).lower(),
    }
    run = NewRun(
        target=Target("container", facts.name),
        environment=environment,
        kind="profile",
        started_at=recorded.taken_at,
        ended_at=recorded.taken_at + recorded.duration_seconds,
        label=recorded.profiler,
        status="complete" if recorded.complete else "interrupted",
        metrics=tuple(figures),
        artifacts=tuple(NewArtifact(file.kind, file.media_type, file.content) for file in recorded.files),
        conditions=Conditions(image_id=facts.image_id or None, configuration=tuple(chosen.items())),
        note="; ".join(recorded.warnings),
    )
    with Store.open(store_file()) as store:
        return store.record_run(run)
