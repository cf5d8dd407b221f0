"""The rules for CI, at their limits."""

import pytest

from tests.workbench.checks.images import MB, It, gone, image
from workbench.checks import look
from workbench.checks.rules import DiveRules, OwnRules, Status, judge_dive, judge_own, user_wasted_share
from workbench.measure.byte_sizes import Limit
from workbench.model.image_index import BaseSplit

HALF = image({"base": 10 * MB}, {"a": 40 * MB, "b": 10 * MB}, {"a": gone()})
"""60 MB shipped, 20 MB seen, 40 MB hidden; 50 MB above the first layer."""


@pytest.mark.parametrize(
    ("rules", "statuses"),
    [
        (DiveRules(), ("fail", "skip", "fail")),
        (DiveRules(1 / 3, 40 * MB, 0.8), ("pass", "pass", "pass")),
        (DiveRules(1 / 3 + 1e-9, 40 * MB - 1, 0.8 - 1e-9), ("fail", "fail", "fail")),
        (DiveRules(None, None, None), ("skip", "skip", "skip")),
    ],
)
def test_dives_rules_hold_at_their_limit(rules: DiveRules, statuses: tuple[Status, ...]) -> None:
    assert tuple(one.status for one in judge_dive(HALF, rules)) == statuses


def test_an_empty_image_wastes_nothing() -> None:
    assert [one.status for one in judge_dive(image(), DiveRules())] == ["pass", "skip", "pass"]


def test_what_the_base_wasted_is_not_the_users() -> None:
    layers = ({"a": 40 * MB}, {"a": 30 * MB}, {"b": 20 * MB})
    assert user_wasted_share(image(*layers)) == pytest.approx(40 / 50)
    assert user_wasted_share(image(*layers, base=BaseSplit(2, "", "history"))) == 0
    copied = image({"a": It(9 * MB, "x"), "b": It(9 * MB, "x")}, {"c": It(9 * MB, "x"), "d": 9 * MB})
    assert user_wasted_share(copied) == pytest.approx(9 / 18)


def test_own_rules_hold_at_their_limit() -> None:
    findings = look(HALF)
    before = image({"base": 10 * MB})
    at_limit = OwnRules(60 * MB, Limit(share=2 / 3), Limit(size_bytes=50 * MB), {"high": 0, "medium": 1})
    assert [one.status for one in judge_own(HALF, findings, at_limit, before)] == ["pass"] * 5
    below = OwnRules(60 * MB - 1, Limit(size_bytes=40 * MB - 1), Limit(share=4.99), {"medium": 0})
    assert [one.status for one in judge_own(HALF, findings, below, before)] == ["fail"] * 4
    assert [one.status for one in judge_own(HALF, findings, below)] == ["fail", "fail", "skip", "fail"]
    assert judge_own(HALF, findings, OwnRules(), before) == ()


def test_an_image_that_shrank_has_not_grown() -> None:
    (judged,) = judge_own(image({"a": MB}), (), OwnRules(max_growth=Limit(share=0.0)), HALF)
    assert judged.status == "pass"
    (judged,) = judge_own(HALF, (), OwnRules(max_growth=Limit(share=0.5)), image())
    assert judged.status == "fail"
