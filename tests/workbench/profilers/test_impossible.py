"""Every profiler, of every target that it cannot look into: one sentence of cause, one of what works, exit code 3."""

from dataclasses import replace
from typing import Any

import pytest

from workbench.model.probe import ProcessFacts, TargetFacts
from workbench.profilers import kinds
from workbench.profilers.base import Impossible, Wish, choose
from workbench.profilers.py_spy.binary import binary

PYTHON = ProcessFacts(pid=1, host_pid=700, python="3.11", user_id=0, architecture=binary().architecture)
FACTS = TargetFacts(kind="container", id="c" * 64, name="api", processes=(PYTHON,))
TARGETS: dict[str, dict[str, Any]] = {
    "no Python": {"processes": (ProcessFacts(pid=1, command="sleep 1000"),)},
    "another architecture": {"processes": (replace(PYTHON, architecture="riscv64"),)},
    "nobody may look": {"ptrace_scope": 3},
    "paused": {"paused": True, "state": "paused"},
    "ended": {"state": "exited", "processes": ()},
    "another user's process": {"kind": "process", "own_user": 1000},
    "a process that only a parent may look into": {
        "kind": "process", "own_user": 1000, "ptrace_scope": 1, "processes": (replace(PYTHON, user_id=1000),),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", kinds.names())
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_closed_says_why_and_what_works(name: str, target: str) -> None:
    facts, wish = replace(FACTS, **TARGETS[target]), Wish()
    routes = kinds.load(name).routes(facts, wish)
    assert routes
    if any(route.is_open for route in routes):
        assert all(route.price for route in routes)
        return
    with pytest.raises(Impossible) as told:
        choose(routes, wish, facts)
    for sentence in (told.value.reason, told.value.hint):
        assert sentence
        assert not sentence.endswith(".")
        assert "\n" not in sentence
    assert told.value.exit_code == 3


def test_where_py_spy_is_shut_out_a_fresh_run_is_not() -> None:
    """But for a process, which is in no container, there is something for every target that has a Python."""
    for target, change in TARGETS.items():
        facts = replace(FACTS, **change)
        routes = {name: kinds.load(name).routes(facts, Wish()) for name in ("py-spy", "cprofile", "imports")}
        is_open = {name: any(route.is_open for route in found) for name, found in routes.items()}
        assert not is_open["py-spy"], target
        assert is_open["cprofile"] == is_open["imports"] == (facts.kind == "container"), target
