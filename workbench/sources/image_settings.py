"""The settings of an image's configuration that say how its containers are checked, stopped and built upon."""

from collections.abc import Iterator

from workbench.measure.arguments import command_line, masked_arguments, masked_text
from workbench.sources.answers import Answer, number, part, text, texts

_TIMES = (("Interval", "every"), ("Timeout", "timeout"), ("StartPeriod", "start period"))


def has_health_check(config: Answer) -> bool:
    """Whether the configuration has a health check; `NONE` is none."""
    check = texts(part(config, "Healthcheck"), "Test")
    return bool(check) and check[0] != "NONE"


def inherited_settings(config: Answer) -> tuple[tuple[str, str], ...]:
    """Name and value of those that are set, secrets masked.

    Args:
        config: What inspect calls `Config`, and an archive's configuration document `config`.
    """
    told = {
        "health check": ", ".join(_health_check(part(config, "Healthcheck"))),
        "volumes": " ".join(masked_text(path) for path in sorted(part(config, "Volumes"))),
        "stop signal": masked_text(text(config, "StopSignal")),
        "shell": command_line(masked_arguments(texts(config, "Shell"))),
        "on build": "\n".join(masked_text(trigger) for trigger in texts(config, "OnBuild")),
    }
    return tuple((name, value) for name, value in told.items() if value)


def _health_check(check: Answer) -> Iterator[str]:
    test = masked_arguments(texts(check, "Test"))
    if not test:
        return
    # The argument of CMD-SHELL is one line for a shell: it reads as it was written.
    yield " ".join(test) if test[0] == "CMD-SHELL" else command_line(test)
    for key, word in _TIMES:
        if nanoseconds := number(check, key):
            yield f"{word} {nanoseconds / 1e9:g} s"
    if retries := number(check, "Retries"):
        yield f"retries {retries}"
