"""Control group trees written to disk.

`V1` was recorded from a container on a machine with hybrid control groups (Linux 6.18). `V2` follows the formats in
the kernel's Documentation/admin-guide/cgroup-v2.rst and accounting/psi.rst; it was recorded nowhere.
"""

from collections.abc import Mapping
from pathlib import Path

ID = "5b1952b9060e39947b4df28543845cb35b3c5367e38719a3ce0954f915332872"

PRESSURE = """some avg10=0.00 avg60=0.00 avg300=0.00 total=3404
full avg10=0.00 avg60=0.00 avg300=0.00 total=1852
"""
CALM = """some avg10=0.00 avg60=0.00 avg300=0.00 total=0
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
"""
PRESSURES = {"cpu.pressure": PRESSURE, "memory.pressure": CALM, "io.pressure": CALM}

V1 = {
    "cpuacct": {"cpuacct.usage": "18828776\n", "tasks": "", "cgroup.procs": ""},
    "cpu": {
        "cpu.stat": "nr_periods 20\nnr_throttled 5\nthrottled_time 123456789\nnr_bursts 0\nburst_time 0\n",
        "cpu.cfs_quota_us": "50000\n",
        "cpu.cfs_period_us": "100000\n",
    },
    "cpuset": {"cpuset.cpus": "0-1\n"},
    "memory": {
        "memory.usage_in_bytes": "442368\n",
        "memory.limit_in_bytes": "67108864\n",
        "memory.kmem.usage_in_bytes": "323584\n",
        "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
        "memory.stat": """cache 12288
rss 106496
inactive_file 77
active_file 12288
hierarchical_memory_limit 67108864
total_cache 16384
total_rss 106496
total_rss_huge 0
total_shmem 4096
total_workingset_refault_anon 0
total_workingset_refault_file 3
total_pgmajfault 2
total_inactive_anon 102400
total_active_anon 4096
total_inactive_file 8192
total_active_file 12288
total_unevictable 0
""",
    },
    "pids": {"pids.current": "1\n", "pids.max": "max\n"},
    "blkio": {
        "blkio.throttle.io_service_bytes_recursive": """254:0 Read 12288
254:0 Write 4096
254:0 Sync 12288
254:0 Async 0
254:0 Discard 0
254:0 Total 16384
8:16 Read 1000
8:16 Write 0
8:16 Total 1000
Total 17384
"""
    },
    "unified": PRESSURES,
}

V2 = {
    "cpu.stat": """usage_usec 18828
user_usec 9414
system_usec 9414
nr_periods 20
nr_throttled 5
throttled_usec 123456
nr_bursts 0
burst_usec 0
""",
    "cpu.max": "50000 100000\n",
    "cpuset.cpus": "\n",
    "memory.current": "442368\n",
    "memory.max": "67108864\n",
    "memory.high": "max\n",
    "memory.events": "low 0\nhigh 7\nmax 12\noom 4\noom_kill 3\noom_group_kill 0\n",
    "memory.stat": """anon 106496
file 20480
kernel 323584
kernel_stack 16384
pagetables 90112
percpu 1024
shmem 4096
inactive_anon 102400
active_anon 4096
inactive_file 8192
active_file 12288
slab 65536
workingset_refault_anon 0
workingset_refault_file 3
pgmajfault 2
""",
    "io.stat": """254:0 rbytes=12288 wbytes=4096 rios=3 wios=1 dbytes=0 dios=0
8:16 rbytes=1000 wbytes=0 rios=1 wios=0 dbytes=0 dios=0
""",
    "pids.current": "1\n",
    "pids.max": "100\n",
    "cgroup.procs": "",
    "cgroup.threads": "",
    **PRESSURES,
}

NET_DEV = """Inter-|   Receive                                             | Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo:     999       9    9    9    0     0          0         0    999    9    9    9    0     0       0          0
  eth0:     200       2    1    3    0     0          0         0    100    1    0    4    0     0       0          0
eth1.5:  123456      20    0    0    0     0          0         0    900    1    2    0    0     0       0          0
"""
"""Recorded, with figures of our own."""


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write a flat directory of files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def write_v1(root: Path, path: str = f"docker/{ID}", *, co_mounted: bool = False) -> None:
    """A v1 machine with one container; `cpu,cpuacct` in one folder with links to it, as distributions have it."""
    for controller, files in V1.items():
        folder = "cpu,cpuacct" if co_mounted and controller in {"cpu", "cpuacct"} else controller
        write(root / folder / path, files)
    if co_mounted:
        for link in ("cpu", "cpuacct"):
            (root / link).symlink_to("cpu,cpuacct")


def write_v2(root: Path, path: str = f"docker/{ID}") -> Path:
    """A v2 machine with one container, whose directory is returned."""
    write(root, {"cgroup.controllers": "cpuset cpu io memory pids\n"})
    write(root / path, V2)
    return root / path


def write_process(proc: Path, pid: int, *, inner: int = 1, cgroup: str = "") -> None:
    """A process with one interface more than `lo`."""
    write(proc / str(pid), {"status": f"Name:\tsleep\nNSpid:\t{pid}\t{inner}\n", "cgroup": cgroup})
    write(proc / str(pid) / "net", {"dev": NET_DEV})
