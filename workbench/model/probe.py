"""What is known of a target before a profiler is let near it, and the ways in."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

How: TypeAlias = Literal["sidecar", "exec", "host", "remote-exec", "gdb", "fresh", "local"]
"""A way in: beside the target, inside it, from the host, into its interpreter, a run of its own, a plain process."""
SeenFrom: TypeAlias = Literal["here", "sidecar", "engine"]
"""How processes were looked at: this machine's /proc, a sidecar of the target's own image, or the engine's list."""

SYS_PTRACE = 1 << 19
"""The bit of CAP_SYS_PTRACE, capabilities(7)."""


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One process as /proc tells of it. Empty and `None` are not known."""

    pid: int
    """In the target's own namespace: what a profiler beside it is told."""
    host_pid: int | None = None
    """In ours; `None` where the target runs on another machine."""
    parent_pid: int = 0
    """0 when the parent is outside of the namespace."""
    name: str = ""
    """As the kernel has it. Hostile text."""
    command: str = ""
    """Secrets masked. Hostile text."""
    user_id: int | None = None
    group_id: int | None = None
    state: str = ""
    threads: int | None = None
    executable: str = ""
    """As the process itself would name it. Hostile text."""
    python: str = ""
    """`3.12`; empty when it is no Python, `?` when it is one that does not tell its version."""
    abi: str = ""
    """`cpython-312-x86_64-linux-gnu`, as its extension modules are named."""
    libc: str = ""
    """`glibc` or `musl`."""
    libc_version: str = ""
    architecture: str = ""
    """`x86_64`, `aarch64`, …"""
    capabilities: int | None = None
    """Effective, one bit each."""
    no_new_privileges: bool | None = None
    seccomp: bool | None = None

    @property
    def minor(self) -> int | None:
        """The 12 of Python 3.12."""
        major, _, minor = self.python.partition(".")
        return int(minor) if major == "3" and minor.isdecimal() else None


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A container or a process of this machine, before it is profiled."""

    kind: Literal["container", "process"]
    id: str
    """The container's, in full, or the process's."""
    name: str
    """Hostile text."""
    processes: tuple[ProcessFacts, ...] = ()
    """Parents before their children."""
    left_out: int = 0
    """Processes beyond the most that are looked at."""
    seen_from: SeenFrom = "here"
    image: str = ""
    image_id: str = ""
    state: str = "running"
    user: str = ""
    """As it was configured."""
    paused: bool = False
    read_only_root: bool = False
    temporary: tuple[str, ...] = ()
    """Where it has file systems in memory."""
    privileged: bool = False
    own_processes: bool = True
    """Whether it has a namespace of process ids to itself."""
    engine_local: bool = True
    ptrace_scope: int | None = None
    """Yama's, of the machine that it runs on; `None` where the kernel has none or it is not known."""
    machine: str = ""
    """The architecture of the machine that it runs on."""
    own_user: int = 0
    """Ours."""
    notes: tuple[str, ...] = ()
    """What could not be found out, and why."""

    @property
    def pythons(self) -> tuple[ProcessFacts, ...]:
        """Its Python processes."""
        return tuple(process for process in self.processes if process.python)

    def pythons_below(self, pid: int) -> tuple[ProcessFacts, ...]:
        """A process and those that come from it, as far as they are Python; all its ids are of its own namespace."""
        below = {pid}
        for process in self.processes:
            if process.parent_pid in below:
                below.add(process.pid)
        return tuple(process for process in self.pythons if process.pid in below)

    def process(self, pid: int) -> ProcessFacts | None:
        """The process of that id in the target's own namespace."""
        return next((process for process in self.processes if process.pid == pid), None)


@dataclass(frozen=True, slots=True)
class Route:
    """A way in, and why it is closed when it is."""

    name: How
    price: str
    """What it costs and what it cannot tell, in words."""
    closed: str = ""
    """Why it cannot be taken; empty when it can."""
    risk: str = ""
    """What may go wrong for the target, in one sentence; the user is asked before such a route is taken."""

    @property
    def is_open(self) -> bool:
        """Whether it can be taken."""
        return not self.closed
