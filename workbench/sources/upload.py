"""Files into a container, streamed: over a slow link it takes as long as it takes, and says how far it is."""

import gzip
import io
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote

import docker

from workbench.sources.download import refuse

Watch: TypeAlias = Callable[[int, int], object]
"""Told how many bytes are sent, and of how many; may raise, which ends it."""

_SILENCE_SECONDS = 60.0
"""What the engine may take to accept a piece, and, unpacking, to answer."""
_COMPRESSED_FROM = 1 << 20


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
        archive: Large ones are compressed on the way.
        watch: Told how far it is.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    if len(archive) >= _COMPRESSED_FROM:
        archive = gzip.compress(archive, 1)
    url = f"{client.base_url}/v{client.api_version}/containers/{quote(container, safe='')}/archive"
    with client.put(
        url,
        params={"path": path},
        data=_Body(archive, watch),
        timeout=(_SILENCE_SECONDS, _SILENCE_SECONDS),
        headers={"Content-Type": "application/x-tar"},
        stream=True,
    ) as response:
        if not response.ok:
            refuse(response)
