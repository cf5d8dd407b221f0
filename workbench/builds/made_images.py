"""The images between that a classic build leaves for its cache, noted in a file while there is a use for them.

They cannot have labels, for that would be another build. A workbench that is killed cannot remove them, and the next
one knows from the file which they are.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import docker
import docker.errors
import requests

from workbench.places import data_dir
from workbench.sources.answers import text
from workbench.sources.ours import PROFILER, is_dead, maker_labels

_IMAGE = re.compile(r"[0-9a-f]{12}")
_ENDING = ".made"
_ENGINE = "engine"
_LARGEST = 1 << 20
_LOOK_SECONDS = 0.2
_HELD = "container"
"""In what the engine says when a container is in the way, and not another image."""
_OLDEST_SECONDS = 30 * 86400.0
"""A file about an engine that was never met again is no use after that."""


class MadeImages:
    """What one process has made in one engine.

    Args:
        address: The engine's.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._path = _folder() / f"{os.getpid()}-{secrets.token_hex(4)}{_ENDING}"

    def note(self, image: str) -> None:
        """An image was made. That it cannot be noted is no reason not to build."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._path.exists():
                self._path.write_text(json.dumps({_ENGINE: self._address, **maker_labels(PROFILER)}) + "\n")
            with self._path.open("a") as file:
                file.write(f"{image}\n")

    def forget(self) -> None:
        """They are gone, or wanted. Callable twice."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def remove_all(client: docker.APIClient, images: Sequence[str], patience: float) -> bool:
    """Remove images between, the newest first, as far as nothing else needs them.

    Args:
        client: The engine's.
        images: Their ids, in the order in which they were made.
        patience: Seconds to wait for containers of a build that was stopped.

    Returns:
        Whether none is left that only such a container holds.
    """
    ends = time.monotonic() + patience
    held = list(reversed(images))
    while held := [image for image in held if not _is_removed(client, image)]:
        if time.monotonic() > ends:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _is_removed(client: docker.APIClient, image: str) -> bool:
    """Remove it; `False` when a container has it. What other images are made of stays, and is not waited for."""
    try:
        client.remove_image(image)
    except docker.errors.APIError as error:
        return _HELD not in str(error.explanation)
    except requests.RequestException:
        return False
    return True


def remove_made(client: docker.APIClient, address: str) -> int:
    """Remove what killed workbenches have made in this engine, the newest first, as far as nothing else needs it.

    Returns:
        Of how many images that was tried.
    """
    removed = 0
    for path in _left(address):
        images = _images(path)
        remove_all(client, images, 0.0)
        removed += len(images)
        with suppress(OSError):
            path.unlink()
    return removed


def _left(address: str) -> Iterator[Path]:
    """The files of dead processes that are about this engine; those that are too old are removed."""
    for path in sorted(_folder().glob(f"*{_ENDING}")):
        with suppress(OSError, ValueError, RecursionError):
            head = json.loads(_read(path).partition("\n")[0])
            if isinstance(head, dict) and text(head, _ENGINE) == address and is_dead(head, PROFILER):
                yield path
            elif time.time() - path.stat().st_mtime > _OLDEST_SECONDS:
                path.unlink()


def _images(path: Path) -> list[str]:
    with suppress(OSError):
        return [line for line in _read(path).splitlines()[1:] if _IMAGE.fullmatch(line)]
    return []


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST).decode("ascii", "replace")


def _folder() -> Path:
    return data_dir() / "builds"
