"""Writes one run into the tables, inside a transaction that the store holds."""

import sqlite3
import time
from collections.abc import Mapping, Sequence

from workbench.model.runs import Metric, NewArtifact, NewRun
from workbench.store import rows
from workbench.store.artifacts import Staged


def insert_run(connection: sqlite3.Connection, run: NewRun) -> int:
    """Insert a run with its metrics and samples, and what it points to where that is not there; return its id."""
    references = _target(connection, run) | _environment(connection, run)
    run_id = _insert(connection, "run", rows.run_columns(run) | references)
    _insert_metrics(connection, run_id, run.metrics)
    return run_id


def insert_artifact(connection: sqlite3.Connection, run_id: int, artifact: NewArtifact, content: Staged) -> None:
    """Insert what is known of a file that is kept with a run."""
    columns = {
        "run_id": run_id,
        "kind": rows.text(artifact.kind),
        "media_type": rows.text(artifact.media_type),
        "sha256": content.sha256,
        "size": content.size_bytes,
    }
    _insert(connection, "artifact", columns)


def _target(connection: sqlite3.Connection, run: NewRun) -> dict[str, object]:
    key = {
        "project": rows.text(run.project),
        "root": rows.text(run.project_root),
        "now": time.time_ns(),
        "kind": run.target.kind,
        "name": rows.text(run.target.name),
        "specification": rows.pairs_json(run.target.specification),
    }
    connection.execute(
        "INSERT INTO project (name, root_path, created_ns) VALUES (:project, :root, :now) ON CONFLICT DO NOTHING", key
    )
    connection.execute(
        """
        INSERT INTO target (project_id, kind, name, spec_json)
        SELECT id, :kind, :name, :specification FROM project WHERE name = :project
        ON CONFLICT (project_id, kind, name) DO UPDATE SET spec_json = excluded.spec_json
        WHERE excluded.spec_json <> '[]'
        """,
        key,
    )
    found = connection.execute(
        """
        SELECT target.id AS target_id FROM target JOIN project ON project.id = target.project_id
        WHERE project.name = :project AND target.kind = :kind AND target.name = :name
        """,
        key,
    )
    return dict(found.fetchone())


def _environment(connection: sqlite3.Connection, run: NewRun) -> dict[str, object]:
    key = {"fingerprint": run.environment.fingerprint, "json": rows.environment_json(run.environment)}
    connection.execute(
        "INSERT INTO environment (fingerprint, json) VALUES (:fingerprint, :json) ON CONFLICT DO NOTHING", key
    )
    found = connection.execute("SELECT id AS environment_id FROM environment WHERE fingerprint = :fingerprint", key)
    return dict(found.fetchone())


def _insert_metrics(connection: sqlite3.Connection, run_id: int, metrics: Sequence[Metric]) -> None:
    for metric in metrics:
        columns = {
            "run_id": run_id,
            "name": rows.text(metric.name),
            "unit": rows.text(metric.unit),
            "better": metric.better,
            "def_version": metric.definition_version,
            "value": metric.value,
            "n": len(metric.samples),
            "quality": rows.text(metric.quality),
        }
        metric_id = _insert(connection, "metric", columns)
        connection.executemany(
            "INSERT INTO sample (metric_id, seq, value, t_offset_ns) VALUES (?, ?, ?, ?)",
            (
                (metric_id, seq, s.value, None if s.offset_seconds is None else rows.nanoseconds(s.offset_seconds))
                for seq, s in enumerate(metric.samples)
            ),
        )


def _insert(connection: sqlite3.Connection, table: str, columns: Mapping[str, object]) -> int:
    names, places = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  the names are written in this room
    cursor = connection.execute(statement, columns)
    assert cursor.lastrowid is not None  # noqa: S101  said to mypy: an INSERT always sets it
    return cursor.lastrowid
