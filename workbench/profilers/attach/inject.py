"""Makes the main thread of a running Python run one statement: by `sys.remote_exec`, or by gdb.

By gdb nothing of the program's code is touched and nothing of it is called that could need a lock it holds: a page is
mapped, the statement is written there, and the interpreter is told to run it when its main thread is next between two
instructions, by `Py_AddPendingCall`, which is made for signal handlers. No breakpoint is set, so the program is never
stopped at a place of its own code; it stands for as long as gdb needs to find three addresses.

What kills targets, each of it seen: gdb without KILL, without DAC_OVERRIDE or without the target's root as its own;
gdb ended by anything but SIGINT while it holds the target; a shared library that gdb loads into the target.
"""

import time
from contextlib import suppress
from threading import Event

import docker
import docker.errors
import requests

from workbench.errors import EngineTimeout, Stopped, WorkbenchError
from workbench.measure.text import printable, shorten
from workbench.model.probe import ProcessFacts
from workbench.profilers.attach.gdb_image import GDB, TIMEOUT
from workbench.profilers.beside import sidecar
from workbench.profilers.ending import signal_of
from workbench.sources.answers import number
from workbench.sources.container_files import tar_of
from workbench.sources.container_output import said_by
from workbench.sources.ours import GENTLE

_GDB_SECONDS = 20
"""While it holds the process; it takes a twentieth of a second of computing."""
_REMOTE_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_MOST_SAID = 65536
_DONE = "workbench: it will run"
_FULL = "workbench: there is no room"
_TRIES = 3
"""While more calls wait for the main thread than there is room for."""
_BETWEEN_SECONDS = 1.0
_PASSED = (
    *("HUP", "USR1", "USR2", "TERM", "QUIT", "PIPE", "CONT", "ALRM", "VTALRM", "PROF"),
    *(str(number) for number in range(32, 65)),
)
"""Signals that the program gets as if gdb were not there; from 32 on those of real time, and of its C library."""
_CAPABILITIES = ("SYS_PTRACE", "DAC_OVERRIDE", "KILL")
_SCRIPT = """set confirm off
set pagination off
set unwindonsignal on
handle {passed} nostop noprint pass
file /proc/{pid}/exe
attach {pid}
sharedlibrary libpython
sharedlibrary (libc[.-]|musl)
thread 1
set $page = ((unsigned long (*)(void *, unsigned long, int, int, int, long)) mmap)(0, {size}, 3, 0x22, -1, 0)
if $page + 4096 > 4096
restore /statement binary $page
if ((int (*)(void *, void *)) Py_AddPendingCall)((void *) PyRun_SimpleString, (void *) $page) == 0
echo {done}\\n
else
set $gone = ((int (*)(void *, unsigned long)) munmap)((void *) $page, {size})
echo {full}\\n
end
end
detach
quit
"""
_PAGE_BYTES = 4096
_REMOTE = """import sys
try:
    sys.remote_exec(int(sys.argv[1]), sys.argv[2])
except BaseException as error:
    print(type(error).__name__, error, sep=": ")
    sys.exit(1)
"""
_NOTHING = "/dev/null"


def by_gdb(
    client: docker.APIClient, target: str, process: ProcessFacts, image: str, statement: str, stop: Event
) -> None:
    """Make the main thread run a statement, by gdb of an image of `gdb_image`.

    Raises:
        WorkbenchError: when gdb does not get so far; the program is as before, unless the words say otherwise.
        Stopped: when the user gave up.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    content = statement.encode() + b"\0"
    size = -(-len(content) // _PAGE_BYTES) * _PAGE_BYTES
    passed = " ".join(f"SIG{name}" for name in _PASSED)
    script = _SCRIPT.format(pid=process.pid, size=size, done=_DONE, full=_FULL, passed=passed).encode()
    files = tar_of({"script": (script, 0o644), "statement": (content, 0o644)}, {}, {})
    root = f"set sysroot /proc/{process.pid}/root"
    before = [word for each in ("set auto-load off", "set auto-solib-add off", root) for word in ("-iex", each)]
    # What describes the code to people takes a minute to read; what is needed are four names
    gdb = (GDB, "-nx", "-nh", "-batch", "-readnever", *before, "-x", "/script")
    command = (TIMEOUT, "-s", "INT", str(_GDB_SECONDS), *gdb)
    for count in range(_TRIES):
        if count and stop.wait(_BETWEEN_SECONDS):
            raise Stopped("stopped")
        with sidecar(client, image, command, target, capabilities=_CAPABILITIES, what=GENTLE, files=files) as identity:
            code, said = _finish(client, identity, stop, 2 * _GDB_SECONDS)
        if _FULL not in said:
            break
    if _DONE not in said:
        raise _not_in(process, code, said)


def _not_in(process: ProcessFacts, code: int | None, said: str) -> WorkbenchError:
    """Why gdb did not get so far."""
    signal = signal_of(code)
    if signal is not None:
        return WorkbenchError(
            f"gdb was ended by signal {signal} while it may have held process {process.pid}",
            "look whether the process still answers, and restart it if it does not",
        )
    if _FULL in said:
        return WorkbenchError(
            f"the main thread of process {process.pid} has run no Python for long: there is no room to ask it for more",
            "wait until it has work to do; py-spy looks at it without going in: --with py-spy",
        )
    why = f"{_GDB_SECONDS} s were not enough" if "Quit" in said.splitlines() else _last_line(said)
    return WorkbenchError(
        f"gdb did not get into process {process.pid}: {why}",
        "the process is as before; py-spy looks at it without going in: --with py-spy",
    )


def by_remote_exec(
    client: docker.APIClient, target: str, process: ProcessFacts, image: str, path: str, stop: Event
) -> None:
    """Make the main thread run a file, by `sys.remote_exec` of the target's own Python.

    Args:
        client: The engine's.
        target: The container.
        process: A process of it.
        image: The target's own.
        path: The file, as both the target and its sidecar see it.
        stop: Set to give up.

    Raises:
        WorkbenchError: when the program does not let it.
        Stopped: when the user gave up.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    command = (process.executable, "-ISc", _REMOTE, str(process.pid), path)
    with sidecar(client, image, command, target, capabilities=["SYS_PTRACE"], what="remote-exec") as identity:
        code, said = _finish(client, identity, stop, _REMOTE_SECONDS)
    if code == 0:
        return
    if "not enabled" in said:
        reason = f"process {process.pid} was started with remote debugging off (PYTHON_DISABLE_REMOTE_DEBUG)"
    else:
        reason = f"process {process.pid} takes no code by sys.remote_exec: {_last_line(said)}"
    raise WorkbenchError(reason, "take another way in: --route gdb, or --with py-spy")


def take_back_remote_exec(client: docker.APIClient, target: str, process: ProcessFacts, image: str) -> None:
    """Let the main thread find an empty file, when it has not yet run the one that it was given."""
    with suppress(WorkbenchError, docker.errors.APIError, requests.RequestException):
        by_remote_exec(client, target, process, image, _NOTHING, Event())


def _finish(client: docker.APIClient, identity: str, stop: Event, seconds: float) -> tuple[int | None, str]:
    """Wait for a sidecar's program: its exit code and what it said."""
    ends = time.monotonic() + seconds
    while True:
        state = client.inspect_container(identity)["State"]
        if state.get("Running") is not True:
            break
        if stop.is_set():
            raise Stopped("stopped")
        if time.monotonic() > ends:
            raise EngineTimeout(
                "a container beside the target does not end", "look at it: docker ps --filter label=workbench.profiler"
            )
        time.sleep(_LOOK_SECONDS)
    return number(state, "ExitCode"), said_by(client, identity, _MOST_SAID).decode("utf-8", "replace")


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith(("[", "#", "0x"))]
    return printable(shorten(lines[-1], 200)) if lines else "it said nothing"
