"""py-spy's ways in, best first for what is wanted, each with its price and why it is closed."""

from workbench.errors import UsageError, WorkbenchError
from workbench.model.probe import ProcessFacts, Route, TargetFacts
from workbench.profilers.base import Wish
from workbench.profilers.py_spy.binary import binary

NEEDS = "a running Python 3.3 to 3.15 on the same architecture, and leave to look into it"
IDLE_COUNTS = "idle threads count as busy"
_STOPS = "pauses the process for each look"
_OLD = 10
"""Up to Python 3.10 a thread does not tell its system id: whoever looks from outside takes all threads for busy."""


def routes(facts: TargetFacts, wish: Wish, *, for_one_look: bool = False) -> tuple[Route, ...]:
    """The ways in to a target.

    Args:
        facts: What the probe found.
        wish: What is to be recorded.
        for_one_look: Whether a dump is wanted, which a paused process allows from beside it.
    """
    pauses = _STOPS if wish.native or for_one_look else "reads it as it runs"
    if facts.kind == "process":
        blurred = "" if facts.own_processes else f"; {IDLE_COUNTS}, for it is in a container"
        return (Route("local", pauses + blurred, _closed_local(facts)),)
    everywhere = _closed_everywhere(facts)
    process = observed(facts, wish)
    minor = process.minor if process else None
    is_old = minor is not None and minor <= _OLD
    closed = _closed_sidecar(facts) if for_one_look and everywhere == _paused(facts) else everywhere
    sidecar = Route("sidecar", _sidecar_price(wish, pauses, is_old=is_old), closed or _closed_sidecar(facts))
    stops = is_old and not wish.idle and not for_one_look
    inside = Route(
        "exec",
        "runs inside the container, on its CPU and memory limits; nothing is written there"
        f"; it {_STOPS if stops else pauses}",
        everywhere or _closed_inside(facts, process),
    )
    host = Route(
        "host",
        f"from this machine's side: {IDLE_COUNTS}, and native frames cannot be told",
        everywhere or _closed_host(facts, wish),
    )
    prefers_inside = wish.native or (is_old and not wish.idle)
    return (inside, sidecar, host) if prefers_inside else (sidecar, inside, host)


def observed(facts: TargetFacts, wish: Wish) -> ProcessFacts | None:
    """The process whose stacks are sampled, with its children where that is wished.

    Without a wish it is the target's first process, which need not be a Python when its children are looked at too.

    Raises:
        UsageError: when the wished process is not there.
    """
    if wish.pid is not None:
        process = facts.process(wish.pid)
        if process is None and facts.processes:
            raise UsageError(f"{facts.name} has no process {wish.pid}", _known(facts))
        if process is not None and not facts.pythons_below(process.pid):
            raise UsageError(f"process {wish.pid} of {facts.name} is no Python", _known(facts))
        return process
    candidates = facts.pythons
    first = facts.processes[0] if facts.processes else None
    if first in candidates or not candidates:
        return first if first in candidates else None
    return candidates[0]


def _known(facts: TargetFacts) -> str:
    return f"its Python processes: {', '.join(str(one.pid) for one in facts.pythons[:10]) or 'none'}"


def stops_for_each_sample(route: Route, process: ProcessFacts | None, wish: Wish) -> bool:
    """Whether the process must be stopped for each sample.

    Native stacks cannot be had without, nor which threads of an old Python are idle. All else is better read as it
    runs: a thread that is stopped again and again looks busy on a loaded machine, and the process loses time.
    """
    minor = process.minor if process else None
    tells_idle = route.name in {"exec", "local"} and not wish.idle
    return wish.native or (tells_idle and minor is not None and minor <= _OLD)


def root_pid(facts: TargetFacts, wish: Wish) -> int:
    """The id that py-spy is given."""
    if wish.pid is not None:
        return wish.pid
    process = observed(facts, wish)
    if wish.subprocesses and facts.processes and facts.own_processes:
        return facts.processes[0].pid
    return process.pid if process else 1


def traced_here(facts: TargetFacts, pid: int, wish: Wish) -> tuple[int, ...]:
    """The Pythons that py-spy stops when it is given a process, as this machine has them; none where it does not."""
    found = facts.pythons_below(pid) if wish.subprocesses else [facts.process(pid)]
    return tuple(one.host_pid for one in found if one is not None and one.host_pid is not None)


def _closed_everywhere(facts: TargetFacts) -> str:
    if facts.state not in {"running", "paused", "restarting"} and not facts.paused:
        return f"{facts.name} is not running"
    if facts.processes and not facts.pythons:
        return f"there is no Python process in {facts.name}"
    if facts.ptrace_scope == 3:
        return "the kernel lets no process look into another (ptrace_scope 3)"
    try:
        ours = binary()
    except WorkbenchError as error:
        return error.reason
    theirs = next((one.architecture for one in facts.pythons if one.architecture), facts.machine)
    if theirs and ours.architecture and theirs != ours.architecture:
        return f"{facts.name} runs on {theirs}, and the installed py-spy is for {ours.architecture}"
    return _paused(facts)


def _paused(facts: TargetFacts) -> str:
    return f"{facts.name} is paused, and nothing of it runs" if facts.paused else ""


def _closed_sidecar(facts: TargetFacts) -> str:
    if facts.processes and all(process.pid == 0 for process in facts.processes):
        return "its processes' own ids are not known"
    return ""


def _closed_inside(facts: TargetFacts, process: ProcessFacts | None) -> str:
    if facts.ptrace_scope:
        return f"the kernel lets only a parent look into a process (ptrace_scope {facts.ptrace_scope})"
    if facts.seen_from == "engine" or process is None or process.user_id is None:
        return "whose processes they are is not known"
    return ""


def _closed_host(facts: TargetFacts, wish: Wish) -> str:
    if not facts.engine_local:
        return "the engine runs on another machine"
    if facts.seen_from != "here":
        return "its processes are not to be seen from here"
    if facts.own_user != 0:
        return "only root may look into a container's processes from this machine's side"
    return "native frames cannot be told from this machine's side" if wish.native else ""


def _closed_local(facts: TargetFacts) -> str:
    if closed := _closed_everywhere(facts):
        return closed
    first = facts.processes[0] if facts.processes else None
    if first is None:
        return f"there is no process {facts.id}"
    if facts.own_user != 0:
        if first.user_id != facts.own_user:
            return f"process {facts.id} is another user's, and only root may look into it"
        if facts.ptrace_scope:
            return f"the kernel lets only a parent or root look into a process (ptrace_scope {facts.ptrace_scope})"
    return ""


def _sidecar_price(wish: Wish, pauses: str, *, is_old: bool) -> str:
    price = f"a container beside it that may only look (SYS_PTRACE, no network); it {pauses}"
    if wish.native:
        price += "; native frames without names"
    if is_old and not wish.idle:
        price += f"; on Python 3.10 and older {IDLE_COUNTS}"
    return price
