"""A finished build as a run in the store, with its steps and what they wrote; and back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from workbench.errors import RunUnknown, StoreError, WorkbenchError
from workbench.measure.build_graph import graph_of
from workbench.measure.secrets import mask_text
from workbench.model.build import Build, EarlierBuilds, OpenedBuild
from workbench.model.runs import NewArtifact, RunDetail
from workbench.places import store_file
from workbench.store import Store

KIND = "build"
ARTIFACT = "build_steps"
MEDIA_TYPE = "application/json"
MOST_EARLIER = 20
"""Runs that are looked at to say how long a build usually takes."""
_MOST_BYTES = 128 << 20
_SCHEMA = 1


class _Kept(msgspec.Struct):
    """What the artifact holds."""

    schema: int
    build: Build


def artifact_of(build: Build) -> NewArtifact:
    """The file that keeps a build's steps and what they wrote."""
    return NewArtifact(ARTIFACT, MEDIA_TYPE, msgspec.json.encode(_Kept(_SCHEMA, build)))


def called(folder: Path) -> str:
    """What a context is called among the runs, wherever the workbench is started: `~/src/api`."""
    whole = folder.absolute()
    try:
        return f"~/{whole.resolve().relative_to(Path.home().resolve())}".removesuffix("/.")
    except (ValueError, RuntimeError, OSError):
        return str(whole)


def read_build(run_id: int) -> OpenedBuild:
    """The last build of a run.

    Raises:
        RunUnknown: when there is no run of that number.
        WorkbenchError: when it is none of a build, or its steps were not kept.
        StoreError: when the store or its file cannot be read.
    """
    if not store_file().exists():
        raise RunUnknown(f"there is no run {run_id}", "there are none yet: workbench build DIR makes one")
    with Store.open(store_file()) as store:
        run = store.run(run_id)
        if run.summary.kind != KIND:
            raise WorkbenchError(f"run {run_id} is no build: it is a {run.summary.kind}")
        build = _read(store, run)
        if build is None:
            raise WorkbenchError(f"run {run_id} has figures, but the steps of its build were not kept")
        configuration = dict(run.conditions.configuration)
        alike = _alike(store, run.summary.target.name, configuration)
        earlier = _earlier(store, [each for each in alike if each.summary.id < run_id], run.summary.label)
    counts = [len(metric.samples) for metric in run.metrics if metric.name == f"build_{run.summary.label}"]
    count = max(counts, default=1)
    return OpenedBuild(
        run.summary.target.name, build, graph_of(build), run.summary.label, count, run_id, earlier=earlier
    )


def earlier_builds(name: str, label: str, configuration: Mapping[str, str]) -> EarlierBuilds:
    """What complete builds of the same target, configuration and mode took.

    Args:
        name: As `called` gives it.
        label: `cold`, `warm` or `touched`.
        configuration: As it is stored; which file was touched is not compared.

    Raises:
        StoreError: when the store cannot be read.
    """
    if not store_file().exists():
        return EarlierBuilds(0, None, {})
    with Store.open(store_file()) as store:
        return _earlier(store, _alike(store, mask_text(name), configuration), label)


def _alike(store: Store, name: str, configuration: Mapping[str, str]) -> list[RunDetail]:
    """The complete builds of the same, newest first, whatever was in the cache."""
    wanted = _compared(configuration)
    listed = [each.id for each in store.runs(MOST_EARLIER, KIND, name) if each.status == "complete"]
    return [run for run in map(store.run, listed) if _compared(dict(run.conditions.configuration)) == wanted]


def _compared(configuration: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in configuration.items() if value and key != "touched"}


def _earlier(store: Store, runs: Sequence[RunDetail], label: str) -> EarlierBuilds:
    """What these builds, newest first, took step by step; those of one mode as a whole, too."""
    walls = [
        metric.value
        for run in runs
        for metric in run.metrics
        if run.summary.label == label and metric.name == f"build_{label}" and metric.value is not None
    ]
    builds = [build for run in runs if (build := _read(store, run)) is not None]
    seconds: dict[tuple[str, str], list[float]] = {}
    for build in builds:
        for step in build.steps:
            if not step.cached and step.ended is not None:
                seconds.setdefault(step.name, []).append(step.seconds)
    usual = {name: median(times) for name, times in seconds.items()}
    return EarlierBuilds(len(runs), median(walls) if walls else None, usual, builds[0].steps if builds else ())


def _read(store: Store, run: RunDetail) -> Build | None:
    """The build that a run kept; `None` when it kept none, or one that cannot be read."""
    for artifact in run.artifacts:
        if artifact.kind == ARTIFACT and artifact.size_bytes <= _MOST_BYTES:
            try:
                kept = msgspec.json.decode(store.artifact(artifact).read_bytes(), type=_Kept)
            except OSError as error:
                raise StoreError(f"a file of run {run.summary.id} cannot be read: {error.strerror}") from error
            except msgspec.DecodeError:
                return None
            return kept.build if kept.schema == _SCHEMA else None
    return None
