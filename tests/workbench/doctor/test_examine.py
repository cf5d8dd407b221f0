"""What every examination keeps to, and that none can spoil the others'."""

import time
from pathlib import Path
from threading import Event

import pytest

from workbench import doctor
from workbench.doctor.check import Check, EngineFacts, Surroundings
from workbench.errors import EngineUnreachable
from workbench.measure.text import printable
from workbench.model.doctor import Examined, Finding


def no_engine(_: Surroundings) -> EngineFacts:
    raise EngineUnreachable("there is no engine at /x", "start it")


@pytest.fixture
def bare(tmp_path: Path) -> Surroundings:
    """A machine with nothing on it."""
    return Surroundings(
        environ={"HOME": str(tmp_path), "PATH": ""},
        root=tmp_path,
        store_file=lambda: tmp_path / "data" / "runs.db",
        ask_engine=no_engine,
    )


def every() -> list[Check]:
    return list(doctor.checks())


def test_every_module_is_found_and_named_once() -> None:
    found = doctor.checks()
    assert len(found) == len(doctor.names())
    assert len({check.name for check in found}) == len(found)
    assert {"engine", "storage", "buildx", "cgroups", "pressure", "py-spy", "ptrace"} <= {c.name for c in found}
    assert {"memray", "line_profiler", "gpu", "load-tools", "terminal", "python", "store"} <= {c.name for c in found}


def test_only_the_engine_is_essential_and_it_is_told_first() -> None:
    assert [check.name for check in doctor.checks() if check.essential] == ["engine"]
    assert doctor.checks()[0].essential


@pytest.mark.parametrize("check", every(), ids=lambda check: check.name)
def test_a_thing_answers_on_a_bare_machine(check: Check, bare: Surroundings) -> None:
    finding = check.examine(bare)
    assert finding.status in {"fine", "missing", "broken"}
    assert finding.detail
    assert not finding.detail.endswith(".")
    assert finding.detail == printable(finding.detail)
    assert finding.fix or finding.status != "broken", "what is broken says what mends it"
    assert len(check.title) <= 16
    assert check.name == check.name.lower()
    assert " " not in check.name


@pytest.mark.parametrize("check", every(), ids=lambda check: check.name)
def test_a_thing_answers_on_this_machine(check: Check, tmp_path: Path) -> None:
    finding = check.examine(Surroundings(store_file=lambda: tmp_path / "data" / "runs.db", ask_engine=no_engine))
    assert finding.status in {"fine", "missing", "broken"}


def test_what_crashes_is_a_finding_of_its_own() -> None:
    def crash(_: Surroundings) -> Finding:
        raise ZeroDivisionError("oh")

    told = doctor.examine(Surroundings(), [Check("bad", "bad", crash), fine("good")])
    assert told[0].status == "broken"
    assert "ZeroDivisionError: oh" in told[0].detail
    assert told[1] == Examined("good", "good", "fine", "there", "", False)


def test_what_hangs_is_a_finding_and_is_not_waited_for() -> None:
    release = Event()

    def hang(_: Surroundings) -> Finding:
        release.wait()
        return Finding("fine", "at last")

    told = doctor.examine(Surroundings(), [Check("slow", "slow", hang, essential=True), fine("good")], patience=0.2)
    assert told[0].status == "broken"
    assert "no answer" in told[0].detail
    assert told[0].essential
    assert told[1].status == "fine"
    release.set()


def test_things_are_examined_at_the_same_time() -> None:
    both = [Event(), Event()]

    def meet(mine: int) -> Check:
        def look(_: Surroundings) -> Finding:
            both[mine].set()
            return Finding("fine" if both[1 - mine].wait(60) else "broken", "met")

        return Check(f"c{mine}", "c", look)

    assert [each.status for each in doctor.examine(Surroundings(), [meet(0), meet(1)])] == ["fine", "fine"]


def test_the_engine_is_asked_once_for_everybody() -> None:
    asked = []

    def ask(_: Surroundings) -> EngineFacts:
        asked.append(time.monotonic())
        raise EngineUnreachable("no", "")

    doctor.examine(Surroundings(ask_engine=ask), [check for check in every() if check.name in {"engine", "storage"}])
    assert len(asked) == 1


def fine(name: str) -> Check:
    return Check(name, name, lambda _: Finding("fine", "there"))
