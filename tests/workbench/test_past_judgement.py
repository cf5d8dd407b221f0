"""What would have been said at a moment that has passed: on what was read up to then, and on nothing since."""

from dataclasses import replace

from tests.workbench.history.test_history import Clock, container, fleet, history, told
from workbench.model.containers import Container, Pressure
from workbench.model.events import EngineEvent
from workbench.past_judgement import judge_at


def throttled(percent: float) -> Container:
    known = container(1, 50.0)
    assert known.usage is not None
    usage = replace(known.usage, throttled_percent=percent, pressure=Pressure(cpu_some=percent, io_some=0.0))
    return replace(known, usage=usage)


def test_the_verdict_is_that_of_the_moment() -> None:
    clock = Clock()
    kept = history(clock)
    for _ in range(40):
        slow = told(kept, clock, fleet(throttled(90.0)))
    for _ in range(40):
        fine = told(kept, clock, fleet(throttled(0.0)))
    key = throttled(0.0).id
    then = judge_at(kept, lambda *_: None, slow, key)
    assert then.verdicts(key)[0].rule == "cpu-quota"
    assert then.top()[key].rule == "cpu-quota"
    now = judge_at(kept, lambda *_: None, fine, key)
    assert all(verdict.rule != "cpu-quota" for verdict in now.verdicts(key))


def test_what_happened_later_is_not_known_yet() -> None:
    clock = Clock()
    kept = history(clock)
    for _ in range(20):
        before = told(kept, clock, fleet(throttled(0.0)))
    killed = EngineEvent(clock.unix() + 1, "oom", throttled(0.0).id, "c1")
    for _ in range(20):
        after = told(kept, clock, replace(fleet(throttled(0.0)), events=(killed,)))
    key = throttled(0.0).id

    def rules(moment: float) -> set[str]:
        return {verdict.rule for verdict in judge_at(kept, lambda *_: None, moment, key).verdicts(key)}

    assert "oom-killed" not in rules(before)
    assert "oom-killed" in rules(after)


def test_a_moment_of_which_nothing_is_kept_has_no_verdicts() -> None:
    clock = Clock()
    kept = history(clock)
    at = told(kept, clock, fleet(throttled(90.0)))
    assert judge_at(kept, lambda *_: None, at - 5000, None).top() == {}
