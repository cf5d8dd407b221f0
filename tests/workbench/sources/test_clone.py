"""The configuration of a fresh run: what is kept of the original, and what two cannot both have."""

from typing import Any

from workbench.sources.clone import clone_of

FOUND: dict[str, Any] = {
    "Id": "0123456789ab" + "c" * 52,
    "Image": "sha256:feed",
    "State": {"Running": True},
    "Config": {
        "Hostname": "0123456789ab",
        "Image": "api:1",
        "Env": ["A=1", "PYTHONPATH=/app", "B=x=y"],
        "Entrypoint": ["/entry"],
        "Cmd": ["serve"],
        "User": "1000",
        "MacAddress": "02:42:ac:11:00:02",
        "Labels": {"team": "one", "com.docker.compose.service": "api"},
        "Healthcheck": {"Test": ["CMD", "true"]},
    },
    "HostConfig": {
        "AutoRemove": True,
        "Binds": ["/srv:/srv:ro"],
        "Memory": 1 << 26,
        "NetworkMode": "shop",
        "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0},
        "ReadonlyRootfs": True,
    },
    "NetworkSettings": {
        "Networks": {"back": {"Aliases": ["api"]}, "shop": {"IPAMConfig": {"IPv4Address": "10.0.0.9"}}}
    },
}


def clone(found: dict[str, Any] = FOUND, **more: Any) -> Any:
    made = {"mounts": [{"Type": "volume"}], "environment": {"X": "2"}, "path_entry": "/t", "labels": {"ours": "1"}}
    return clone_of(found, **{**made, **more})


def test_what_matters_is_kept() -> None:
    made = clone().configuration
    assert made["Image"] == "sha256:feed", "the very image, whatever its name means now"
    assert (made["Entrypoint"], made["Cmd"], made["User"]) == (["/entry"], ["serve"], "1000")
    assert made["Env"] == ["A=1", "PYTHONPATH=/t:/app", "B=x=y", "X=2"]
    host = made["HostConfig"]
    assert (host["Memory"], host["ReadonlyRootfs"], host["Binds"]) == (1 << 26, True, ["/srv:/srv:ro"])
    assert host["Mounts"] == [{"Type": "volume"}]


def test_what_two_cannot_have_is_changed() -> None:
    made = clone()
    configuration, host = made.configuration, made.configuration["HostConfig"]
    assert not {"Hostname", "MacAddress"} & set(configuration)
    assert configuration["Labels"] == {"team": "one", "ours": "1"}
    assert configuration["Healthcheck"] == {"Test": ["NONE"]}
    assert host["PortBindings"] == {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
    assert (host["AutoRemove"], host["RestartPolicy"]["Name"]) == (False, "no")
    assert configuration["NetworkingConfig"] == {"EndpointsConfig": {"shop": {}}}
    assert made.networks == ("back",)
    assert len(made.notes) == 3


def test_ports_stay_where_the_original_does_not_run() -> None:
    made = clone({**FOUND, "State": {"Running": False}})
    assert made.configuration["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"] == "8080"


def test_the_original_answer_is_not_changed() -> None:
    before = repr(FOUND)
    clone(command=("python3", "-V"))
    assert repr(FOUND) == before


def test_another_command_takes_the_place_of_entrypoint_too() -> None:
    made = clone(command=("python3", "-V")).configuration
    assert (made["Entrypoint"], made["Cmd"]) == (["python3"], ["-V"])


def test_an_empty_answer_makes_a_configuration() -> None:
    assert clone({}).configuration["HostConfig"]["Mounts"] == [{"Type": "volume"}]
