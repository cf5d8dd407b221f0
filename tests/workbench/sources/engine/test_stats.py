import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.rates import Counters
from workbench.model.containers import MemoryParts
from workbench.sources.stats import counters_of, decode_counters

READ = "2026-11-20T16:55:51.023150662Z"
V1: dict[str, Any] = {
    "read": READ,
    "preread": "0001-01-01T00:00:00Z",
    "pids_stats": {"current": 3, "limit": 100},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 8, "minor": 0, "op": "Read", "value": 10},
            {"major": 8, "minor": 0, "op": "Write", "value": 20},
            {"major": 8, "minor": 0, "op": "Total", "value": 30},
            {"major": 8, "minor": 16, "op": "Read", "value": 1},
        ]
    },
    "cpu_stats": {
        "cpu_usage": {"total_usage": 21665538, "percpu_usage": [1, 2]},
        "system_cpu_usage": 5,
        "throttling_data": {"periods": 9, "throttled_periods": 4, "throttled_time": 77},
    },
    "memory_stats": {
        "usage": 1000,
        "stats": {"inactive_file": 1, "total_inactive_file": 300, "cache": 500, "total_rss": 80, "total_pgmajfault": 6},
        "limit": 64000,
    },
    "networks": {
        "eth0": {"rx_bytes": 200, "tx_bytes": 5, "rx_dropped": 2, "tx_errors": 3},
        "eth1": {"rx_bytes": 2, "tx_bytes": 1},
    },
}
V2: dict[str, Any] = {
    "read": READ,
    "pids_stats": {"current": 3, "limit": 18446744073709551615},
    "blkio_stats": {
        "io_service_bytes_recursive": [{"op": "read", "value": 10}, {"op": "write", "value": 20}],
        "io_serviced_recursive": None,
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 7}},
    "memory_stats": {
        "usage": 1000,
        "stats": {"anon": 5, "inactive_file": 250, "shmem": 2, "workingset_refault": 8},
        "limit": 64000,
    },
}


def test_a_sample_of_cgroup_v1() -> None:
    assert counters_of(V1) == Counters(
        taken_ns=1_795_193_751_023_150_662,
        cpu_ns=21665538,
        memory_used_bytes=700,
        memory_limit_bytes=64000,
        network_received_bytes=202,
        network_sent_bytes=6,
        block_read_bytes=11,
        block_written_bytes=20,
        pids=3,
        pids_limit=100,
        network_dropped=2,
        network_errors=3,
        periods=9,
        throttled_periods=4,
        throttled_ns=77,
        memory=MemoryParts(anonymous_bytes=80, file_inactive_bytes=300),
        major_faults=6,
    )


def test_a_sample_of_cgroup_v2() -> None:
    assert counters_of(V2) == Counters(
        taken_ns=1_795_193_751_023_150_662,
        cpu_ns=7,
        memory_used_bytes=750,
        memory_limit_bytes=64000,
        block_read_bytes=10,
        block_written_bytes=20,
        pids=3,
        memory=MemoryParts(anonymous_bytes=5, shared_bytes=2, file_inactive_bytes=250),
        refaults=8,
    )


@pytest.mark.parametrize("inactive", [1000, 5000, -1])
def test_page_cache_that_cannot_be_is_not_subtracted(inactive: int) -> None:
    found = counters_of({"read": READ, "memory_stats": {"usage": 1000, "stats": {"inactive_file": inactive}}})
    assert found is not None
    assert found.memory_used_bytes == 1000


@pytest.mark.parametrize("limit", [{}, {"limit": 0}, {"limit": None}, {"limit": 2**64 - 1}])
def test_no_limit_of_processes(limit: dict[str, Any]) -> None:
    found = counters_of({"read": READ, "pids_stats": {"current": 1, **limit}})
    assert found is not None
    assert found.pids_limit is None


def test_no_disk_operation_is_zero_and_no_count_is_not_measured() -> None:
    none_yet = counters_of({"read": READ, "blkio_stats": {"io_service_bytes_recursive": []}})
    not_counted = counters_of({"read": READ, "blkio_stats": {"io_service_bytes_recursive": None}})
    assert none_yet is not None
    assert not_counted is not None
    assert (none_yet.block_read_bytes, none_yet.block_written_bytes) == (0, 0)
    assert (not_counted.block_read_bytes, not_counted.block_written_bytes) == (None, None)


def test_a_container_that_does_not_run_has_no_counters() -> None:
    assert counters_of({**V1, "read": "0001-01-01T00:00:00Z"}) is None


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000, b'{"read":5}'])
def test_a_line_that_is_no_sample(line: bytes) -> None:
    assert decode_counters(line) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(st.data())
def test_whatever_an_engine_leaves_out_or_gets_wrong_is_only_not_measured(data: st.DataObject) -> None:
    def mangle(value: Any) -> Any:
        fate = data.draw(st.sampled_from(["keep", "keep", "keep", "replace", "drop"]))
        if fate == "replace":
            return data.draw(JSON)
        if isinstance(value, dict):
            return {key: mangle(inner) for key, inner in value.items() if fate == "keep" or data.draw(st.booleans())}
        return [mangle(inner) for inner in value] if isinstance(value, list) else value

    sample = {key: mangle(value) for key, value in V1.items()} | {"read": READ}
    assert isinstance(counters_of(sample), Counters)
    decoded = decode_counters(json.dumps(sample).encode())
    assert decoded is None or isinstance(decoded, Counters)
