"""Sizes and limits as people write them."""

import pytest

from workbench.measure.byte_sizes import Limit, parse_limit, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("20MB", 20_000_000),
        ("20 mb", 20_000_000),
        ("20M", 20_000_000),
        ("1KiB", 1024),
        ("1.5GiB", 1_610_612_736),
        (".5k", 500),
        ("7 B", 7),
        (" 1TB ", 10**12),
        ("123456789012345678", 123_456_789_012_345_678),
    ],
)
def test_a_size_is_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert parse_limit(text) == Limit(size_bytes=size)


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "1 XB", "1iB", "1e3", "²", "1.2.3", "nan", "9" * 40, "1MB2"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no size such as 20MB"):
        parse_size(text)


def test_a_limit_may_be_a_share() -> None:
    assert parse_limit("5 %") == Limit(share=0.05)
    assert str(parse_limit("150%")) == "150%"
    assert str(parse_limit("20MB")) == "20.0 MB"
    with pytest.raises(ValueError, match="no size"):
        parse_limit("%")
