"""What a registry says of an image: its layers' sizes, packed, without pulling them."""

import json
import re
from dataclasses import dataclass
from typing import Any

import requests

from workbench.errors import NotFound, UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.sources.answers import Answer, number, part, parts, text

_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_TIMEOUT = (5, 20)
_LARGEST_BYTES = 8 << 20
_LARGEST_LAYER = 1 << 50
_ESTIMATE = "leave out --registry to estimate"
_REFERENCE = re.compile(
    r"(?:(?P<host>(?:localhost|\w[\w.-]*[.:][\w.:-]*|\[[0-9a-fA-F:]+\](?::\d+)?))/)?"
    r"(?P<name>[a-z0-9]+(?:(?:/|\.|_{1,2}|-+)[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_CHALLENGE = re.compile(r'(?<!\w)(\w++)="([^"]*)"')
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?")
_HUB = "registry-1.docker.io"


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's place in a registry."""

    host: str
    name: str
    version: str
    """A tag or a digest."""

    @property
    def address(self) -> str:
        """Where its manifest is. As engines do, a registry of this machine is asked without TLS."""
        scheme = "http" if _LOOPBACK.fullmatch(self.host) else "https"
        return f"{scheme}://{self.host}/v2/{self.name}/manifests/"


def parse_reference(typed: str) -> Reference:
    """A reference as engines read it.

    Raises:
        UsageError: when it is none.
    """
    found = _REFERENCE.fullmatch(typed)
    if not found:
        raise UsageError(f"{printable(typed)} is no image's name", "host:port/name:tag")
    host, name = found["host"] or _HUB, found["name"]
    if host in {_HUB, "docker.io"}:
        host, name = _HUB, name if "/" in name else f"library/{name}"
    return Reference(host, name, found["digest"] or found["tag"] or "latest")


def layer_sizes(reference: Reference, platform: tuple[str, str]) -> tuple[int, ...]:
    """Compressed bytes of each layer, base first.

    Args:
        reference: The image.
        platform: Operating system and architecture, as `linux` and `amd64`.

    Raises:
        NotFound: when the registry has no such image, or none for this platform.
        WorkbenchError: when it does not answer, refuses, or answers what is no manifest.
    """
    with requests.Session() as session:
        session.auth = _as_it_is
        manifest = _manifest(session, reference, reference.version)
        listed = tuple(parts(manifest, "manifests"))
        if listed:
            chosen = next((each for each in listed if _is_for(each, platform)), None)
            if chosen is None:
                raise NotFound(f"{printable(reference.name)} is not there for {'/'.join(platform)}")
            manifest = _manifest(session, reference, text(chosen, "digest"))
    sizes = tuple(number(layer, "size") for layer in parts(manifest, "layers"))
    if not sizes or any(size is None or not 0 <= size < _LARGEST_LAYER for size in sizes):
        raise WorkbenchError(f"{reference.host} gave no manifest that can be read", _ESTIMATE)
    return tuple(size or 0 for size in sizes)


def _is_for(entry: Answer, platform: tuple[str, str]) -> bool:
    wanted = part(entry, "platform")
    return (text(wanted, "os"), text(wanted, "architecture")) == platform


def _manifest(session: requests.Session, reference: Reference, version: str) -> Answer:
    try:
        answer = _get(session, reference.address + version, {"Accept": ", ".join(_TYPES)})
        if answer.status_code == 401:
            token = _token(session, answer.headers.get("WWW-Authenticate", ""))
            headers = {"Accept": ", ".join(_TYPES), "Authorization": f"Bearer {token}"}
            answer = _get(session, reference.address + version, headers)
        if answer.status_code == 404:
            raise NotFound(f"{reference.host} has no image {printable(reference.name)}:{printable(version)}")
        if answer.status_code != 200:
            raise WorkbenchError(f"{reference.host} refuses: it answers {answer.status_code}", _ESTIMATE)
        found = json.loads(_content(answer))
    except (requests.RequestException, ValueError, RecursionError) as error:
        is_silent = isinstance(error, requests.RequestException)
        kind = "does not answer" if is_silent else "gave no manifest that can be read"
        raise WorkbenchError(f"the registry {reference.host} {kind}", _ESTIMATE) from error
    if not isinstance(found, dict):
        raise WorkbenchError(f"{reference.host} gave no manifest that can be read", _ESTIMATE)
    return found


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from sending a password of ~/.netrc to where a registry points, in place of its token."""
    return request


def _get(session: requests.Session, address: str, headers: dict[str, str]) -> requests.Response:
    return session.get(address, headers=headers, timeout=_TIMEOUT, stream=True, allow_redirects=False)


def _content(answer: requests.Response) -> bytes:
    gathered = b""
    for piece in answer.iter_content(1 << 16):
        gathered += piece
        if len(gathered) > _LARGEST_BYTES:
            raise ValueError("too large")
    return gathered


def _token(session: requests.Session, challenge: str) -> str:
    """A token for everybody, from where the registry says."""
    kind, _, rest = challenge.partition(" ")
    said: dict[str, Any] = dict(_CHALLENGE.findall(rest))
    realm = said.pop("realm", "")
    if kind.lower() != "bearer" or not realm.startswith("https://"):
        raise WorkbenchError("the registry wants a password", _ESTIMATE)
    answer = session.get(realm, params=said, timeout=_TIMEOUT, stream=True, allow_redirects=False)
    found = json.loads(_content(answer))
    token = found.get("token") or found.get("access_token") if isinstance(found, dict) else None
    if answer.status_code != 200 or not isinstance(token, str):
        raise WorkbenchError("the registry wants a password", _ESTIMATE)
    return token
