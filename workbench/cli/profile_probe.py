"""What the probe found, as text and as JSON: facts of the target, and each profiler's ways in."""

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.model.probe import ProcessFacts, Route, TargetFacts

_CAPABILITIES = {0: "CHOWN", 1: "DAC_OVERRIDE", 5: "KILL", 19: "SYS_PTRACE", 21: "SYS_ADMIN"}
_SCOPES = {
    0: "0: processes of one user may look into each other",
    1: "1: only a parent may look into a process",
    2: "2: only an administrator may look into a process",
    3: "3: nobody may look into a process",
}


def document(facts: "TargetFacts", routes: "Mapping[str, Sequence[Route]]") -> dict[str, object]:
    """All of it as JSON, schema 1."""
    ways = {
        name: [
            {"route": one.name, "open": one.is_open, "price": one.price, "risk": one.risk, "closed": one.closed}
            for one in ways
        ]
        for name, ways in routes.items()
    }
    return {"schema": 1, "facts": asdict(facts), "routes": ways}


def lines(facts: "TargetFacts", routes: "Mapping[str, Sequence[Route]]") -> list[str]:
    """All of it as text."""
    told = [f"{facts.name}  {facts.image}  {facts.state}" if facts.image else f"{facts.name}  process {facts.id}"]
    told += [f"  {line}" for line in _about(facts)]
    told += ["", "processes"]
    told += [f"  {_process(one)}" for one in facts.processes] or ["  none"]
    told += [f"  and {facts.left_out} more"] if facts.left_out else []
    for name, ways in routes.items():
        told += ["", name]
        for way in ways:
            told.append(f"  {'open' if way.is_open else 'closed':<7}{way.name:<12}{way.closed or way.price}")
            if way.risk and way.is_open:
                told.append(f"  {'':<19}asks first: {way.risk}")
    return told


def _about(facts: "TargetFacts") -> list[str]:
    told = []
    if facts.kind == "container":
        told.append(f"engine: {'this machine' if facts.engine_local else 'another machine'}")
        told.append(f"user: {facts.user or 'root'}")
        told.append(f"root file system: {'read-only' if facts.read_only_root else 'writable'}")
    if facts.temporary:
        told.append(f"in memory: {', '.join(facts.temporary)}")
    if facts.privileged:
        told.append("privileged")
    if not facts.own_processes:
        told.append("shares process ids with others")
    if facts.machine:
        told.append(f"machine: {facts.machine}")
    scope = facts.ptrace_scope
    told.append(f"ptrace scope: {'none in this kernel' if scope is None else _SCOPES.get(scope, scope)}")
    return [*told, *facts.notes]


def _process(one: "ProcessFacts") -> str:
    words = [f"{one.pid:>6}", f"parent {one.parent_pid}"]
    if one.python:
        words.append(f"Python {one.python}")
    if one.libc:
        words.append(f"{one.libc} {one.libc_version}".strip())
    words += [word for word in (one.architecture, one.abi) if word]
    if one.user_id is not None:
        words.append(f"uid {one.user_id}")
    if one.capabilities is not None:
        words.append(_capabilities(one.capabilities))
    if one.threads is not None:
        words.append(f"{one.threads} thread{'s' * (one.threads != 1)}")
    if one.no_new_privileges:
        words.append("no new privileges")
    return "  ".join((*words, one.command or one.name))


def _capabilities(mask: int) -> str:
    if not mask:
        return "no capabilities"
    named = [name for bit, name in _CAPABILITIES.items() if mask >> bit & 1]
    return f"{mask.bit_count()} capabilities ({', '.join(named)})" if named else f"{mask.bit_count()} capabilities"
