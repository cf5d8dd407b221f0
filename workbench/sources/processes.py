"""The processes of the one container that is looked at, from /proc where it runs here, else from its engine."""

import time

from workbench.errors import WorkbenchError
from workbench.measure.instants import unix_nanoseconds
from workbench.measure.text import printable, shorten
from workbench.model.processes import FocusSnapshot
from workbench.sources.answers import Answer, limit, number, part, text
from workbench.sources.base import NOTHING_LOOKED_AT, Clock
from workbench.sources.container_pids import ContainerPids
from workbench.sources.container_state import container_state
from workbench.sources.engine import Engine
from workbench.sources.process_table import MOST_PROCESSES, ProcessTable, boot_time
from workbench.sources.remote_processes import RemoteProcesses
from workbench.sources.shared_memory import SharedMemory

REMOTE_SECONDS = 5.0
"""Between two questions to an engine elsewhere: each costs it a `ps`, and an event that everybody sees."""


class FocusSource:
    """Reads nothing until a container is looked at, and then that one only.

    Args:
        engine: Asked whose processes to look for, and again when they are gone.
        root: Where /proc is.
        groups: Where the control groups are.
        clock: Seconds since the machine started.
    """

    def __init__(
        self, engine: Engine, *, root: str = "/proc", groups: str = "/sys/fs/cgroup", clock: Clock = boot_time
    ) -> None:
        self._engine = engine
        self._root = root
        self._groups = groups
        self._clock = clock
        self._chosen: str | None = None
        self._look: _Look | None = None

    def look_at(self, container_id: str | None) -> None:
        """Read this container from now on, `None` for none. Callable from any thread, and costs nothing."""
        self._chosen = container_id

    def read(self) -> FocusSnapshot:
        """The container's processes; without rates at the first look.

        Raises:
            WorkbenchError: when no container is looked at, or it does not run.
            NotFound: when there is no such container.
            EngineError: another of its kinds.
        """
        chosen = self._chosen
        if chosen is None:
            self._look = None
            raise WorkbenchError(NOTHING_LOOKED_AT)
        if self._look is None or self._look.name != chosen:
            self._look = _Look(chosen, self._engine, self._root, self._groups, self._clock)
        return self._look.read()

    def age(self) -> float:
        """Seconds since the newest value was taken: an engine elsewhere is asked less often than we are read."""
        return self._look.age() if self._look else 0.0

    def close(self) -> None:
        """Nothing is held."""


class _Look:
    """A look at one container for as long as it is looked at."""

    def __init__(self, name: str, engine: Engine, root: str, groups: str, clock: Clock) -> None:
        self.name = name
        self._engine = engine
        self._root = root
        self._groups = groups
        self._clock = clock
        self._id = name
        self._pids: ContainerPids | None = None
        self._table = ProcessTable(root, clock)
        self._shared = SharedMemory(root)
        self._remote = RemoteProcesses(clock)
        self._told: tuple[float, FocusSnapshot] | None = None
        """What an engine elsewhere told last, and when."""

    def read(self) -> FocusSnapshot:
        if snapshot := self._here():
            return snapshot
        if self._told and self.age() < REMOTE_SECONDS:
            return self._told[1]
        with self._engine.talk() as connection:
            found = connection.client.inspect_container(self.name)
            refuse_unless_running(found)
            self._id = text(found, "Id") or self.name
            self._pids = self._locate(found)
            if snapshot := self._here():
                self._told = None
                return snapshot
            processes, left_out, seconds = self._remote.read(connection.client, self._id, time.time())
        size = limit(part(found, "HostConfig"), "ShmSize")
        snapshot = FocusSnapshot(self._id, processes, left_out, shm_size_bytes=size, interval_seconds=seconds)
        self._told = (self._clock(), snapshot)
        return snapshot

    def age(self) -> float:
        return self._clock() - self._told[0] if self._told else 0.0

    def _locate(self, found: Answer) -> ContainerPids:
        state = part(found, "State")
        started = unix_nanoseconds(text(state, "StartedAt"))
        is_ours = self._engine.endpoint.is_local
        return ContainerPids(
            self._id,
            (number(state, "Pid") or None) if is_ours else None,
            None if started is None else started / 1e9,
            root=self._root,
            groups=self._groups,
            clock=self._clock,
        )

    def _here(self) -> FocusSnapshot | None:
        """What this machine's /proc tells; `None` when the container has ended, or runs elsewhere."""
        pids = self._pids.read() if self._pids else ()
        if not pids:
            self._pids = None
            return None
        processes, interval = self._table.read(pids)
        if not processes:
            self._pids = None
            return None
        shared = self._shared.read(processes[0].pid)
        return FocusSnapshot(
            container_id=self._id,
            processes=processes,
            left_out=max(0, len(pids) - MOST_PROCESSES),
            shm_used_bytes=shared[0] if shared else None,
            shm_size_bytes=shared[1] if shared else None,
            interval_seconds=interval,
        )


def refuse_unless_running(found: Answer) -> None:
    """Raise a WorkbenchError that says why a container has no processes, unless inspect says that it runs."""
    name = shown_name(found)
    state = part(found, "State")
    word = container_state(text(state, "Status"))
    start = f"start it: docker start {name}"
    if word == "created":
        raise WorkbenchError(f"{name} was never started", start)
    if word == "exited":
        raise WorkbenchError(f"{name} does not run: it ended with exit code {number(state, 'ExitCode') or 0}", start)
    if word == "restarting":
        code = number(state, "ExitCode") or 0
        raise WorkbenchError(f"{name} is being restarted: it ended with exit code {code}", "look at its log")
    if word in {"dead", "removing"}:
        raise WorkbenchError(f"{name} is being removed")


def shown_name(found: Answer) -> str:
    """A container's name as it is shown in a sentence."""
    return shorten(printable(text(found, "Name").lstrip("/")), 80) or "the container"
