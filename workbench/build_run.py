"""A finished build as a run in the store, with its steps and what they wrote; and back."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from workbench.build_records import artifact_of as record_artifact
from workbench.errors import RunUnknown, StoreError, WorkbenchError
from workbench.measure.build_graph import graph_of
from workbench.measure.secrets import mask_text, mask_value
from workbench.measure.text import encodable
from workbench.model.build import Build, Builder, EarlierBuilds
from workbench.model.build_analysis import BuildAnalysis, BuildRecord
from workbench.model.opened_build import OpenedBuild
from workbench.model.runs import (
    ELSEWHERE,
    Conditions,
    Environment,
    Metric,
    NewArtifact,
    NewRun,
    Pairs,
    RunDetail,
    Sample,
    Target,
)
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.building import BuildOutcome
    from workbench.builds.recipe import Recipe

KIND = "build"
ARTIFACT = "build_steps"
MEDIA_TYPE = "application/json"
IMPORTED = "imported"
"""The label of a build that was made elsewhere, and took what it takes there."""
MOST_EARLIER = 20
"""Runs that are looked at to say how long a build usually takes."""
_MOST_BYTES = 128 << 20
_SCHEMA = 1


class _Kept(msgspec.Struct):
    """What the artifact holds."""

    schema: int
    build: Build
    analysis: BuildAnalysis | None = None
    """Without what is only there to predict later builds."""


def artifact_of(build: Build, analysis: BuildAnalysis | None = None) -> NewArtifact:
    """The file that keeps a build's steps and what they wrote, and what is to be said of its Dockerfile."""
    told = None if analysis is None else as_told(analysis)
    return NewArtifact(ARTIFACT, MEDIA_TYPE, msgspec.json.encode(_Kept(_SCHEMA, build, told)))


def as_run(
    outcome: "BuildOutcome", name: str, environment: Environment, analysis: BuildAnalysis | None = None
) -> NewRun:
    """The builds as they are stored, secrets masked.

    Args:
        outcome: What came of it.
        name: What the user calls the context.
        environment: Where they were made.
        analysis: What `examine` says of it, so that later builds can be predicted.
    """
    from workbench.sources.git import commit_of

    commit, dirty = (None, None) if outcome.is_imported else commit_of(outcome.recipe.context)
    first, last = outcome.builds[0], outcome.builds[-1]
    complete = [build for build in outcome.builds if not build.error and not build.was_stopped]
    return NewRun(
        target=Target("dockerfile", mask_text(name)),
        environment=environment,
        kind=KIND,
        started_at=first.began_at,
        ended_at=last.began_at + last.wall_seconds,
        label=outcome.mode,
        status="failed" if last.error else "interrupted" if last.was_stopped else "complete",
        metrics=tuple(_metrics(outcome, complete)),
        conditions=Conditions(
            git_commit=commit,
            git_dirty=dirty,
            configuration=configuration_of(outcome.recipe, first.builder, outcome.touched),
            load_1_minute=None if outcome.is_imported else os.getloadavg()[0],
        ),
        note=last.error,
        artifacts=(
            artifact_of(last, analysis),
            # What it would take in now says nothing of what one that was made elsewhere took in
            *((record_artifact(analysis.record),) if analysis is not None and not outcome.is_imported else ()),
        ),
    )


def configuration_of(recipe: "Recipe", builder: Builder, touched: str) -> Pairs:
    """How something is built, as it is kept: equal for builds that are repeats of each other."""
    dockerfile = recipe.dockerfile
    with suppress(ValueError):
        dockerfile = dockerfile.absolute().relative_to(recipe.context.absolute())
    return (
        ("builder", builder),
        ("dockerfile", "" if str(dockerfile) == "Dockerfile" else mask_text(str(dockerfile))),
        ("target", recipe.target),
        ("touched", touched),
        *((f"arg {key}", mask_value(key, value)) for key, value in recipe.arguments),
    )


def _metrics(outcome: "BuildOutcome", complete: Sequence[Build]) -> list[Metric]:
    if not complete:
        return []
    graphs = [graph for build, graph in zip(outcome.builds, outcome.graphs, strict=True) if build in complete]
    walls = [build.wall_seconds for build in complete]
    paths = [graph.critical_path_seconds for graph in graphs]
    last = graphs[-1]
    context = complete[-1].context_bytes
    return [
        Metric(f"build_{outcome.mode}", "s", median(walls), -1, samples=tuple(Sample(wall) for wall in walls)),
        Metric("critical_path", "s", median(paths), -1, samples=tuple(Sample(path) for path in paths)),
        Metric("work", "s", last.work_seconds, -1),
        Metric("cache_hits", "", float(last.cache_hits), 1),
        Metric("steps", "", float(last.cache_total)),
        Metric("context", "B", None if context is None else float(context), -1),
    ]


def as_told(analysis: BuildAnalysis) -> BuildAnalysis:
    """What is told to people: secrets masked, and without the digests of every file."""
    plan = replace(analysis.plan, steps=())
    short = replace(analysis, plan=plan, record=BuildRecord(plan, ()))
    return msgspec.convert(_masked(msgspec.to_builtins(short)), BuildAnalysis)


def _masked(value: object) -> object:
    """The same without secrets, and with nothing in it that UTF-8 cannot hold."""
    if isinstance(value, str):
        return encodable(mask_text(value))
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list | tuple) else value


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
        kept = _read(store, run)
        if kept is None:
            raise WorkbenchError(f"run {run_id} has figures, but the steps of its build were not kept")
        earlier = EarlierBuilds(0, None, {})
        if run.environment.host_id != ELSEWHERE:  # what steps take here says nothing of there
            configuration = dict(run.conditions.configuration)
            alike = _alike(store, run.summary.target.name, configuration, before=run_id)
            earlier = _earlier(store, alike, run.summary.label)
    counts = [len(metric.samples) for metric in run.metrics if metric.name == f"build_{run.summary.label}"]
    count = max(counts, default=1)
    name, build = run.summary.target.name, kept.build
    return OpenedBuild(
        name, build, graph_of(build), run.summary.label, count, run_id, earlier=earlier, analysis=kept.analysis
    )


def kept_build(store: Store, run: RunDetail) -> Build | None:
    """The last build of a run, from a store that is open; `None` when its steps were not kept.

    Raises:
        WorkbenchError: when they cannot be read.
    """
    kept = _read(store, run)
    return None if kept is None else kept.build


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


def _alike(store: Store, name: str, configuration: Mapping[str, str], before: int | None = None) -> list[RunDetail]:
    """The complete builds of the same, newest first, whatever was in the cache; only those before a run."""
    wanted = _compared(configuration)
    listed = [
        each.id
        for each in store.runs(MOST_EARLIER, KIND, name, before)
        if each.status == "complete" and each.environment != Environment(ELSEWHERE).fingerprint
    ]
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
    builds = [kept.build for run in runs if (kept := _read(store, run)) is not None]
    seconds: dict[tuple[str, str], list[float]] = {}
    for build in builds:
        for step in build.steps:
            if not step.cached and step.ended is not None:
                seconds.setdefault(step.name, []).append(step.seconds)
    usual = {name: median(times) for name, times in seconds.items()}
    last = builds[0].steps if builds else ()
    return EarlierBuilds(len(runs), median(walls) if walls else None, usual, last, len(walls))


def _read(store: Store, run: RunDetail) -> _Kept | None:
    """The build that a run kept; `None` when it kept none, or one that cannot be read."""
    for artifact in run.artifacts:
        if artifact.kind == ARTIFACT and artifact.size_bytes <= _MOST_BYTES:
            try:
                kept = msgspec.json.decode(store.artifact(artifact).read_bytes(), type=_Kept)
            except OSError as error:
                raise StoreError(f"a file of run {run.summary.id} cannot be read: {error.strerror}") from error
            except msgspec.DecodeError:
                return None
            return kept if kept.schema == _SCHEMA else None
    return None
