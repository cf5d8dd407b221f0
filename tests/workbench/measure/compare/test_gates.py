"""Gates: what is asked for fails, and nothing else."""

import pytest

from workbench.measure.compare.gates import judge_gate, parse_gate
from workbench.measure.compare.judged import judged
from workbench.model.comparison import Matters, Measured

SLOWER = (31.0, 31.2, 30.8, 31.1, 30.9), (44.0, 44.2, 43.9, 44.1, 44.3)
ROWS = judged(
    [
        Measured("size", "image size", "B", -1, "exact", (100e6,), (108e6,)),
        Measured("latency_p99", "latency p99", "ms", -1, "statistics", SLOWER[0], SLOWER[1]),
        Measured("throttled", "throttled", "%", -1, "exact", (0.0,), (31.0,), Matters(0.0, 1.0)),
        Measured("ready", "time to ready", "s", -1, "statistics", (1.0, 9.0, 3.0, 2.0, 7.0), (2.0, 9.5, 8.0, 3.0, 9.0)),
        Measured("errors", "errors", "", -1, "exact", (0.0,), (3.0,)),
        Measured("gone", "gone", "B", -1, "exact", (5.0,), ()),
    ]
)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("size>+5MB", "fail"),
        ("size>+10MB", "pass"),
        ("size>+5%", "fail"),
        ("size > 8%", "pass"),
        ("size>100MB", "fail"),
        ("size>110MB", "pass"),
        ("size<-5%", "pass"),
        ("size<120MB", "fail"),
        ("image size>+5MB", "fail"),
        ("p99>+10%", "fail"),
        ("latency-p99>+50%", "pass"),
        ("p99>40ms", "fail"),
        ("p99>0.05s", "pass"),
        ("p99>+10ms", "fail"),
        ("throttled>+10%", "fail"),
        ("throttled>+40%", "pass"),
        ("ready>+10%", "unknown"),
        ("ready>1min", "pass"),
        ("errors>+50%", "fail"),
        ("errors>2", "fail"),
        ("gone>+1", "unknown"),
    ],
)
def test_gates(text: str, status: str) -> None:
    assert judge_gate(parse_gate(text), ROWS).status == status


NONE = ("", "size", "size>", "size>=5", ">5", "size>5 apples", "size>5%>6", "size>" + "9" * 40)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_gate(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no gate|is measured in"):
        judge_gate(parse_gate(text), ROWS)


def test_an_unknown_figure_or_unit_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="there are size, latency_p99"):
        judge_gate(parse_gate("speed>+5%"), ROWS)
    with pytest.raises(ValueError, match="measured in B, not in ms"):
        judge_gate(parse_gate("size>5ms"), ROWS)
