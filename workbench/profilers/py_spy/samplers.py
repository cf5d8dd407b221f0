"""Where py-spy runs: in a sidecar, in the target with the program of a helper beside it, or on this machine.

Each runs it for one short segment at a time. A sidecar lives in the target's namespace of process ids, and the kernel
kills all of that when the target's first process ends: what the segments before have given is then already here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event

import docker
import docker.errors

from workbench.errors import EngineError, NotFound, WorkbenchError
from workbench.model.probe import How, ProcessFacts
from workbench.profilers import proc_facts
from workbench.profilers.base import Patient
from workbench.profilers.beside import sidecar
from workbench.profilers.py_spy.cost import ExecutedTime
from workbench.profilers.py_spy.image import FOLDER, PROGRAM, py_spy_image
from workbench.profilers.py_spy.local import LocalSampler
from workbench.profilers.py_spy.segment import MOST_RESULT_BYTES, Sampler, Segment
from workbench.sources.answers import number, part
from workbench.sources.container_files import get_file
from workbench.sources.container_run import Ran, run_for_output, run_on_terminal
from workbench.sources.docker_errors import translated
from workbench.sources.upload import Watch


@contextmanager
def sampler(patient: Patient, how: How, pid: int, process: ProcessFacts | None, watch: Watch) -> Iterator[Sampler]:
    """A place for py-spy by the chosen way; whatever it makes in the engine is removed at the end.

    Args:
        patient: What is profiled.
        how: The way in.
        pid: The target's id, as the place that py-spy runs in has it, or for `host` as the target has it.
        process: The one whose user is taken for `exec`.
        watch: Told how far py-spy is on its way there; may raise, which ends it.

    Raises:
        EngineError: when the engine refuses or does not answer.
    """
    if how in {"local", "host"} or patient.engine is None:
        yield LocalSampler(_own_id(patient, pid))
        return
    with patient.engine.talk() as connection, py_spy_image(connection.client, watch) as (image, pipe):
        client, address = connection.client, connection.info.endpoint
        target = patient.facts.id
        inside = how == "exec" and process is not None
        user = f"{process.user_id}:{process.group_id or 0}" if inside and process is not None else "0"
        wait = (PROGRAM, "dump", "--core", pipe)  # opens a pipe that nobody writes to: waits without any work
        capabilities = () if inside else ("SYS_PTRACE",)
        with sidecar(client, image, wait, target, capabilities=capabilities, user=user, what="py-spy") as identity:
            if inside and process is not None:
                prefix = f"/proc/{_inner_id(client, patient, identity, wait, process, user)}/root"
                inside_time = ExecutedTime() if patient.facts.seen_from == "here" else None
                yield EngineSampler(client, address, target, identity, target, prefix, user, inside_time)
            else:
                yield EngineSampler(client, address, identity, identity, target, "", user)


class EngineSampler:
    """py-spy in a container.

    Args:
        client: The engine's.
        address: The engine's, as it is told of.
        where: The container that runs it.
        keeper: The one that holds its program and its file.
        target: The one that is looked at.
        prefix: Where `where` sees the files of `keeper`.
        user: Who runs it.
        inside_time: Follows what it takes inside the target, where that can be seen.
    """

    def __init__(
        self,
        client: docker.APIClient,
        address: str,
        where: str,
        keeper: str,
        target: str,
        prefix: str,
        user: str,
        inside_time: ExecutedTime | None = None,
    ) -> None:
        self._client = client
        self._address = address
        self._where = where
        self._keeper = keeper
        self._target = target
        self._prefix = prefix
        self._user = user
        self._inside_time = inside_time
        self._count = 0

    def record(self, arguments: Sequence[str], seconds: float, stop: Event) -> Segment:
        """Record one segment."""
        with translated(self._address):
            return self._record(arguments, seconds, stop)

    def _record(self, arguments: Sequence[str], seconds: float, stop: Event) -> Segment:
        self._count += 1
        file = f"{FOLDER}/{self._count}"
        command = (f"{self._prefix}{PROGRAM}", "record", *arguments, "--output", f"{self._prefix}{file}")
        inside = self._inside_time
        ran = run_on_terminal(
            self._client,
            self._where,
            command,
            user=self._user,
            seconds=seconds,
            stop=stop,
            watch=inside.look if inside is not None else None,
        )
        if inside is not None:
            inside.end()
        try:
            content = get_file(self._client, self._keeper, file, MOST_RESULT_BYTES)
        except docker.errors.NotFound:
            content = b""
        return Segment(ran, content.decode("utf-8", "replace"))

    def dump(self, arguments: Sequence[str]) -> Ran:
        """Run `py-spy dump`."""
        command = (f"{self._prefix}{PROGRAM}", "dump", *arguments)
        with translated(self._address):
            return run_for_output(self._client, self._where, command, user=self._user, most_bytes=MOST_RESULT_BYTES)

    def is_alive(self) -> bool:
        """Whether the target still runs, as far as the engine tells."""
        try:
            with translated(self._address):
                return part(self._client.inspect_container(self._target), "State").get("Running") is True
        except NotFound:
            return False
        except EngineError:
            return True

    def cpu_seconds(self) -> float | None:
        """CPU time of the sidecar; inside the target, of the calls there."""
        if self._prefix:
            return self._inside_time.seconds if self._inside_time is not None else None
        try:
            with translated(self._address):
                told = self._client.stats(self._keeper, stream=False, one_shot=True)
        except EngineError:
            return None
        used = number(part(part(told, "cpu_stats"), "cpu_usage"), "total_usage")
        return used / 1e9 if used else None


def _own_id(patient: Patient, pid: int) -> int:
    """A process's id on this machine."""
    process = patient.facts.process(pid)
    if process is None or process.host_pid is None:
        raise WorkbenchError(f"process {pid} is not to be seen from here", "leave out --route")
    return process.host_pid


_FIND = """import os
for pid in os.listdir("/proc"):
    if not pid.isdigit() or pid == str(os.getpid()): continue
    try:
        with open("/proc/" + pid + "/cmdline", "rb") as file:
            if {pipe!r} in file.read(4096): print(pid)
    except OSError: pass
"""


def _inner_id(
    client: docker.APIClient, patient: Patient, identity: str, wait: Sequence[str], process: ProcessFacts, user: str
) -> int:
    """The helper's id in the target's namespace: from /proc where that is here, else the target's Python looks."""
    outer = number(part(client.inspect_container(identity), "State"), "Pid") or 0
    if patient.facts.seen_from == "here":
        with suppress(OSError):
            return int(str(proc_facts.facts("/proc", outer)["pid"]))
    script = _FIND.format(pipe=wait[-1].encode())
    command = (process.executable or "python3", "-ISc", script)
    ran = run_for_output(client, patient.facts.id, command, user=user, most_bytes=1024)
    words = ran.output.split()
    if words and words[0].isdigit():
        return int(words[0])
    raise EngineError("the helper beside the target is not to be seen from inside of it", "take --route sidecar")
