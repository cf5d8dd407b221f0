import pytest

from workbench.measure.instants import is_never, unix_nanoseconds


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-20T16:55:51.023150662Z", 1_795_193_751_023_150_662),
        ("2026-11-20T16:55:52.0282925Z", 1_795_193_752_028_292_500),
        ("2026-11-20T18:55:51.5+02:00", 1_795_193_751_500_000_000),
        ("0001-01-01T00:00:00Z", None),
        ("2026-13-20T16:55:51Z", None),
        ("2026-11-20", None),
        ("", None),
        ("٢٠٢٦-11-20T16:55:51Z", None),
    ],
)
def test_times_as_engines_write_them(text: str, nanoseconds: int | None) -> None:
    assert unix_nanoseconds(text) == nanoseconds


def test_what_never_happened() -> None:
    assert is_never("")
    assert is_never("0001-01-01T00:00:00Z")
    assert not is_never("2026-11-20T16:55:51Z")
