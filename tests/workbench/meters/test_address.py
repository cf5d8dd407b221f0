"""What is typed for a target, and where it leads."""

from typing import Any

import pytest

from workbench.errors import UsageError
from workbench.meters.address import Address, Named, addresses_of, parse_target, the_port


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("api", Named("api", None, "/")),
        ("api:8000", Named("api", 8000, "/")),
        ("api/health?x=1", Named("api", None, "/health?x=1")),
        ("shop-api-1:80/a:b/c", Named("shop-api-1", 80, "/a:b/c")),
        ("api?x=1", Named("api", None, "/?x=1")),
    ],
)
def test_containers(typed: str, expected: Named) -> None:
    assert parse_target(typed) == expected


def test_urls() -> None:
    plain = parse_target("http://127.0.0.1:8080/items?limit=5#top")
    assert isinstance(plain, Address)
    assert (plain.host, plain.port, plain.target) == ("127.0.0.1", 8080, "/items?limit=5")
    assert plain.authority == "127.0.0.1:8080"
    assert plain.server_name == ""
    secure = parse_target("https://example.org")
    assert isinstance(secure, Address)
    assert (secure.port, secure.target, secure.server_name) == (443, "/", "example.org")
    six = parse_target("http://[::1]:80/")
    assert isinstance(six, Address)
    assert (six.host, six.url) == ("::1", "http://[::1]/")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ftp://x/",
        "http://",
        "http://user:secret@x/",
        "http://x:99999/",
        "api:0",
        "api:99999",
        "a b",
        "-x",
        "api/ä",
        "http://x/a b",
        "http://x/a\r\nHost: y",
        "api/a\nb",
        "../etc",
    ],
)
def test_what_is_no_target(typed: str) -> None:
    with pytest.raises(UsageError):
        parse_target(typed)


def found(*ports: str, mode: str = "bridge") -> dict[str, Any]:
    return {
        "Name": "/api",
        "Config": {"ExposedPorts": {port: {} for port in ports}},
        "HostConfig": {"NetworkMode": mode},
        "NetworkSettings": {"Networks": {"a": {"IPAddress": "10.0.0.2"}, "b": {"GlobalIPv6Address": "fd::2"}}},
    }


def test_ports() -> None:
    assert the_port(found("80/tcp", "53/udp"), "") == 80
    with pytest.raises(UsageError, match="it has 80, 443"):
        the_port(found("443/tcp", "80/tcp"), "")
    with pytest.raises(UsageError, match="none is known"):
        the_port(found(), "")


def test_addresses() -> None:
    assert addresses_of(found()) == ("10.0.0.2", "fd::2")
    assert addresses_of(found(mode="host")) == ("127.0.0.1",)
