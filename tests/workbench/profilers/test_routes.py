"""Ways in for what the probe found: the order, and why one is closed."""

from dataclasses import replace
from threading import Event

import pytest

from workbench.errors import UsageError
from workbench.model.probe import ProcessFacts, TargetFacts
from workbench.profilers.base import Impossible, Wish, choose
from workbench.profilers.py_spy.binary import binary
from workbench.profilers.py_spy.routes import root_pid, routes
from workbench.profiling import READ_ONLY, Profiling
from workbench.settings import Settings

PYTHON = ProcessFacts(pid=7, host_pid=700, parent_pid=1, python="3.11", user_id=0, architecture=binary().architecture)
SHELL = ProcessFacts(pid=1, host_pid=699, command="sh -c")
FACTS = TargetFacts(kind="container", id="c" * 64, name="api", processes=(SHELL, PYTHON))


def names(facts: TargetFacts, wish: Wish) -> list[str]:
    return [route.name for route in routes(facts, wish) if route.is_open]


def test_the_sidecar_comes_first() -> None:
    assert names(FACTS, Wish()) == ["sidecar", "exec", "host"]
    assert root_pid(FACTS, Wish()) == 1, "with its children"
    assert root_pid(FACTS, Wish(subprocesses=False)) == 7
    assert root_pid(FACTS, Wish(pid=7)) == 7


def test_inside_comes_first_where_only_it_tells() -> None:
    old = replace(FACTS, processes=(SHELL, replace(PYTHON, python="3.10")))
    assert names(old, Wish())[0] == "exec"
    assert names(old, Wish(idle=True))[0] == "sidecar"
    assert names(FACTS, Wish(native=True)) == ["exec", "sidecar"]


@pytest.mark.parametrize(
    ("change", "wish", "closed"),
    [
        ({"paused": True, "state": "paused"}, Wish(), "api is paused, and nothing of it runs"),
        ({"state": "exited", "processes": ()}, Wish(), "api is not running"),
        ({"processes": (SHELL,)}, Wish(), "there is no Python process in api"),
        ({"ptrace_scope": 3}, Wish(), "the kernel lets no process look into another (ptrace_scope 3)"),
        ({"ptrace_scope": 1}, Wish(route="exec"), "the kernel lets only a parent look into a process (ptrace_scope 1)"),
        ({"engine_local": False}, Wish(route="host"), "the engine runs on another machine"),
        ({"own_user": 1000}, Wish(route="host"), "only root may look into a container's processes from this machine's"),
        (
            {"processes": (replace(PYTHON, architecture="riscv64"),)},
            Wish(),
            f"api runs on riscv64, and the installed py-spy is for {binary().architecture}",
        ),
    ],
)
def test_closed_routes_say_why(change: dict[str, object], wish: Wish, closed: str) -> None:
    facts = replace(FACTS, **change)  # type: ignore[arg-type]  # one dictionary for fields of several types
    with pytest.raises(Impossible) as told:
        choose(routes(facts, wish), wish, facts)
    assert told.value.reason.startswith(closed)
    assert told.value.hint
    assert told.value.exit_code == 3


def test_a_dump_of_a_paused_target_is_open_beside_it() -> None:
    paused = replace(FACTS, paused=True, state="paused")
    found = {route.name: route.is_open for route in routes(paused, Wish(), for_one_look=True)}
    assert found == {"sidecar": True, "exec": False, "host": False}


def test_a_process_that_is_no_python_is_a_slip_but_what_it_started_may_be_one() -> None:
    facts = replace(FACTS, processes=(SHELL, PYTHON, ProcessFacts(pid=9, parent_pid=1, name="sleep")))
    with pytest.raises(UsageError, match="process 9 of api is no Python") as told:
        routes(facts, Wish(pid=9))
    assert told.value.hint == "its Python processes: 7"
    assert routes(facts, Wish(pid=1))[0].is_open


def test_a_read_only_workbench_takes_only_ways_that_make_nothing() -> None:
    profiling = Profiling(Settings(read_only=True))
    facts = replace(FACTS, seen_from="here", own_user=0)
    found = profiling.routes(facts, Wish())
    assert [way.name for way in found["py-spy"] if way.is_open] == ["host"]
    assert [way.closed for way in found["imports"]] == [READ_ONLY]
    for name in ("imports", "cprofile"):
        with pytest.raises(Impossible, match="makes nothing in the engine") as told:
            profiling.run(name, facts, Wish(), lambda _: None, Event())
        assert "--read-only" in told.value.hint
    with pytest.raises(Impossible, match="makes nothing in the engine"):
        profiling.run("py-spy", facts, Wish(route="sidecar"), lambda _: None, Event())


def test_a_process_that_is_not_there_is_a_slip() -> None:
    with pytest.raises(UsageError, match="api has no process 99"):
        routes(FACTS, Wish(pid=99))
