"""Runs in a `.wbrun` file, to carry them to another machine: a zip of `run.json` and the artifacts by their SHA-256.

The file may come from anybody: nothing in it names a path, every size is bounded and every artifact is checked.
"""

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import StoreError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.runs import Artifact, NewArtifact, NewRun, RunDetail
from workbench.store import Store

SUFFIX = ".wbrun"
SCHEMA = 1
MOST_RUNS = 1000
MOST_JSON_BYTES = 64 * 2**20
MOST_ARTIFACT_BYTES = 512 * 2**20
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)
_RUNS = "run.json"
_ARTIFACT = "artifacts/{}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of reading a file."""

    ids: tuple[int, ...]
    """The numbers that its runs got here."""
    known: int
    """Runs of it that were here already."""


@dataclass(frozen=True, slots=True)
class _Runs:
    """The document in `run.json`."""

    schema: int
    runs: tuple[RunDetail, ...]


def export_runs(store: Store, ids: Sequence[int], path: Path) -> int:
    """Write runs with their artifacts into a new file and return its size in bytes.

    Raises:
        RunUnknown: when one is not there.
        StoreError: when an artifact is gone, or the file cannot be made; nothing is left of it then.
    """
    import msgspec  # 26 ms, and only files need it

    runs = tuple(store.run(number) for number in ids)
    try:
        with path.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_RUNS, msgspec.json.encode({"schema": SCHEMA, "runs": runs}))
            for sha256, artifact in {one.sha256: one for run in runs for one in run.artifacts}.items():
                packed.write(store.artifact(artifact), _ARTIFACT.format(sha256))
    except FileExistsError:
        raise StoreError(f"{printable(str(path))} is there already", "choose another name") from None
    except (OSError, StoreError) as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{printable(str(path))} cannot be written: {error.strerror}") from error
    return path.stat().st_size


def import_runs(store: Store, path: Path) -> Imported:
    """Read runs with their artifacts into the store; those that are here already are left out.

    Raises:
        StoreError: when it is no such file, or is damaged; the runs that came before the damage are kept.
    """
    where = printable(str(path))
    try:
        with zipfile.ZipFile(path) as packed:
            runs = _decoded(packed, where)
            unknown = (run for run in runs if not _is_known(store, run))
            ids = tuple(store.record_run(_new(run, packed, where)) for run in unknown)
    except OSError as error:
        raise StoreError(f"{where} cannot be read: {error.strerror or error}", "check its name") from error
    except (*_DAMAGED, KeyError, EOFError, ValueError, ArithmeticError, RuntimeError) as error:
        raise StoreError(f"{where} is no file of runs, or damaged", "workbench runs export makes one") from error
    return Imported(ids, len(runs) - len(ids))


def _decoded(packed: zipfile.ZipFile, where: str) -> tuple[RunDetail, ...]:
    import msgspec

    document = msgspec.json.decode(_content(packed, _RUNS, MOST_JSON_BYTES), type=_Runs)
    if document.schema != SCHEMA:
        raise StoreError(f"{where} was written by a newer workbench", "update this one")
    if len(document.runs) > MOST_RUNS:
        raise StoreError(f"{where} holds more than {MOST_RUNS:,} runs", "export fewer at a time")
    return document.runs


def _content(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One file of it, read no further than it may be long, whatever it says of itself.

    Raises:
        ValueError: when it is longer.
    """
    with packed.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(name)
    return content


def _new(run: RunDetail, packed: zipfile.ZipFile, where: str) -> NewRun:
    left = MOST_ARTIFACT_BYTES
    artifacts = []
    for artifact in run.artifacts:
        content = _checked(packed, artifact, left, where)
        left -= len(content)
        artifacts.append(NewArtifact(artifact.kind, artifact.media_type, content))
    summary = run.summary
    return NewRun(
        target=summary.target,
        environment=run.environment,
        kind=summary.kind,
        started_at=summary.started_at,
        ended_at=summary.ended_at,
        project=summary.project,
        label=summary.label,
        status=summary.status,
        metrics=run.metrics,
        artifacts=tuple(artifacts),
        conditions=run.conditions,
        pairing=run.pairing,
        note=summary.note,
    )


def _checked(packed: zipfile.ZipFile, artifact: Artifact, most: int, where: str) -> bytes:
    if artifact.size_bytes > most:
        raise StoreError(f"{where} holds more than {MOST_ARTIFACT_BYTES >> 20} MiB for one run")
    if artifact.size_bytes < 0:
        raise ValueError(artifact.size_bytes)  # reading would know no end
    content = _content(packed, _ARTIFACT.format(artifact.sha256), artifact.size_bytes)
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise StoreError(f"{where} is damaged: a file in it is not what it says", "have it sent again")
    return content


def _is_known(store: Store, run: RunDetail) -> bool:
    """Whether the very same run is here: of one target, kind, place and moment."""
    summary = run.summary
    with suppress(WorkbenchError):
        return any(
            (other.kind, other.started_at, other.environment)
            == (summary.kind, summary.started_at, run.environment.fingerprint)
            for other in store.runs(MOST_RUNS, kind=summary.kind, target=summary.target.name)
        )
    return False
