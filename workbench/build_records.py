"""What is stored of builds beside their figures: the inputs of each step, and what it took."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from workbench.errors import StoreError
from workbench.measure.text import all_encodable
from workbench.model.build import Builder
from workbench.model.build_analysis import BuildRecord, RecordedStep
from workbench.model.build_prediction import BuildPlan
from workbench.model.runs import Artifact, NewArtifact
from workbench.places import store_file
from workbench.store import Store

KIND = "build_record"
_LARGEST = 64 << 20
_MOST_RUNS = 200
"""Runs that are looked through."""
_MOST_RECORDS = 20
"""Builds of the same that are taken."""


def artifact_of(record: BuildRecord) -> NewArtifact:
    """A record as it is stored with a run."""
    import msgspec

    return NewArtifact(KIND, "application/json", msgspec.json.encode(all_encodable(msgspec.to_builtins(record))))


def records_of(place: str) -> tuple[BuildRecord, ...]:
    """The stored builds of one context, Dockerfile and target, the newest first; none when the store cannot be used.

    The steps of a plan name every file of the context: only the newest whole record has them.
    """
    if not store_file().is_file():
        return ()
    found: list[BuildRecord] = []
    with suppress(StoreError), Store.open(store_file()) as store:
        found.extend(islice(_records(store, place), _MOST_RECORDS))
    return tuple(found)


def _records(store: Store, place: str) -> Iterator[BuildRecord]:
    has_plan = False
    for summary in store.runs(_MOST_RUNS, kind="build"):
        for artifact in store.run(summary.id).artifacts if summary.artifacts else ():
            if artifact.kind != KIND or artifact.size_bytes > _LARGEST:
                continue
            record = _read(store, artifact, place, with_plan=not has_plan)
            if record is not None:
                has_plan = has_plan or record.is_whole
                yield replace(record, run=summary.id)


@dataclass(frozen=True, slots=True)
class _PlanOutline:
    """A plan without its steps."""

    builder: Builder


@dataclass(frozen=True, slots=True)
class _Outline:
    """A record with no more of its plan than is quick to decode."""

    plan: _PlanOutline
    steps: tuple[RecordedStep, ...]
    is_whole: bool = True
    place: str = ""


def _read(store: Store, artifact: Artifact, place: str, *, with_plan: bool) -> BuildRecord | None:
    """One record; `None` when it is of another place, another workbench's, or damaged."""
    import msgspec

    try:
        content = store.artifact(artifact).read_bytes()
        known = msgspec.json.decode(content, type=_Outline)
        if known.place != place:
            return None
        if with_plan and known.is_whole:
            return msgspec.json.decode(content, type=BuildRecord)
    except (OSError, StoreError, msgspec.MsgspecError):
        return None
    return BuildRecord(BuildPlan(known.plan.builder, ()), known.steps, None, known.is_whole, known.place)
