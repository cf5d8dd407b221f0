"""What else containers inherit from an image's configuration."""

from typing import Any

import pytest

from workbench.sources.image_settings import has_health_check, inherited_settings


def test_every_setting_in_the_words_it_is_written_in() -> None:
    config = {
        "Healthcheck": {
            "Test": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"],
            "Interval": 30_000_000_000,
            "Timeout": 1_500_000_000,
            "StartPeriod": 5_000_000_000,
            "Retries": 3,
        },
        "Volumes": {"/data": {}, "/cache": {}},
        "StopSignal": "SIGINT",
        "Shell": ["/bin/bash", "-c", "set -e"],
        "OnBuild": ["RUN a", "RUN b"],
    }
    assert inherited_settings(config) == (
        (
            "health check",
            "CMD-SHELL curl -f http://localhost/ || exit 1, every 30 s, timeout 1.5 s, start period 5 s, retries 3",
        ),
        ("volumes", "/cache /data"),
        ("stop signal", "SIGINT"),
        ("shell", "/bin/bash -c 'set -e'"),
        ("on build", "RUN a\nRUN b"),
    )
    assert has_health_check(config)


def test_secrets_are_masked() -> None:
    config = {
        "Healthcheck": {"Test": ["CMD", "probe", "--token", "hunter2hunter2"]},
        "OnBuild": ["ENV API_TOKEN=hunter2hunter2"],
    }
    assert inherited_settings(config) == (
        ("health check", "CMD probe --token ••••••"),
        ("on build", "ENV API_TOKEN=••••••"),
    )


@pytest.mark.parametrize("check", [None, {}, {"Test": []}, {"Test": None}, {"Test": ["NONE"]}, "x", {"Interval": 5}])
def test_none_is_no_health_check(check: Any) -> None:
    assert not has_health_check({"Healthcheck": check})


@pytest.mark.parametrize("wrong", [None, 7, "x", ["x"], {"Test": 7}])
def test_what_is_of_the_wrong_kind_is_left_out(wrong: Any) -> None:
    config = {"Healthcheck": wrong, "Volumes": 7, "StopSignal": {}, "Shell": 1, "OnBuild": {"a": "b"}}
    assert inherited_settings(config) == ()
