"""A finished profile as a run in the store, with the files that the profiler left; and back."""

from typing import TYPE_CHECKING, cast

from workbench.errors import ProfileError, RunUnknown, StoreError
from workbench.model.probe import How, TargetFacts
from workbench.model.runs import Metric, NewArtifact, NewRun, Target
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.model.containers import EngineInfo
    from workbench.model.runs import Environment, RunDetail, RunSummary
    from workbench.profilers.base import Made, Recorded, Unit, Wish

KIND = "profile"
MOST_BYTES = 256 << 20
"""Of one file: a larger one is not read back."""


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
    run = as_run(recorded, facts, wish, engine)
    with Store.open(store_file()) as store:
        return store.record_run(run)


def as_run(recorded: "Recorded", facts: TargetFacts, wish: "Wish", engine: "EngineInfo") -> NewRun:
    """The run as it is stored."""
    from workbench.model.runs import Conditions
    from workbench.sources.git import commit_here
    from workbench.sources.machine import environment_of

    environment: Environment = environment_of(engine)
    commit, dirty = commit_here()
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
        "unit": recorded.unit,
        "container": facts.id,
    }
    warnings = [("warning", warning) for warning in recorded.warnings]
    return NewRun(
        target=Target("container", facts.name),
        environment=environment,
        kind=KIND,
        started_at=recorded.taken_at,
        ended_at=recorded.taken_at + recorded.duration_seconds,
        label=recorded.profiler,
        status="complete" if recorded.complete else "interrupted",
        metrics=tuple(figures),
        artifacts=tuple(NewArtifact(file.kind, file.media_type, file.content) for file in recorded.files),
        conditions=Conditions(facts.image_id or None, commit, dirty, (*chosen.items(), *warnings)),
    )


def kept_runs(name: str, limit: int = 100) -> "tuple[RunSummary, ...]":
    """The profiles of a container that are kept, newest first.

    Args:
        name: The container's: one of that name that is gone had it too.
        limit: How many at most.

    Raises:
        StoreError: when the store cannot be read.
    """
    if not store_file().exists():
        return ()
    with Store.open(store_file()) as store:
        return store.runs(limit, KIND, name)


def read_kept(run_id: int) -> "tuple[Recorded, TargetFacts]":
    """What a profiler left in a run, and the name and id of its container.

    Raises:
        RunUnknown: when there is no run of that number.
        ProfileError: when it is none of a profile, or one of its files is too large.
        StoreError: when the store or one of its files cannot be read.
    """
    if not store_file().exists():
        raise RunUnknown(f"there is no run {run_id}", "there are none yet: workbench profile CONTAINER makes one")
    with Store.open(store_file()) as store:
        return read_from(store, store.run(run_id))


def read_from(store: Store, run: "RunDetail") -> "tuple[Recorded, TargetFacts]":
    """The same of a run in a store that is open.

    Raises:
        ProfileError: when it is none of a profile, or one of its files is too large.
        StoreError: when one of its files cannot be read.
    """
    run_id = run.summary.id
    if run.summary.kind != KIND:
        raise ProfileError(
            f"run {run_id} is no profile: it is a {run.summary.kind}",
            f"workbench runs show {run_id} tells its figures",
        )
    files = []
    for artifact in run.artifacts:
        if artifact.size_bytes > MOST_BYTES:
            raise ProfileError(f"a file of run {run_id} is larger than {MOST_BYTES >> 20} MiB")
        try:
            files.append((artifact.kind, artifact.media_type, store.artifact(artifact).read_bytes()))
        except OSError as error:
            raise StoreError(f"a file of run {run_id} cannot be read: {error.strerror}") from error
    return _recorded(run, files)


def _recorded(run: "RunDetail", files: "list[tuple[str, str, bytes]]") -> "tuple[Recorded, TargetFacts]":
    from workbench.profilers.base import Made, Recorded

    chosen = dict(run.conditions.configuration)
    figures = {metric.name: metric.value for metric in run.metrics}
    samples = figures.get("samples")
    made = tuple(Made(kind, media, content) for kind, media, content in files)
    was_sampled = samples is not None and all(file.kind != "dump" for file in made)
    recorded = Recorded(
        profiler=chosen.get("profiler", run.summary.label),
        how=cast("How", chosen.get("route", "")),
        unit=cast("Unit", chosen.get("unit", "samples")),
        duration_seconds=figures.get("duration") or 0.0,
        taken_at=run.summary.started_at,
        collapsed=_collapsed(made),
        files=made,
        python=chosen.get("python", ""),
        overhead_percent=figures.get("overhead"),
        samples=None if samples is None else round(samples),
        rate=_number(chosen.get("rate", "")) if was_sampled else None,
        warnings=tuple(text for name, text in run.conditions.configuration if name == "warning"),
        complete=run.summary.status == "complete",
    )
    name = run.summary.target.name
    return recorded, TargetFacts(kind="container", id=chosen.get("container", name), name=name)


def _number(text: str) -> int | None:
    """A rate as it was kept; what was kept otherwise is none."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:7]) < 1_000_000 else None


def _collapsed(files: "tuple[Made, ...]") -> str:
    """The stacks, of the file that has them."""
    from workbench.measure.stack_text import collapsed_stacks

    for file in files:
        if file.kind == "collapsed":
            return file.content.decode("utf-8", "replace")
        if file.kind == "dump":
            return collapsed_stacks(file.content)
    return ""
