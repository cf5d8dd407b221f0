from typing import Any

import pytest

from workbench.sources.cpu_limit import count_cpus, cpu_limit_cores


@pytest.mark.parametrize(
    ("host_config", "cores"),
    [
        ({"NanoCpus": 500_000_000}, 0.5),
        ({"CpuQuota": 150_000, "CpuPeriod": 100_000}, 1.5),
        ({"CpuQuota": 20_000}, 0.2),
        ({"CpuQuota": -1, "NanoCpus": 0, "CpusetCpus": ""}, None),
        ({"CpusetCpus": "0-2,5"}, 4.0),
        ({"CpusetCpus": "0-7"}, None),
        ({"CpusetCpus": "3", "NanoCpus": 2_000_000_000}, 1.0),
        ({"CpusetCpus": "0,1", "NanoCpus": 500_000_000}, 0.5),
        ({"NanoCpus": "many", "CpusetCpus": 5}, None),
        ({}, None),
    ],
)
def test_quota_and_pinning(host_config: dict[str, Any], cores: float | None) -> None:
    assert cpu_limit_cores(host_config, machine_cpus=8) == cores


@pytest.mark.parametrize(
    ("cpuset", "count"), [("0", 1), ("0-3", 4), ("0-1, 4", 3), ("", 0), ("a-b", 0), ("3-1", 0), ("0-", 1), ("-", 0)]
)
def test_cpu_lists(cpuset: str, count: int) -> None:
    assert count_cpus(cpuset) == count
