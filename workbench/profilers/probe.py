"""Looks at a target before a profiler is let near it: what it runs, as whom, on what, and who may look into it."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

import docker
import msgspec

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.arguments import command_line, masked_arguments
from workbench.measure.text import shorten
from workbench.model.probe import ProcessFacts, SeenFrom, TargetFacts
from workbench.profilers import proc_facts
from workbench.profilers.beside import facts_from_beside
from workbench.sources.answers import Answer, number, part, parts, text, texts
from workbench.sources.container_state import container_state
from workbench.sources.engine import Engine

_LONGEST_COMMAND = 200


def probe_container(engine: Engine, name: str, stop: Event | None = None, *, may_start: bool = True) -> TargetFacts:
    """What there is to know of a container, running or not.

    Args:
        engine: Where it runs.
        name: Its id or name.
        stop: Set to give up between two questions.
        may_start: Whether a container may be started beside it, where its processes cannot be seen from here.

    Raises:
        NotFound: when there is no such container.
        EngineError: another of its kinds.
        Stopped: when the user gave up.
    """
    with engine.talk() as connection:
        client = connection.client
        found = client.inspect_container(name)
        state = part(found, "State")
        host = part(found, "HostConfig")
        identity = text(found, "Id") or name
        is_running = state.get("Running") is True
        looked = _Looked()
        seen_from: SeenFrom = "here"
        notes: tuple[str, ...] = ()
        if is_running:
            if stop is not None and stop.is_set():
                raise Stopped("stopped")
            first = number(state, "Pid") or 0
            if engine.endpoint.is_local and _is_container(first, identity):
                looked = _Looked(proc_facts.all_facts("/proc", _pids_of(first)))
            if not looked.readable:
                looked, seen_from, notes = _from_elsewhere(client, found, looked, may_start=may_start)
    return TargetFacts(
        kind="container",
        id=identity,
        name=text(found, "Name").lstrip("/"),
        processes=looked.processes,
        left_out=looked.left_out,
        seen_from=seen_from,
        image=text(part(found, "Config"), "Image"),
        image_id=text(found, "Image"),
        state=container_state(text(state, "Status")),
        user=text(part(found, "Config"), "User"),
        paused=state.get("Paused") is True,
        read_only_root=host.get("ReadonlyRootfs") is True,
        temporary=tuple(part(host, "Tmpfs")),
        privileged=host.get("Privileged") is True,
        own_processes=text(host, "PidMode") in {"", "private"},
        engine_local=engine.endpoint.is_local,
        ptrace_scope=looked.ptrace_scope,
        machine=looked.machine,
        own_user=os.geteuid(),
        notes=notes,
    )


def process_of(row: Answer) -> ProcessFacts:
    """One process as the script of `proc_facts` tells of it where it runs. Hostile."""
    return _Row.of(row).process({}, own_ids=True, here=False)


def probe_process(pid: int) -> TargetFacts:
    """What there is to know of a process of this machine and its children.

    Raises:
        WorkbenchError: when there is none of that id.
    """
    if not Path(f"/proc/{pid}").exists():
        raise WorkbenchError(f"there is no process {pid}", "list them: ps -e")
    looked = _Looked(proc_facts.all_facts("/proc", [pid, *_descendants(pid)]), own_ids=False)
    first = looked.processes[0] if looked.processes else None
    return TargetFacts(
        kind="process",
        id=str(pid),
        name=first.name if first else str(pid),
        processes=looked.processes,
        left_out=looked.left_out,
        ptrace_scope=looked.ptrace_scope,
        machine=looked.machine,
        own_processes=_namespace(pid) == _namespace(os.getpid()),
        own_user=os.geteuid(),
    )


class _Looked:
    """The script's answer, read as hostile."""

    def __init__(self, answer: Mapping[str, object] | None = None, *, own_ids: bool = True, here: bool = True) -> None:
        answer = answer or {}
        rows = [_Row.of(row) for row in parts(answer, "processes")]
        inner = {row.host_pid: row.pid for row in rows}
        self.readable = bool(rows) and not all(row.is_denied for row in rows)
        self.processes = tuple(row.process(inner, own_ids=own_ids, here=here) for row in rows)
        self.left_out = number(answer, "left_out") or 0
        self.ptrace_scope = number(answer, "ptrace_scope")
        self.machine = shorten(text(answer, "machine"), 32)


class _Row(msgspec.Struct):
    """One process of the script's answer."""

    pid: int = 0
    host_pid: int = 0
    host_parent: int = 0
    name: str = ""
    command: tuple[str, ...] = ()
    user_id: int | None = None
    group_id: int | None = None
    state: str = ""
    threads: int | None = None
    executable: str = ""
    python: str = ""
    abi: str = ""
    libc: str = ""
    libc_version: str = ""
    architecture: str = ""
    capabilities: int | None = None
    no_new_privileges: bool | None = None
    seccomp: bool | None = None
    is_denied: bool = False

    @classmethod
    def of(cls, row: Answer) -> "_Row":
        try:
            return msgspec.convert(row, cls)
        except msgspec.ValidationError:
            return cls()

    def process(self, inner: Mapping[int, int], *, own_ids: bool, here: bool) -> ProcessFacts:
        command = command_line(masked_arguments(self.command[:64]))
        return ProcessFacts(
            pid=self.pid if own_ids else self.host_pid,
            host_pid=self.host_pid if here else None,
            parent_pid=inner.get(self.host_parent, 0) if own_ids else self.host_parent,
            name=shorten(self.name, 64),
            command=shorten(command, _LONGEST_COMMAND),
            user_id=self.user_id,
            group_id=self.group_id,
            state=self.state[:1],
            threads=self.threads,
            executable=shorten(self.executable, 4096),
            python=shorten(self.python, 8),
            abi=shorten(self.abi, 64),
            libc=shorten(self.libc, 8),
            libc_version=shorten(self.libc_version, 16),
            architecture=shorten(self.architecture, 16),
            capabilities=self.capabilities,
            no_new_privileges=self.no_new_privileges,
            seccomp=self.seccomp,
        )


def _from_elsewhere(
    client: docker.APIClient, found: Answer, here: _Looked, *, may_start: bool
) -> tuple[_Looked, SeenFrom, tuple[str, ...]]:
    """Ask a sidecar of the container's own image; where that cannot run, the engine's list is what there is."""
    listed: Answer = {}
    with suppress(docker.errors.APIError):
        listed = dict(client.top(text(found, "Id")))
    answer, reason = None, "the workbench is read-only, and starts nothing beside them"
    if may_start:
        commands = _listed_commands(listed)
        answer, reason = facts_from_beside(client, text(found, "Id"), text(found, "Image"), commands)
    if answer is not None:
        return _Looked(answer, here=False), "sidecar", ()
    notes = (f"its processes could not be looked into: {reason}",)
    if here.processes:
        return here, "here", notes
    return _listed(listed, number(part(found, "State"), "Pid") or 0), "engine", notes


def _listed_commands(listed: Answer) -> tuple[str, ...]:
    titles = texts(listed, "Titles")
    column = next((index for index, title in enumerate(titles) if title in {"CMD", "COMMAND"}), None)
    rows = listed.get("Processes") or []
    return tuple(row[column] for row in rows if column is not None and column < len(row))


def _listed(listed: Answer, first: int) -> _Looked:
    """The engine's list: ids of the host and commands, no more."""
    titles = texts(listed, "Titles")
    columns = {title: index for index, title in enumerate(titles)}
    looked = _Looked()
    rows: Sequence[Sequence[str]] = listed.get("Processes") or []
    found = []
    for row in rows[: proc_facts.MOST_PROCESSES]:
        pid = int(row[columns["PID"]]) if "PID" in columns and row[columns["PID"]].isdecimal() else 0
        words = row[columns["CMD"]].split() if "CMD" in columns else []
        name = words[0].rsplit("/", 1)[-1] if words else ""
        found.append(
            ProcessFacts(
                pid=1 if pid == first else 0,
                name=shorten(name, 64),
                command=shorten(command_line(masked_arguments(words[:64])), _LONGEST_COMMAND),
                python=proc_facts.python_version(name, ""),
            )
        )
    looked.processes = tuple(found)
    return looked


def _namespace(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}/ns/pid").st_ino  # noqa: PTH116  a link that leads nowhere
    except OSError:
        return None


def _is_container(pid: int, identity: str) -> bool:
    """Whether a process of this machine is the container's, by its control group or, without one, by its root.

    An engine in another namespace of process ids tells ids that are somebody else's here.
    """
    try:
        groups = proc_facts.read(f"/proc/{pid}/cgroup", 65536).decode("utf-8", "replace")
    except OSError:
        return False
    return identity in groups


def _pids_of(first: int) -> list[int]:
    """The processes in the namespace of a container's first one; its descendants where that namespace is ours."""
    namespace = _namespace(first)
    if namespace is None or namespace == _namespace(os.getpid()):
        return [first, *_descendants(first)]
    found = [pid for pid in proc_facts.process_ids("/proc") if _namespace(pid) == namespace]
    return [first, *(pid for pid in found if pid != first)]


def _descendants(first: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid in proc_facts.process_ids("/proc"):
        try:
            stat = proc_facts.read(f"/proc/{pid}/stat", 1024)
            parent = int(stat[stat.rindex(b")") + 2 :].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    waiting = [first]
    while waiting:
        for child in children.get(waiting.pop(0), ()):
            found.append(child)
            waiting.append(child)
    return found
