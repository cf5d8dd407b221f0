"""What every rule has, on recorded and constructed situations; a new one is tested here the day it exists."""

import inspect
import pkgutil
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.workbench.verdicts.goldens import files, read, rule_of
from tests.workbench.verdicts.situations import CONSTRUCTED, container
from workbench.model.containers import ContainerUsage, Pressure
from workbench.model.verdicts import RuleName, Situation
from workbench.verdicts import judge, load, names, rules
from workbench.verdicts.window import Window
from workbench.verdicts.words import LONGEST_WORD

GOLDENS = files()
REAL = {"cpu-quota", "cpu-contention", "memory-thrash", "oom-killed", "disk-wait", "single-thread", "idle"}
"""What a container of this machine can be made to suffer from."""
NASTY = "x'; rm -rf / #\x1b]0;own\x07\n[red]"


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{rule_of(file)}"


def test_every_name_has_its_rule_and_every_rule_its_name() -> None:
    assert sorted(load(name).name for name in names()) == sorted(get_args(RuleName))
    assert list(names()) == sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
    for name in names():
        assert load(name).name == name.replace("_", "-")


@pytest.mark.parametrize("name", names())
def test_a_rule_tells_what_it_looks_for_and_where_its_thresholds_come_from(name: str) -> None:
    rule = load(name)
    assert rule.title
    assert len(inspect.getdoc(rule.look) or "") > 40
    module = inspect.getmodule(rule.look)
    assert module is not None
    source = inspect.getsource(module)
    for constant in re.findall(r"^([A-Z][A-Z_]+) = [\d.]", source, re.MULTILINE):
        assert re.search(rf'^{constant} = .*\n"""', source, re.MULTILINE), f"{constant} does not say why"


@pytest.mark.parametrize("file", GOLDENS, ids=name_of)
def test_the_rule_of_a_golden_speaks_first(file: Path) -> None:
    said = judge(read(file))
    assert said[0].rule == rule_of(file), [f"{each.rule} {each.severity}: {each.message}" for each in said]


def test_every_rule_has_a_golden_and_one_on_which_it_is_silent() -> None:
    assert {rule_of(file) for file in GOLDENS} == set(get_args(RuleName))
    said = {file: {each.rule for each in judge(read(file))} for file in GOLDENS}
    for rule in get_args(RuleName):
        assert any(rule not in spoken for spoken in said.values())


@pytest.mark.parametrize("file", GOLDENS, ids=name_of)
def test_what_is_said_is_complete(file: Path) -> None:
    for verdict in judge(read(file)):
        assert 0 < len(verdict.word) <= LONGEST_WORD
        assert verdict.message
        assert not verdict.message.endswith(".")
        assert re.search(r"\d", verdict.message)
        assert verdict.evidence
        assert any(re.search(r"\d", line) for line in verdict.evidence) or verdict.rule == "insufficient-data"
        assert verdict.next_step
        assert "\n" not in "".join((verdict.word, verdict.message, verdict.next_step, *verdict.evidence))
        if verdict.severity == "act":
            assert any("threshold" in line for line in verdict.evidence), verdict
        for command in re.findall(r"(?:docker|workbench|nvidia-smi) [^;…]*", verdict.next_step):
            shlex.split(command)


@pytest.mark.parametrize("file", GOLDENS, ids=name_of)
def test_the_most_severe_comes_first_then_the_surest(file: Path) -> None:
    said = judge(read(file))
    order = [
        (
            ("act", "watch", "fine", "unknown").index(each.severity),
            ("high", "medium", "low").index(each.confidence),
            -each.size,
        )
        for each in said
    ]
    assert order == sorted(order)


def without_one_thing(situation: Situation) -> Iterator[Situation]:
    """The situation with one thing not measured, for each thing that may be."""
    yield replace(situation, usages=(), seconds=0.0)
    yield replace(situation, host=None, detail=None, neighbours=(), focus=(), gpus=(), events=())
    yield replace(situation, cpus=0)
    yield replace(situation, host=None)
    yield replace(situation, detail=None)
    yield replace(situation, focus=())
    yield replace(situation, gpus=())
    for field in fields(ContainerUsage):
        if field.name != "interval_seconds":
            nothing: dict[str, Any] = {field.name: None}
            usages = tuple(replace(each, **nothing) for each in situation.usages)
            yield replace(situation, usages=usages, container=replace(situation.container, cpu_limit_cores=None))
    for field in fields(Pressure):
        yield replace(
            situation,
            usages=tuple(
                replace(each, pressure=each.pressure and replace(each.pressure, **{field.name: None}))
                for each in situation.usages
            ),
        )
    for each in ("created", "running", "paused", "restarting", "exited", "dead", "unknown"):
        yield replace(situation, container=replace(situation.container, state=each))
    yield replace(
        situation,
        focus=tuple(emptied(each, keep={"container_id"}) for each in situation.focus),
        gpus=tuple(replace(each, devices=tuple(map(emptied, each.devices))) for each in situation.gpus),
    )


def emptied(thing: Any, keep: frozenset[str] | set[str] = frozenset()) -> Any:
    """A dataclass whose optional fields are not measured, at every depth."""
    told: dict[str, Any] = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if isinstance(value, tuple):
            told[field.name] = tuple(emptied(each, keep) if is_dataclass(each) else each for each in value)
        elif "None" in str(field.type) and field.name not in keep:
            told[field.name] = None
    return replace(thing, **told)


@pytest.mark.parametrize("name", names())
def test_a_rule_never_raises_for_what_is_missing(name: str) -> None:
    rule = load(name)
    for situation in CONSTRUCTED.values():
        for poorer in without_one_thing(situation):
            rule.look(Window(poorer))


@pytest.mark.parametrize("rule", [rule for rule in CONSTRUCTED if rule not in {"oom-killed", "insufficient-data"}])
def test_two_seconds_make_nobody_sure_of_a_rate(rule: str) -> None:
    long = CONSTRUCTED[rule]
    (sure,) = (each for each in judge(long) if each.rule == rule)
    said = judge(replace(long, usages=long.usages[:2], seconds=2.0))
    levels = {"memory-near-limit", "gpu-lost", "shm-full", "workers-above-quota"}
    for each in said:
        if each.rule == rule:
            assert each.confidence == (sure.confidence if rule in levels else "low")
    if rule in {"idle", "look-downstream", "gpu-unused"}:
        assert rule not in {each.rule for each in said}


def test_something_is_always_said() -> None:
    for situation in CONSTRUCTED.values():
        for poorer in without_one_thing(situation):
            assert judge(poorer)


def test_hostile_names_become_no_shell_and_no_control() -> None:
    for situation in CONSTRUCTED.values():
        hostile = replace(
            situation,
            container=replace(situation.container, name=NASTY, status=NASTY),
            neighbours=(container(NASTY, "beef" * 16, usage=situation.container.usage),),
        )
        for verdict in judge(hostile):
            for text in (verdict.word, verdict.message, verdict.next_step, *verdict.evidence):
                assert "\x1b" not in text
                assert "\n" not in text
            assert "rm -rf" not in verdict.next_step
