"""The command line of a shell in a container."""

from typing import Any

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.errors import WorkbenchError
from workbench.sources.docker_contexts import Tls
from workbench.sources.endpoint import Endpoint
from workbench.sources.engine import Engine
from workbench.sources.shell import shell_command, way_to

LINK = 0o777 | 1 << 27
FOLDER = 0o755 | 1 << 31
PLAIN = {"DOCKER_TLS_VERIFY": "", "DOCKER_TLS": ""}


@pytest.fixture(autouse=True)
def docker_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")


def shell(engine: FakeEngine, status: str = "running", path: str | None = None) -> tuple[str, ...]:
    variables = [] if path is None else [f"PATH={path}"]
    found: dict[str, Any] = {"Id": "abc", "Name": "/api", "State": {"Status": status}, "Config": {"Env": variables}}
    engine.inspected["api"] = found
    with Engine(engine.endpoint).talk() as connection:
        return shell_command(connection.client, engine.endpoint, "api")[0]


@pytest.mark.parametrize(
    ("files", "path", "wanted"),
    [
        ({"/bin/sh": (0o755, ""), "/usr/bin/bash": (0o755, "")}, None, "/usr/bin/bash"),
        ({"/bin/sh": (LINK, "/bin/busybox"), "/bin/busybox": (0o755, "")}, None, "/bin/sh"),
        ({"/bin/bash": (LINK, "/gone"), "/bin/sh": (0o755, "")}, None, "/bin/sh"),
        ({"/bin/bash": (FOLDER, ""), "/usr/bin/bash": (0o644, ""), "/bin/sh": (0o755, "")}, None, "/bin/sh"),
        ({"/nix/bin/bash": (0o555, "")}, "relative:/nix/bin", "/nix/bin/bash"),
        ({"/busybox/sh": (0o755, "")}, "/usr/bin", "/busybox/sh"),
    ],
)
def test_the_best_shell_there_is(
    fake_engine: FakeEngine, files: dict[str, tuple[int, str]], path: str | None, wanted: str
) -> None:
    fake_engine.files = {("abc", name): about for name, about in files.items()}
    assert shell(fake_engine, path=path) == ("/bin/docker", "exec", "-it", "abc", wanted)


def test_an_image_without_a_shell(fake_engine: FakeEngine) -> None:
    with pytest.raises(WorkbenchError, match="there is no shell in api") as caught:
        shell(fake_engine)
    assert "--pid=container:abc" in caught.value.hint


@pytest.mark.parametrize(("status", "reason"), [("exited", "does not run"), ("paused", "is paused")])
def test_a_container_in_which_nothing_can_be_run(fake_engine: FakeEngine, status: str, reason: str) -> None:
    with pytest.raises(WorkbenchError, match=reason):
        shell(fake_engine, status)


def test_no_docker_client(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(WorkbenchError, match="the docker client, and there is none") as caught:
        shell(fake_engine)
    assert "install" in caught.value.hint


def test_the_same_engine_is_meant() -> None:
    tls = Tls("/c/ca.pem", "/c/cert.pem", "/c/key.pem")
    files = ("--tlscert", "/c/cert.pem", "--tlskey", "/c/key.pem")
    box = "tcp://box:2376"
    assert way_to(Endpoint("tcp://x:1", "prod", tls)) == (("--context", "prod"), {})
    assert way_to(Endpoint("ssh://me@box")) == ((), {"DOCKER_HOST": "ssh://me@box", **PLAIN})
    assert way_to(Endpoint(box, None, tls)) == (
        ("--tlsverify", "--tlscacert", "/c/ca.pem", *files),
        {"DOCKER_HOST": box, **PLAIN},
    )
    unverified = Tls("/c/ca.pem", "/c/cert.pem", "/c/key.pem", verify=False)
    assert way_to(Endpoint(box, None, unverified))[0] == ("--tls", *files)
