"""The images between that a classic build leaves for its cache, noted in a file while there is a use for them.

They cannot have labels, for that would be another build. A workbench that is killed cannot remove them, and the next
one knows from the file which they are.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Iterator
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


def remove_made(client: docker.APIClient, address: str) -> int:
    """Remove what killed workbenches have made in this engine, the newest first, as far as nothing else needs it.

    Returns:
        How many images that were.
    """
    removed = 0
    for path in _left(address):
        for image in reversed(_images(path)):
            with suppress(docker.errors.APIError, requests.RequestException):
                client.remove_image(image)
                removed += 1
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
