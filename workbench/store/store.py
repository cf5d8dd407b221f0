"""The store of runs: one SQLite file and the artifacts beside it. Any number of workbenches may have it open."""

import logging
import sqlite3
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from workbench.errors import RunUnknown, StoreError
from workbench.model.runs import Artifact, Metric, NewRun, RunDetail, RunSummary, Trend
from workbench.store import rows
from workbench.store.artifacts import Artifacts
from workbench.store.database import in_our_words, transaction
from workbench.store.insert import insert_artifact, insert_run
from workbench.store.migrate import Migration, shipped
from workbench.store.opening import open_database

ORPHAN_SECONDS = 3600.0
"""A file without a run may belong to one that another workbench is just recording, but not for so long."""

_log = logging.getLogger(__name__)

_RUNS = """
    SELECT run.*, project.name AS project,
        target.kind AS target_kind, target.name AS target_name, target.spec_json,
        (SELECT count(*) FROM metric WHERE metric.run_id = run.id) AS metrics,
        (SELECT count(*) FROM artifact WHERE artifact.run_id = run.id) AS artifacts,
        environment.json AS environment_json, environment.fingerprint AS fingerprint
    FROM run
    JOIN target ON target.id = run.target_id
    JOIN project ON project.id = target.project_id
    JOIN environment ON environment.id = run.environment_id
"""
_TREND = """
    SELECT metric.name, metric.unit, metric.better, metric.def_version, metric.value, run.id
    FROM run JOIN metric ON metric.run_id = run.id
    JOIN run AS chosen ON chosen.target_id = run.target_id AND chosen.kind = run.kind
        AND chosen.environment_id = run.environment_id
    WHERE chosen.id = :run AND metric.value IS NOT NULL AND run.status = 'complete'
    ORDER BY run.started_ns, run.id
"""
_NEWEST = f"""
    {_RUNS} WHERE (:kind IS NULL OR run.kind = :kind) AND (:target IS NULL OR target.name = :target)
        AND (:before IS NULL OR run.id < :before)
    ORDER BY run.started_ns DESC, run.id DESC LIMIT :limit
"""


class Store:
    """Runs, written once and read often. Safe from several threads and several processes.

    Every method raises StoreCorrupt when the file turns out to be damaged, and StoreError when it cannot be read or
    written: a full disk, no permission, a lock that is never let go.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._artifacts = Artifacts(path.parent / "artifacts")
        self._lock = Lock()

    @classmethod
    def open(cls, path: Path, migrations: Sequence[Migration] | None = None) -> Self:
        """Open the store, making it when it is not there, and clear away what a crash left beside it.

        Args:
            path: The SQLite file; artifacts lie in `artifacts/` beside it.
            migrations: Steps that lead to the tables this workbench knows; those shipped unless a test says so.

        Raises:
            StoreCorrupt: when the file is damaged or none of ours; it is left as it is.
            StoreNewer: when a newer workbench wrote it; it is left as it is.
            StoreError: when it cannot be read or written.
        """
        store = cls(path, open_database(path, shipped() if migrations is None else migrations))
        store._clear_orphans()
        return store

    def record_run(self, run: NewRun) -> int:
        """Write a run with its metrics and artifacts, all or nothing, secrets masked, and return its id.

        Raises:
            ValueError: when two metrics share a name or a figure is no finite number.
        """
        rows.check_metrics(run.metrics)
        with in_our_words(self._path), ExitStack() as undo:
            staged = []
            for artifact in run.artifacts:
                staged.append(self._artifacts.stage(artifact.content))
                undo.callback(self._artifacts.discard, staged[-1])
            with self._lock, transaction(self._connection):
                run_id = insert_run(self._connection, run)
                for artifact, content in zip(run.artifacts, staged, strict=True):
                    self._artifacts.place(content)
                    insert_artifact(self._connection, run_id, artifact, content)
        return run_id

    def runs(
        self, limit: int = 100, kind: str | None = None, target: str | None = None, before: int | None = None
    ) -> tuple[RunSummary, ...]:
        """The newest runs, newest first.

        Args:
            limit: How many at most.
            kind: Only runs of this kind.
            target: Only runs of the target of this name.
            before: Only runs that were recorded before the one of this id.
        """
        wanted: dict[str, object] = {
            "limit": max(0, limit),
            "kind": None if kind is None else rows.text(kind),
            "target": None if target is None else rows.text(target),
            "before": before,
        }
        with self._lock, in_our_words(self._path):
            return tuple(rows.summary_of(row) for row in self._connection.execute(_NEWEST, wanted))

    def run(self, run_id: int) -> RunDetail:
        """One run with everything that was recorded of it.

        Raises:
            RunUnknown: when there is none of this id.
        """
        with self._lock, in_our_words(self._path):
            self._connection.execute("BEGIN")  # one view of all the tables, whatever others write meanwhile
            try:
                row = self._connection.execute(f"{_RUNS} WHERE run.id = ?", (run_id,)).fetchone()
                if row is None:
                    raise _unknown(run_id)
                return rows.detail_of(row, self._metrics(run_id), self._kept(run_id))
            finally:
                self._connection.execute("COMMIT")

    def side_of(self, series: str, side: str, limit: int) -> tuple[int, ...]:
        """The numbers of the newest runs that were made as one side of a series, oldest first."""
        with self._lock, in_our_words(self._path):
            found = self._connection.execute(
                "SELECT id FROM run WHERE series_id = ? AND side = ? ORDER BY pair_idx DESC, id DESC LIMIT ?",
                (rows.text(series), side, max(0, limit)),
            ).fetchall()
        return tuple(row["id"] for row in reversed(found))

    def series(self, name: str) -> tuple[int, ...]:
        """The numbers of the runs of a series, oldest first."""
        with self._lock, in_our_words(self._path):
            found = self._connection.execute("SELECT id FROM run WHERE series_id = ? ORDER BY id", (rows.text(name),))
            return tuple(row["id"] for row in found)

    def newest_series(self, beginning: str) -> str:
        """The name, with this beginning, of the series that was added to last; empty when there is none."""
        question = "SELECT series_id FROM run WHERE substr(series_id, 1, ?) = ? ORDER BY id DESC LIMIT 1"
        with self._lock, in_our_words(self._path):
            found = self._connection.execute(question, (len(beginning), beginning)).fetchone()
        return str(found["series_id"]) if found else ""

    def trends(self, run_id: int) -> tuple[Trend, ...]:
        """How the metrics of a run went over all complete runs of its target, kind and environment.

        What was measured in another way than it is now is left out. Empty for a run that is not there.
        """
        with self._lock, in_our_words(self._path):
            found = self._connection.execute(_TREND, {"run": run_id}).fetchall()
        by_name: dict[str, list[sqlite3.Row]] = {}
        for row in found:
            by_name.setdefault(row["name"], []).append(row)
        trends = []
        for name, points in sorted(by_name.items()):
            newest = points[-1]
            same = [point for point in points if point["def_version"] == newest["def_version"]]
            values = tuple(point["value"] for point in same)
            ids = tuple(point["id"] for point in same)
            trends.append(Trend(name, newest["unit"], newest["better"], ids, values))
        return tuple(trends)

    def label(self, run_id: int, text: str) -> None:
        """Replace a run's label.

        Raises:
            RunUnknown: when there is none of this id.
        """
        self._update(run_id, "UPDATE run SET label = ? WHERE id = ?", rows.text(text))

    def note(self, run_id: int, text: str) -> None:
        """Replace a run's note.

        Raises:
            RunUnknown: when there is none of this id.
        """
        self._update(run_id, "UPDATE run SET note = ? WHERE id = ?", rows.text(text))

    def pin(self, run_id: int, *, pinned: bool = True) -> None:
        """Keep a run when old ones are pruned, or no longer.

        Raises:
            RunUnknown: when there is none of this id.
        """
        self._update(run_id, "UPDATE run SET pinned = ? WHERE id = ?", pinned)

    def delete(self, run_id: int) -> None:
        """Delete a run, its figures, and those of its artifacts that no other run has.

        Raises:
            RunUnknown: when there is none of this id.
        """
        with self._lock, in_our_words(self._path):
            with transaction(self._connection):
                kept = self._kept(run_id)
                if not self._connection.execute("DELETE FROM run WHERE id = ?", (run_id,)).rowcount:
                    raise _unknown(run_id)
            # Only now: were the files removed first and the deletion undone by a crash, the run would lack them.
            with transaction(self._connection):
                self._remove_unreferenced({artifact.sha256 for artifact in kept})

    def artifact(self, artifact: Artifact) -> Path:
        """The file that holds an artifact's content; to be read, never written.

        Raises:
            StoreError: when the file is gone.
        """
        file = self._artifacts.path(artifact.sha256)
        if not file.is_file():
            raise StoreError(f"the artifact {file} is gone", "the run's figures are still there")
        return file

    def close(self) -> None:
        """Let go of the file. Callable twice."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _metrics(self, run_id: int) -> list[Metric]:
        read = self._connection.execute
        return [
            rows.metric_of(row, read("SELECT * FROM sample WHERE metric_id = ? ORDER BY seq", (row["id"],)))
            for row in read("SELECT * FROM metric WHERE run_id = ? ORDER BY name", (run_id,)).fetchall()
        ]

    def _kept(self, run_id: int) -> list[Artifact]:
        found = self._connection.execute("SELECT * FROM artifact WHERE run_id = ? ORDER BY id", (run_id,))
        return [rows.artifact_of(row) for row in found]

    def _update(self, run_id: int, statement: str, value: object) -> None:
        with self._lock, in_our_words(self._path), transaction(self._connection):
            if not self._connection.execute(statement, (value, run_id)).rowcount:
                raise _unknown(run_id)

    def _remove_unreferenced(self, contents: set[str]) -> None:
        """Inside a transaction: while it lasts nobody else places a file or refers to one."""
        for sha256 in contents:
            if not self._connection.execute("SELECT 1 FROM artifact WHERE sha256 = ?", (sha256,)).fetchone():
                self._artifacts.remove(sha256)

    def _clear_orphans(self) -> None:
        """Remove files that no run has: a workbench died between placing one and committing its run.

        Files older than the store are another one's: somebody moved its SQLite file away without them.
        """
        before = time.time() - ORPHAN_SECONDS
        read = self._connection.execute
        with suppress(StoreError), in_our_words(self._path):  # what cannot be cleared now is no reason not to open
            self._artifacts.remove_interrupted(before)
            created = rows.seconds_of(read("SELECT created_ns FROM store").fetchone()[0])
            old = set(self._artifacts.written_between(created, before))
            orphans = old - {row["sha256"] for row in read("SELECT DISTINCT sha256 FROM artifact")}
            if orphans:
                with transaction(self._connection):
                    self._remove_unreferenced(orphans)
                _log.info("removed %d artifacts that no run has", len(orphans))


def _unknown(run_id: int) -> RunUnknown:
    return RunUnknown(f"there is no run {run_id}", "workbench runs lists those that there are")
