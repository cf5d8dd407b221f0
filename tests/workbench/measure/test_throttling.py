"""Why a GPU is held back: bits in words, and the one word where there is room for one."""

import pytest

from workbench.measure.throttling import gravest, severity, throttle_reasons


def test_every_bit_of_the_driver_s_header_has_words_of_its_own_but_idling() -> None:
    words = [throttle_reasons(1 << bit) for bit in range(1, 11)]
    assert all(len(each) == 1 for each in words)
    assert len(set(words)) == 10
    assert throttle_reasons(0x1) == throttle_reasons(0) == throttle_reasons(1 << 40) == ()


def test_the_gravest_stands_first() -> None:
    assert throttle_reasons(0x7FF & ~0x8) == throttle_reasons(0x7FF)
    assert [severity(reason) for reason in throttle_reasons(0x7FF)] == ["act"] * 3 + ["watch"] * 3 + ["note"] * 3


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ((), None),
        (("application clocks", "sync boost"), None),
        (("application clocks", "power cap"), ("power-capped", "watch")),
        (("power cap", "too hot (software)"), ("too hot", "act")),
        (("hardware slowdown",), ("slowed down", "act")),
        (("a word of a newer workbench",), ("a word of a newer workbench", "watch")),
    ],
)
def test_one_word(reasons: tuple[str, ...], told: tuple[str, str] | None) -> None:
    assert gravest(reasons) == told
