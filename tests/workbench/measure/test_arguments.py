import pytest

from workbench.measure.arguments import LONGEST, masked_arguments, masked_text, masked_value
from workbench.measure.secrets import MASK


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["run", "--password", "hunter2", "now"], ("run", "--password", MASK, "now")),
        (["run", "--password=hunter2"], ("run", f"--password={MASK}")),
        (["sh", "-c", "API_TOKEN=hunter2 run"], ("sh", "-c", f"API_TOKEN={MASK} run")),
        (["run", "--password", "--verbose", "x"], ("run", "--password", "--verbose", "x")),
        (["run", "--verbose", "x"], ("run", "--verbose", "x")),
        ([], ()),
    ],
)
def test_secrets_leave_command_lines(arguments: list[str], shown: tuple[str, ...]) -> None:
    assert masked_arguments(arguments) == shown


def test_text_is_bounded() -> None:
    assert len(masked_text("word " * LONGEST)) == LONGEST
    assert len(masked_value("PATH", "/bin:" * LONGEST)) == LONGEST


def test_a_secret_is_not_cut_in_two() -> None:
    url = "https://me:hunter2@example.org"
    for length in range(LONGEST - len(url), LONGEST):
        assert "hun" not in masked_text("a" * (length - 1) + " " + url)


def test_values_are_masked_by_name() -> None:
    assert masked_value("API_TOKEN", "hunter2") == MASK
    assert masked_value("MODE", "fast") == "fast"
