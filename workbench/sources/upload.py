"""Files into a container, streamed: over a slow link it takes as long as it takes, and says how far it is."""

import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

import docker

from workbench.errors import EngineError
from workbench.sources.docker_errors import sentence
from workbench.sources.download import refuse

Watch: TypeAlias = Callable[[int, int], object]
"""Told how many bytes are sent, and of how many; may raise, which ends it."""

_SILENCE_SECONDS = 60.0
"""What the engine may take to accept a piece, and, unpacking, to answer."""
_COMPRESSED_FROM = 1 << 20
_HERE = "http+docker://localhost"
"""What docker-py calls a socket of this machine, over which compressing takes longer than sending."""
_PIECE_BYTES = 65536


class _Body(io.BytesIO):
    """What is sent, piece by piece."""

    def __init__(self, content: bytes, watch: Watch) -> None:
        super().__init__(content)
        self._whole = len(content)
        self._watch = watch

    def read(self, size: int | None = -1) -> bytes:
        """The next piece; what came before it is sent."""
        self._watch(self.tell(), self._whole)
        return super().read(size)


def upload(client: docker.APIClient, container: str, path: str, archive: bytes, watch: Watch) -> None:
    """Unpack a tar archive in a container.

    Args:
        client: The engine's.
        container: Running or not.
        path: An absolute path of it that exists.
        archive: A large one is compressed on its way over a network.
        watch: Told how far it is.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    url = f"{client.base_url}/v{client.api_version}/containers/{quote(container, safe='')}/archive"
    _send(client, "PUT", url, {"path": path}, archive, watch)


def upload_image(
    client: docker.APIClient, name: str, archive: bytes, changes: Sequence[str], watch: Watch = lambda _, __: None
) -> None:
    """Make an image of a tar archive, as `docker import` does.

    Args:
        client: The engine's.
        name: The image's; its tag is 1.
        archive: As for `upload`.
        changes: Lines of a Dockerfile.
        watch: Told how far it is.

    Raises:
        EngineError: when it fails as it is unpacked.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    url = f"{client.base_url}/v{client.api_version}/images/create"
    parameters: dict[str, str | list[str]] = {"fromSrc": "-", "repo": name, "tag": "1", "changes": list(changes)}
    said = _send(client, "POST", url, parameters, archive, watch)
    if b'"error"' in said:  # what fails after the answer has begun is told in it
        raise EngineError(f"the engine makes no image: {sentence(said.decode('utf-8', 'replace'))}")


def _send(
    client: docker.APIClient,
    method: str,
    url: str,
    parameters: Mapping[str, str | list[str]],
    archive: bytes,
    watch: Watch,
) -> bytes:
    """Send it; the end of what the engine says at last."""
    if len(archive) >= _COMPRESSED_FROM and not client.base_url.startswith(_HERE):
        archive = gzip.compress(archive, 1)
    with client.request(
        method,
        url,
        params=dict(parameters),
        data=_Body(archive, watch),
        timeout=(_SILENCE_SECONDS, _SILENCE_SECONDS),
        headers={"Content-Type": "application/x-tar"},
        stream=True,
    ) as response:
        if not response.ok:
            refuse(response)
        said = b""
        for piece in response.iter_content(_PIECE_BYTES):
            said = (said + piece)[-_PIECE_BYTES:]
        return said
