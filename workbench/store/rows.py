"""Between the nouns of `workbench.model.runs` and the columns of the store."""

import hashlib
import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from workbench import __version__
from workbench.measure.secrets import mask_text, mask_value
from workbench.measure.text import shorten
from workbench.model.runs import (
    Artifact,
    Conditions,
    Environment,
    Metric,
    NewRun,
    Pairing,
    Pairs,
    RunDetail,
    RunSummary,
    Sample,
    Target,
)

LONGEST_TEXT = 4000
"""Characters of a name, label, note or setting that are kept."""
_NS = 10**9


def text(value: str) -> str:
    """Text as it is kept: no secrets, bounded, and nothing that UTF-8 cannot hold."""
    return mask_text(shorten(value, LONGEST_TEXT)).encode("utf-8", "replace").decode()


def nanoseconds(seconds: float) -> int:
    """Exact to the nanosecond, so that `seconds_of` gives back the very same float."""
    whole = math.floor(seconds)
    return whole * _NS + round((seconds - whole) * _NS)


def seconds_of(ns: int) -> float:
    """The float nearest to a whole number of nanoseconds."""
    return ns / _NS


def pairs_json(pairs: Pairs) -> str:
    """Names and values as kept: in order, the values of secret names masked."""
    kept = [[text(name), mask_value(name, shorten(value, LONGEST_TEXT))] for name, value in pairs]
    return json.dumps(kept)  # ASCII, so no character is refused


def environment_json(environment: Environment) -> str:
    """Everything that is known of an environment."""
    return json.dumps(asdict(environment), sort_keys=True)


def run_columns(run: NewRun) -> dict[str, object]:
    """The columns of one row in `run`, without those that point to other tables."""
    configuration = pairs_json(run.conditions.configuration)
    pairing = run.pairing
    return {
        "kind": text(run.kind),
        "label": text(run.label),
        "series_id": text(pairing.series) if pairing else None,
        "pair_idx": pairing.index if pairing else None,
        "side": pairing.side if pairing else None,
        "status": run.status,
        "started_ns": nanoseconds(run.started_at),
        "ended_ns": None if run.ended_at is None else nanoseconds(run.ended_at),
        "image_id": None if run.conditions.image_id is None else text(run.conditions.image_id),
        "git_commit": None if run.conditions.git_commit is None else text(run.conditions.git_commit),
        "git_dirty": run.conditions.git_dirty,
        "config_hash": hashlib.sha256(configuration.encode()).hexdigest(),
        "config_json": configuration,
        "tool_version": __version__,
        "load1": run.conditions.load_1_minute,
        "psi_json": json.dumps(run.conditions.pressure),
        "note": text(run.note),
    }


def check_metrics(metrics: Iterable[Metric]) -> None:
    """Refuse what SQLite would silently turn into `NULL`.

    Raises:
        ValueError: when two metrics share a name, or a figure is no finite number.
    """
    seen: set[str] = set()
    for metric in metrics:
        if metric.name in seen:
            raise ValueError(f"two metrics of one run are called {metric.name}")
        seen.add(metric.name)
        figures = [sample.value for sample in metric.samples]
        if metric.value is not None:
            figures.append(metric.value)
        if not all(map(math.isfinite, figures)):
            raise ValueError(f"{metric.name} holds a figure that is no finite number")


def summary_of(row: sqlite3.Row) -> RunSummary:
    """One line of the list, from a row of the summary query."""
    return RunSummary(
        id=row["id"],
        project=row["project"],
        target=Target(row["target_kind"], row["target_name"], _pairs(row["spec_json"])),
        kind=row["kind"],
        label=row["label"],
        status=row["status"],
        started_at=seconds_of(row["started_ns"]),
        ended_at=None if row["ended_ns"] is None else seconds_of(row["ended_ns"]),
        pinned=bool(row["pinned"]),
        note=row["note"],
        metrics=row["metrics"],
        artifacts=row["artifacts"],
        git_commit=row["git_commit"],
        git_dirty=None if row["git_dirty"] is None else bool(row["git_dirty"]),
        environment=row["fingerprint"],
    )


def detail_of(row: sqlite3.Row, metrics: Iterable[Metric], artifacts: Iterable[Artifact]) -> RunDetail:
    """A whole run, from a row of the detail query and what other tables hold of it."""
    pairing = None
    if row["series_id"] is not None:
        pairing = Pairing(row["series_id"], row["pair_idx"], row["side"])
    return RunDetail(
        summary=summary_of(row),
        environment=_environment(row["environment_json"]),
        conditions=Conditions(
            image_id=row["image_id"],
            git_commit=row["git_commit"],
            git_dirty=None if row["git_dirty"] is None else bool(row["git_dirty"]),
            configuration=_pairs(row["config_json"]),
            load_1_minute=row["load1"],
            pressure=tuple((name, percent) for name, percent in json.loads(row["psi_json"])),
        ),
        pairing=pairing,
        metrics=tuple(metrics),
        artifacts=tuple(artifacts),
        tool_version=row["tool_version"],
    )


def metric_of(row: sqlite3.Row, samples: Iterable[sqlite3.Row]) -> Metric:
    """A metric with its samples in the order they were taken."""
    return Metric(
        name=row["name"],
        unit=row["unit"],
        value=row["value"],
        better=row["better"],
        definition_version=row["def_version"],
        quality=row["quality"],
        samples=tuple(
            Sample(sample["value"], None if sample["t_offset_ns"] is None else seconds_of(sample["t_offset_ns"]))
            for sample in samples
        ),
    )


def artifact_of(row: sqlite3.Row) -> Artifact:
    """A file kept with a run."""
    return Artifact(row["kind"], row["media_type"], row["sha256"], row["size"])


def _pairs(kept: str) -> Pairs:
    return tuple((name, value) for name, value in json.loads(kept))


def _environment(kept: str) -> Environment:
    known: dict[str, Any] = json.loads(kept)
    return Environment(**{f.name: known[f.name] for f in fields(Environment) if f.init and f.name in known})
