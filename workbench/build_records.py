"""What is stored of builds beside their figures: the inputs of each step, and what it took."""

from contextlib import suppress
from dataclasses import replace

from workbench.errors import StoreError
from workbench.measure.text import all_encodable
from workbench.model.build_analysis import BuildRecord
from workbench.model.runs import NewArtifact
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
    """The stored builds of one context, Dockerfile and target, the newest first; none when the store cannot be used."""
    import msgspec

    found: list[BuildRecord] = []
    if not store_file().is_file():
        return ()
    with suppress(StoreError), Store.open(store_file()) as store:
        for summary in store.runs(_MOST_RUNS, kind="build"):
            for artifact in store.run(summary.id).artifacts if summary.artifacts else ():
                if artifact.kind != KIND or artifact.size_bytes > _LARGEST:
                    continue
                try:
                    record = msgspec.json.decode(store.artifact(artifact).read_bytes(), type=BuildRecord)
                except (OSError, StoreError, msgspec.MsgspecError):
                    continue  # another workbench's, or damaged
                if record.place == place and len(found) < _MOST_RECORDS:
                    found.append(replace(record, run=summary.id))
    return tuple(found)
