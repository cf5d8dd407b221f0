"""Metrics: what one reading gives is what the history's columns give, and every figure goes there and back."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.figures import CONTAINER_FIGURES, HOST_FIGURES, container_row, host_row, usage_of
from workbench.measure.metrics import HOST_METRICS, METRICS, column_of
from workbench.model.containers import Container, ContainerUsage, MemoryParts, Pressure
from workbench.model.host import Disk, HostSnapshot

SMALL = st.none() | st.integers(0, 1_000_000).map(float)
WHOLE = st.none() | st.integers(0, 1_000_000)


def some(kind: type) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {f.name: WHOLE if "int" in str(f.type) else SMALL for f in fields(kind) if "." not in str(f.type)}
    )


USAGES = st.builds(
    lambda plain, parts, pressure: ContainerUsage(
        **{**plain, "interval_seconds": 1.0},
        memory=MemoryParts(**parts) if any(value is not None for value in parts.values()) else None,
        pressure=Pressure(**pressure) if any(value is not None for value in pressure.values()) else None,
    ),
    some(ContainerUsage),
    some(MemoryParts),
    some(Pressure),
)


def of(usage: ContainerUsage | None, limit: float | None = None) -> Container:
    return Container("a" * 64, "api", "i", "sha256:1", "running", "Up", 0.0, None, limit, usage)


@given(USAGES)
def test_every_figure_of_a_usage_goes_there_and_back(usage: ContainerUsage) -> None:
    row = container_row(of(usage))
    assert row is not None
    assert len(row) == len(CONTAINER_FIGURES)
    again = usage_of(row, 1.0)
    assert again == usage
    for f in fields(ContainerUsage):
        assert type(getattr(again, f.name)) is type(getattr(usage, f.name)), f.name


@given(USAGES, st.none() | st.floats(0.1, 8.0))
def test_a_reading_and_a_column_give_the_same(usage: ContainerUsage, limit: float | None) -> None:
    row = container_row(of(usage, limit))
    assert row is not None
    for metric in METRICS.values():

        def column(name: str) -> list[float]:
            value = row[CONTAINER_FIGURES.index(name)]
            return [math.nan if value is None else value]

        [drawn] = column_of(metric, column, 4)
        value = metric.get(of(usage, limit), 4)
        assert math.isnan(drawn) if value is None else math.isclose(drawn, value), metric.name


def test_shares_are_of_the_limit() -> None:
    usage = ContainerUsage(1.0, cpu_percent=50.0, memory_used_bytes=20, memory_limit_bytes=80, pids=5)
    assert METRICS["cpu_share"].get(of(usage, 0.5)) == 100.0
    assert METRICS["cpu_share"].get(of(usage), cpus=2) == 25.0
    assert METRICS["cpu_share"].get(of(usage)) is None
    assert METRICS["cpu_cores"].get(of(usage)) == pytest.approx(0.5)
    assert METRICS["memory_share"].get(of(usage)) == 25.0
    assert METRICS["pids_share"].get(of(usage)) is None
    assert METRICS["pids"].get(of(None)) is None


def test_the_machines_disks_are_summed() -> None:
    host = HostSnapshot(10.0, 4, 0.5, 1, 4, 0, 0, disks=(Disk("a", 1.0, 2.0, 30.0), Disk("b", 3.0, None, 90.0)))
    assert len(host_row(host)) == len(HOST_FIGURES)
    shown = {name: metric.get_host(host) for name, metric in HOST_METRICS.items()}
    assert (shown["disk_read_bytes_per_second"], shown["disk_written_bytes_per_second"]) == (4.0, 2.0)
    assert (shown["disk_busy_percent"], shown["memory_share"]) == (90.0, 25.0)
    assert shown["pressure_io_some"] is None


def test_metrics_are_named_as_they_are_found() -> None:
    for table, figures in ((METRICS, CONTAINER_FIGURES), (HOST_METRICS, HOST_FIGURES)):
        for name, metric in table.items():
            assert name == metric.name
            assert metric.figure in figures
            assert not metric.of or metric.of in figures
