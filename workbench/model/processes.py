"""The processes of the one container that is looked at closely."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """One process, over the interval since the reading before. `None` is not measured."""

    pid: int
    """In the host's namespace."""
    parent_pid: int
    name: str
    """As the kernel has it, 15 bytes. Hostile text."""
    inner_pid: int | None = None
    """In the container's own namespace."""
    command: str = ""
    """Its arguments, shortened, secrets masked. Hostile text."""
    user_id: int | None = None
    state: str = ""
    """`R` running, `S` sleeping, `D` waiting for a device, `T` stopped, `Z` zombie, …"""
    waits_in: str = ""
    """The kernel function that it sleeps in, where the kernel tells."""
    started_at: float = 0.0
    """Unix time in seconds."""
    threads: int | None = None
    cpu_percent: float | None = None
    """100 is one core busy."""
    busiest_thread_percent: float | None = None
    """CPU of its busiest thread, 100 is one core."""
    busiest_thread: str = ""
    """That thread's name. Hostile text."""
    waiting_threads: int | None = None
    """Threads in state `D`."""
    memory_bytes: int | None = None
    """Resident."""
    run_delay_percent: float | None = None
    """Time that its threads were ready and waited for a CPU, over wall time, summed over threads."""
    read_bytes_per_second: float | None = None
    written_bytes_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class FocusSnapshot:
    """What is read of one container only, because it costs more: its processes and its shared memory."""

    container_id: str
    processes: tuple[Process, ...] = ()
    """Parents before their children."""
    left_out: int = 0
    """Processes beyond the most that are read."""
    shm_used_bytes: int | None = None
    """Of `/dev/shm`."""
    shm_size_bytes: int | None = None
    interval_seconds: float = 0.0
