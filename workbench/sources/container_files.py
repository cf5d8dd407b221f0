"""Files into and out of a container through the engine, bounded. The container need not run, nor have any program."""

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, cast

import docker

from workbench.errors import EngineError


class TooLarge(EngineError):
    """A file is larger than what is read of one."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Files of a container."""

    files: dict[str, bytes]
    """By name."""
    left_out: int = 0
    """How many more there are, at least, that are not read: too large, too many, or given up."""


def get_file(client: docker.APIClient, container: str, path: str, most_bytes: int) -> bytes:
    """One regular file of a container.

    Raises:
        TooLarge: when it is larger than `most_bytes`.
        EngineError: when it is no regular file.
        docker.errors.NotFound: when there is none.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    found = gather(client, container, path, most_bytes)
    if found.left_out:
        raise TooLarge(f"{path} holds more than is read of it")
    for content in found.files.values():
        return content
    raise EngineError(f"{path} is no regular file")


def gather(
    client: docker.APIClient,
    container: str,
    path: str,
    most_bytes: int,
    most_files: int = 10_000,
    goes_on: Callable[[int], bool] = lambda _: True,
) -> Gathered:
    """Regular files at or below a path of a container, as many as there is room for, whole each; links are passed over.

    Args:
        client: The engine's.
        container: Running or not.
        path: Absolute.
        most_bytes: Of all that are kept; as many again are passed over before it ends.
        most_files: Entries that are looked at.
        goes_on: Told how many bytes have come; says whether to go on.

    Raises:
        docker.errors.NotFound: when there is no such path.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
        EngineError: when its answer is no archive.
    """
    pieces, _ = client.get_archive(container, path)
    stream = _Pieces(iter(pieces), 2 * most_bytes + 1024 * (most_files + 20), goes_on)
    files: dict[str, bytes] = {}
    kept = left_out = 0
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
            for count, entry in enumerate(archive):
                if count >= most_files:
                    return Gathered(files, left_out + 1)
                file = archive.extractfile(entry) if entry.isreg() else None
                if file is None:
                    continue
                if kept + entry.size > most_bytes:
                    left_out += 1
                    continue
                content = file.read()
                kept += len(content)
                files[entry.name] = content
    except tarfile.TarError as error:
        if not stream.was_cut:
            raise EngineError(f"the engine's archive of {path} cannot be read") from error
    return Gathered(files, max(left_out, int(stream.was_cut)))


class _Pieces:
    """A file of pieces that come one by one, which ends where it is cut.

    Args:
        pieces: What comes.
        most_bytes: Where it is cut.
        goes_on: Told how many bytes have come; says whether to go on.
    """

    def __init__(self, pieces: Iterator[bytes], most_bytes: int, goes_on: Callable[[int], bool]) -> None:
        self._pieces = pieces
        self._most_bytes = most_bytes
        self._goes_on = goes_on
        self._came = 0
        self._rest = memoryview(b"")
        self.was_cut = False

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while not self._rest and not self.was_cut:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._came += len(piece)
            self.was_cut = self._came > self._most_bytes or not self._goes_on(self._came)
            self._rest = memoryview(b"" if self.was_cut else piece)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


def tar_of(files: Mapping[str, tuple[bytes, int]], folders: Mapping[str, int], pipes: Mapping[str, int]) -> bytes:
    """An archive of files (content and mode), of folders and of named pipes (mode), all root's.

    Args:
        files: Path to content and mode.
        folders: Path to mode; they come first.
        pipes: Path to mode.
    """
    gathered = io.BytesIO()
    with tarfile.open(fileobj=gathered, mode="w") as archive:
        for path, mode in folders.items():
            archive.addfile(_entry(path, tarfile.DIRTYPE, mode))
        for path, (content, mode) in files.items():
            entry = _entry(path, tarfile.REGTYPE, mode)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for path, mode in pipes.items():
            archive.addfile(_entry(path, tarfile.FIFOTYPE, mode))
    return gathered.getvalue()


def folders_of(paths: Iterable[str]) -> dict[str, int]:
    """Every folder on the way to some files, parents first, each with the mode that lets all look into it."""
    found = {str(parent) for path in paths for parent in PurePosixPath(path).parents if parent.name}
    return dict.fromkeys(sorted(found), 0o755)


def _entry(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.type = kind
    entry.mode = mode
    return entry
