"""Figures as people read them, at the edges where rounding carries over."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.units import NOT_MEASURED, bar, duration, percent, quantity

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e17, max_value=1e17)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0, "0 B"),
        (-0.0, "0 B"),
        (0.4, "0 B"),
        (-0.4, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (999.4, "999 B"),
        (999.5, "1.00 kB"),
        (1000, "1.00 kB"),
        (9994, "9.99 kB"),
        (9995, "10.0 kB"),
        (99_940, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_950, "1.00 MB"),
        (1_530_000_000, "1.53 GB"),
        (-1_530_000_000, "−1.53 GB"),
        (9.995e11, "1.00 TB"),
        (2e18, "2000 PB"),
    ],
)
def test_a_quantity_has_three_digits_and_a_prefix(value: float | None, text: str) -> None:
    assert quantity(value, "B") == text


def test_a_quantity_without_a_unit_ends_in_no_blank() -> None:
    assert quantity(12) == "12"
    assert quantity(982_000) == "982 k"


@given(FINITE)
def test_a_quantity_is_right_to_half_of_its_last_digit(value: float) -> None:
    text = quantity(value, "B")
    digits, _, unit = text.replace("−", "-").partition(" ")
    read = float(digits) * 1000 ** ("", "k", "M", "G", "T", "P").index(unit[:-1])
    assert abs(read - value) <= max(0.5, abs(value) * 0.00501)
    assert len(digits.lstrip("-").replace(".", "")) <= 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (-math.inf, "–"),
        (0, "0%"),
        (-0.0, "0%"),
        (0.01, "<0.1%"),
        (-0.01, "<0.1%"),
        (0.05, "0.1%"),
        (0.4, "0.4%"),
        (9.94, "9.9%"),
        (9.95, "10%"),
        (61.2, "61%"),
        (-3.21, "−3.2%"),
        (1600, "1600%"),
    ],
)
def test_a_percentage_has_a_decimal_below_ten(value: float | None, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (4, "4 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (11_520, "3 h 12 min"),
        (86_399, "23 h 59 min"),
        (86_399.9, "1 d 0 h"),
        (442_800, "5 d 3 h"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("share", "width", "text"),
    [
        (None, 4, "    "),
        (math.nan, 4, "    "),
        (0.0, 4, "▁▁▁▁"),
        (0.001, 4, "▂▁▁▁"),
        (0.5, 4, "▇▇▁▁"),
        (1.0, 4, "▇▇▇▇"),
        (7.0, 4, "▇▇▇▇"),
        (-1.0, 4, "▁▁▁▁"),
        (0.001, 1, "▂"),
        (0.001, 0, ""),
        (0.9, -3, ""),
    ],
)
def test_a_bar_is_as_long_as_its_share(share: float | None, width: int, text: str) -> None:
    assert bar(share, width) == text


@given(st.none() | st.floats(), st.integers(0, 300))
def test_a_bar_is_always_as_wide_as_its_scale(share: float | None, width: int) -> None:
    assert len(bar(share, width)) == width


@given(st.floats())
def test_no_number_is_refused(value: float) -> None:
    for shown in (quantity(value), percent(value), duration(value)):
        assert (shown == NOT_MEASURED) == (not math.isfinite(value))
