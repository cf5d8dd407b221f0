"""What a container has written until now, bounded."""

from typing import Literal

import docker


def said_by(
    client: docker.APIClient,
    container: str,
    most_bytes: int,
    *,
    stdout: bool = True,
    stderr: bool = True,
    lines: int | Literal["all"] = "all",
) -> bytes:
    """What a container wrote, from its beginning or its last lines, until there is enough of it. Hostile.

    Args:
        client: The engine's.
        container: Running or not.
        most_bytes: Where it ends.
        stdout: Whether its output counts; with a terminal all is output.
        stderr: Whether its errors count.
        lines: How many of the last.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    gathered = bytearray()
    for piece in client.logs(container, stdout=stdout, stderr=stderr, stream=True, follow=False, tail=lines):
        gathered += piece
        if len(gathered) >= most_bytes:
            break
    return bytes(gathered[:most_bytes])
