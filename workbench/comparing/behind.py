"""Reads what the runs of a comparison keep beside their figures: histograms of load tests, steps of builds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Annotated, TypeVar

import msgspec

from workbench.bench_run import HISTOGRAMS
from workbench.build_run import kept_build
from workbench.comparing.driven.series import KNEE
from workbench.errors import RunUnknown, StoreError, WorkbenchError
from workbench.measure.compare.steps import beside_each_other, step_times, usual_steps
from workbench.measure.histogram import Histogram
from workbench.model.behind import BuildsBehind, LatencySide, StepTimes
from workbench.model.comparison import Comparison, Side
from workbench.model.runs import RunDetail
from workbench.places import store_file
from workbench.store import Store

MOST_BYTES = 64 << 20
"""Of one file that is read."""
_MOST_STEPS = 300

T = TypeVar("T")
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 60)]


class _Histograms(msgspec.Struct):
    """As much of `bench_run`'s document as is drawn."""

    latency: list[tuple[_Count, _Count]]


def latency_behind(comparison: Comparison, metric: str) -> tuple[LatencySide, LatencySide]:
    """The histograms of both sides, those of several load tests added up.

    Args:
        comparison: Whose runs keep them.
        metric: Whose row it is: a side may have been asked at its knee, too.

    Raises:
        WorkbenchError: when a side keeps none, or it cannot be read.
        StoreError: when the store cannot be read.
    """

    def one(side: Side) -> LatencySide:
        whole, runs = Histogram(), 0
        for content in _of_runs(comparison, side, _histograms, metric):
            try:
                whole.add(Histogram(_decoded(content)))
            except ValueError as error:
                raise WorkbenchError(f"a histogram of {side.name} cannot be read: {error}") from None
            runs += 1
        if not whole.count:
            raise WorkbenchError(
                f"no run of {side.name} keeps a histogram of its latency", "workbench bench keeps one with each run"
            )
        return LatencySide(side.name, runs, whole.count, tuple(whole.pairs()))

    return one(comparison.before), one(comparison.after)


def builds_behind(comparison: Comparison, metric: str) -> BuildsBehind:
    """The steps of both sides beside each other; of several builds their medians.

    Args:
        comparison: Whose runs keep them.
        metric: Whose row it is: a side may have been built without the cache and after a change, too.

    Raises:
        WorkbenchError: when a side keeps none that can be read.
        StoreError: when the store cannot be read.
    """
    sides = comparison.before, comparison.after
    builds = [[times for times in _of_runs(comparison, side, _times, metric) if times] for side in sides]
    for side, found in zip(sides, builds, strict=True):
        if not found:
            raise WorkbenchError(f"no build of {side.name} keeps its steps", "build it again: workbench build DIR")
    old, new = (usual_steps(found) for found in builds)
    counts = len(builds[0]), len(builds[1])
    return BuildsBehind((sides[0].name, sides[1].name), counts, beside_each_other(old, new))


def _of_runs(
    comparison: Comparison, side: Side, read: Callable[[Store, RunDetail], Iterable[T]], metric: str
) -> list[T]:
    """What is read of a side's runs behind a row, in their order. Runs that are gone by now are passed over."""
    found: list[T] = []
    if not store_file().exists():
        return found
    with Store.open(store_file()) as store:
        for number in side.runs:
            with suppress(RunUnknown):
                run = store.run(number)
                if any(each.name == metric for each in run.metrics) and not _of_another_row(comparison, run, metric):
                    found += read(store, run)
    return found


def _of_another_row(comparison: Comparison, run: RunDetail, metric: str) -> bool:
    """Whether a run has a figure of that name which is not in its row.

    In a driven comparison one at the knee has a latency, too, beside that of the rate which both sides were asked at.
    """
    return comparison.kind == "driven" and run.summary.label == KNEE and not metric.startswith("throughput")


def _histograms(store: Store, run: RunDetail) -> Iterator[bytes]:
    for artifact in run.artifacts:
        if artifact.kind == HISTOGRAMS and artifact.size_bytes <= MOST_BYTES:
            try:
                yield store.artifact(artifact).read_bytes()
            except OSError as error:
                raise StoreError(f"a file of run {run.summary.id} cannot be read: {error.strerror}") from error


def _times(store: Store, run: RunDetail) -> Iterator[Sequence[StepTimes]]:
    build = kept_build(store, run)
    if build is not None:
        yield step_times(build)[:_MOST_STEPS]


def _decoded(content: bytes) -> list[tuple[int, int]]:
    try:
        return msgspec.json.decode(content, type=_Histograms).latency
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"a file of a run is not what it should be: {error}") from None
