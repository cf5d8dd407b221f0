"""Reads what the runs of a comparison keep beside their figures: histograms of load tests, steps of builds."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec

from workbench.bench_run import HISTOGRAMS
from workbench.build_run import ARTIFACT as STEPS
from workbench.errors import RunUnknown, WorkbenchError
from workbench.measure.compare.steps import beside_each_other, usual_steps
from workbench.measure.histogram import Histogram
from workbench.model.behind import BuildsBehind, LatencySide, StepTimes
from workbench.model.comparison import Comparison, Side
from workbench.places import store_file
from workbench.store import Store

MOST_BYTES = 64 << 20
"""Of one file that is read."""
_MOST_STEPS = 300

T = TypeVar("T")
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 60)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e7)]


class _Histograms(msgspec.Struct):
    """As much of `bench_run`'s document as is drawn."""

    latency: list[tuple[_Count, _Count]]


class _Step(msgspec.Struct):
    """As much of a step as is compared."""

    instruction: str
    stage: str = ""
    cached: bool = False
    began: _Seconds | None = None
    ended: _Seconds | None = None


class _Build(msgspec.Struct):
    steps: list[_Step]


class _Kept(msgspec.Struct):
    build: _Build


def latency_behind(comparison: Comparison) -> tuple[LatencySide, LatencySide]:
    """The histograms of both sides, those of several load tests added up.

    Raises:
        WorkbenchError: when a side keeps none, or it cannot be read.
        StoreError: when the store cannot be read.
    """

    def one(side: Side) -> LatencySide:
        whole, runs = Histogram(), 0
        for content in _files(side, HISTOGRAMS):
            try:
                whole.add(Histogram(_decoded(content, _Histograms).latency))
            except ValueError as error:
                raise WorkbenchError(f"a histogram of {side.name} cannot be read: {error}") from None
            runs += 1
        if not whole.count:
            raise WorkbenchError(
                f"no run of {side.name} keeps a histogram of its latency", "workbench bench keeps one with each run"
            )
        return LatencySide(side.name, runs, whole.count, tuple(whole.pairs()))

    return one(comparison.before), one(comparison.after)


def builds_behind(comparison: Comparison) -> BuildsBehind:
    """The steps of both sides beside each other; of several builds their medians.

    Raises:
        WorkbenchError: when a side keeps none, or they cannot be read.
        StoreError: when the store cannot be read.
    """
    sides = comparison.before, comparison.after
    builds = [[_steps(content) for content in _files(side, STEPS)] for side in sides]
    for side, found in zip(sides, builds, strict=True):
        if not any(found):
            raise WorkbenchError(f"no build of {side.name} keeps its steps", "build it again: workbench build DIR")
    old, new = (usual_steps([steps for steps in found if steps]) for found in builds)
    counts = len(builds[0]), len(builds[1])
    return BuildsBehind((sides[0].name, sides[1].name), counts, beside_each_other(old, new))


def _files(side: Side, kind: str) -> list[bytes]:
    """What the runs of a side keep of one kind, oldest first. Runs that are gone by now are passed over."""
    found: list[bytes] = []
    if not store_file().exists():
        return found
    with Store.open(store_file()) as store:
        for number in side.runs:
            try:
                run = store.run(number)
            except RunUnknown:
                continue
            for artifact in run.artifacts:
                if artifact.kind == kind and artifact.size_bytes <= MOST_BYTES:
                    try:
                        found.append(store.artifact(artifact).read_bytes())
                    except OSError as error:
                        raise WorkbenchError(f"a file of run {number} cannot be read: {error.strerror}") from error
    return found


def _steps(content: bytes) -> Sequence[StepTimes]:
    try:
        steps = _decoded(content, _Kept).build.steps
    except WorkbenchError:
        raise WorkbenchError(
            "the steps that a build kept cannot be read", "another version of the workbench wrote them"
        ) from None
    return [StepTimes(step.stage, step.instruction, _took(step), step.cached) for step in steps[:_MOST_STEPS]]


def _took(step: _Step) -> float:
    if step.cached:
        return 0.0
    return max(0.0, step.ended - step.began) if step.began is not None and step.ended is not None else 0.0


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"a file of a run is not what it should be: {error}") from None
