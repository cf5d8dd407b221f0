"""A recording for the verbs that read a session: what it says is what they must tell."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.model.containers import Container, ContainerDetail, EngineInfo, FleetSnapshot
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.sources.recording_format import Header, Line, encode, encode_value

STARTED = "2026-09-21T14:13:20+00:00"
STARTED_AT = 1_790_000_000.0
STEP = 0.05
"""Seconds between two readings of the fleet: a second of it passes in that."""


def record(
    file: Path,
    fleets: Iterable[Iterable[Container]],
    *,
    host: HostSnapshot | None = None,
    gpu: GpuSnapshot | None = None,
    details: Iterable[ContainerDetail] = (),
) -> Path:
    """Write a recording whose readings follow each other fast."""
    memory, cpus = (host.memory_total_bytes, host.cpu_cores) if host else (0, 8)
    engine = EngineInfo("unix:///x", None, "docker", "28", "1.51", "overlay2", "Debian", 2, cpus, memory)
    lines: list[Any] = [Header(1, "0", STARTED, "shop", 0.2)]
    if host is not None:
        lines.append(Line(0.0, "host", value=encode_value(host)))
    if gpu is not None:
        lines.append(Line(0.0, "gpu", value=encode_value(gpu)))
    lines += [Line(0.0, container=detail.id, value=encode_value(detail)) for detail in details]
    for number, containers in enumerate(fleets):
        fleet = FleetSnapshot(engine, tuple(containers), measured_from="cgroup v2")
        lines.append(Line(STEP * number, "fleet", value=encode_value(fleet)))
    file.write_bytes(gzip.compress(b"".join(map(encode, lines))))
    return file
