"""Runs: one measurement of one target, with its figures, where it was taken, and the files it left."""

import hashlib
import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, TypeAlias

TargetKind: TypeAlias = Literal["image", "container", "dockerfile", "compose", "url"]
RunStatus: TypeAlias = Literal["complete", "failed", "interrupted"]
Better: TypeAlias = Literal[-1, 0, 1]
Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in order."""
ELSEWHERE = "elsewhere"
"""The machine of what was made on an unknown one: two such runs need not have been on the same."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was measured."""

    kind: TargetKind
    name: str
    """As a person names it: `api:1.4`, `http://localhost:8080/items`. Hostile text."""
    specification: Pairs = ()
    """What else it takes to measure it again: build arguments, a request's method, …"""


@dataclass(frozen=True, slots=True)
class Environment:
    """The stable part of where a run was taken. Figures from two environments don't compare. `None` is not known."""

    host_id: str
    """Tells machines apart without naming them."""
    cpu_model: str | None = None
    cpu_cores: int | None = None
    cpu_governor: str | None = None
    memory_bytes: int | None = None
    kernel: str | None = None
    cgroup_version: int | None = None
    engine: str | None = None
    """`docker` or `podman`."""
    engine_version: str | None = None
    storage_driver: str | None = None
    fingerprint: str = field(init=False)
    """SHA-256 over all that is known above: equal for two runs that may be compared, unless both were `ELSEWHERE`."""

    def __post_init__(self) -> None:
        known = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        text = json.dumps({name: value for name, value in known.items() if value is not None}, sort_keys=True)
        object.__setattr__(self, "fingerprint", hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Sample:
    """One raw figure behind a metric."""

    value: float
    """In the metric's unit."""
    offset_seconds: float | None = None
    """From the run's start; `None` when only the order is known."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a run."""

    name: str
    """Unique in its run: `latency_p99`, `image_size`."""
    unit: str
    value: float | None
    """`None` is not measured; `0` is measured zero."""
    better: Better = 0
    """-1: lower is better; 1: higher is better; 0: neither."""
    definition_version: int = 1
    """Counts changes of how the figure is made; figures of two versions are never compared."""
    quality: str = ""
    """What is wrong with it (`noisy`, `drifting`, …); empty when nothing is."""
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class NewArtifact:
    """A file to keep with a run."""

    kind: str
    """`flamegraph`, `build_log`, …"""
    media_type: str
    content: bytes | Path
    """The bytes, or a file to copy."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file kept with a run, found by its content."""

    kind: str
    media_type: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """What may differ between two runs of one target in one environment."""

    image_id: str | None = None
    """`sha256:…` of the image that was measured."""
    git_commit: str | None = None
    git_dirty: bool | None = None
    configuration: Pairs = ()
    """How it was measured: rate, duration, build arguments, …; secrets masked when stored."""
    load_1_minute: float | None = None
    """Of the machine, when the run began."""
    pressure: tuple[tuple[str, float], ...] = ()
    """Percent of time in which something waited: `cpu.some.avg10`, …"""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A run's place among those that belong together: before and after, interleaved."""

    series: str
    """Equal for the runs that belong together."""
    index: int
    """Counts the pairs of the series from 0."""
    side: Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class NewRun:
    """Everything that is recorded of one run."""

    target: Target
    environment: Environment
    kind: str
    """What was done: `latency`, `build`, `profile`, …"""
    started_at: float
    """Unix time in seconds."""
    ended_at: float | None = None
    project: str = "default"
    project_root: str = ""
    label: str = ""
    status: RunStatus = "complete"
    metrics: tuple[Metric, ...] = ()
    artifacts: tuple[NewArtifact, ...] = ()
    conditions: Conditions = Conditions()
    pairing: Pairing | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs."""

    id: int
    """Never given twice, not even after a run is deleted."""
    project: str
    target: Target
    kind: str
    label: str
    status: RunStatus
    started_at: float
    """Unix time in seconds."""
    ended_at: float | None
    pinned: bool
    """Kept when old runs are pruned."""
    note: str
    metrics: int
    artifacts: int
    git_commit: str | None = None
    git_dirty: bool | None = None
    environment: str = ""
    """The fingerprint of where it was taken."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One metric of one target over its runs in one environment, oldest first."""

    name: str
    unit: str
    better: Better
    runs: tuple[int, ...]
    """The number of each run."""
    values: tuple[float, ...]
    """As many."""


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run with everything that was recorded."""

    summary: RunSummary
    environment: Environment
    conditions: Conditions
    pairing: Pairing | None
    metrics: tuple[Metric, ...]
    """By name."""
    artifacts: tuple[Artifact, ...]
    tool_version: str
    """The workbench that recorded it."""
