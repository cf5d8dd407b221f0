"""Secrets in text that comes line by line."""

from workbench.measure.secret_lines import LONGEST_KEY_LINES, SecretLines
from workbench.measure.secrets import MASK


def masked(*lines: str) -> list[str]:
    mask = SecretLines()
    return [mask.mask(line) for line in lines]


def test_a_key_over_many_lines() -> None:
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    shown = masked("before", f"key: {begin}", "MIIEpAIBAAKCAQEA", "c2VjcmV0", f"{end} after", "password=hunter2")
    assert shown == ["before", f"key: {begin}{MASK}", MASK, MASK, f"{MASK}{end} after", f"password={MASK}"]


def test_a_key_on_one_line_hides_nothing_behind_it() -> None:
    line = "-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----"
    assert "abc" not in masked(line)[0]
    assert masked(line, "next")[1] == "next"


def test_one_key_right_after_another() -> None:
    begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    assert masked(begin, "one", f"{end}{begin}", "two", end)[1::2] == [MASK, MASK]


def test_a_beginning_alone_does_not_hide_the_rest_of_a_log() -> None:
    shown = masked("-----BEGIN PRIVATE KEY-----", *["line"] * (LONGEST_KEY_LINES + 1))
    assert shown[-2:] == [MASK, "line"]
