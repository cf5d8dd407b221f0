"""The ways into an interpreter that runs, best first, each with its price, its risk, and why it is closed."""

from workbench.model.probe import ProcessFacts, Route, TargetFacts
from workbench.profilers.attach.gdb_image import why_no_gdb
from workbench.profilers.base import Wish
from workbench.profilers.py_spy.routes import observed

_REMOTE_EXEC = 14
"""`sys.remote_exec` is of Python 3.14, PEP 768."""
_OLDEST = 8
_REMOTE_PRICE = "the interpreter runs our code itself, from a container beside it of its own image; no file is written"
_GDB_PRICE = "gdb in a container beside it stops the process for a moment, to have it run our code; no file is written"
_GDB_RISK = "gdb holds the process for a moment; should this machine or the engine fail just then, the process may die"


def live_routes(facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
    """By its own door, and by gdb; that first where there is no such door.

    Args:
        facts: What the probe found.
        wish: What is to be recorded; its process counts.
    """
    process = None if facts.kind == "process" else observed(facts, wish)
    closed = _closed(facts, process)
    minor = process.minor if process else None
    own = "" if minor is None or minor >= _REMOTE_EXEC else f"it needs Python 3.14 or newer, and this is 3.{minor}"
    by_gdb = why_no_gdb(process.architecture if process else facts.machine)
    remote_exec = Route("remote-exec", _REMOTE_PRICE, closed or own)
    gdb = Route("gdb", _GDB_PRICE, closed or by_gdb, _GDB_RISK)
    return (gdb, remote_exec) if own else (remote_exec, gdb)


def entered(facts: TargetFacts, wish: Wish) -> ProcessFacts:
    """The process that is entered, where a way into it is open."""
    process = observed(facts, wish)
    if process is None:
        raise ValueError("no way is open without a process")
    return process


def _closed(facts: TargetFacts, process: ProcessFacts | None) -> str:
    if facts.kind == "process":
        return "a process of this machine is not entered, only looked at"
    if facts.paused:
        return f"{facts.name} is paused, and nothing of it runs"
    if facts.state not in {"running", "restarting"}:
        return f"{facts.name} is not running"
    if facts.processes and not facts.pythons:
        return f"there is no Python process in {facts.name}"
    if facts.ptrace_scope == 3:
        return "the kernel lets no process look into another (ptrace_scope 3)"
    if process is not None and not process.python:
        return f"process {process.pid} is no Python"
    if process is None or process.user_id is None or process.pid == 0:
        return "its processes are not to be seen"
    if process.minor is None or "pypy" in process.executable.rsplit("/", 1)[-1]:
        return f"process {process.pid} is no CPython that tells its version"
    if process.minor < _OLDEST:
        return f"Python 3.{process.minor} is older than 3.{_OLDEST}"
    return ""
