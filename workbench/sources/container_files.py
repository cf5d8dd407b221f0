"""Files into and out of a container through the engine, bounded. The container need not run, nor have any program."""

import io
import tarfile
from collections.abc import Iterator, Mapping

import docker

from workbench.errors import EngineError


class TooLarge(EngineError):
    """A file is larger than what is read of one."""


def get_file(client: docker.APIClient, container: str, path: str, most_bytes: int) -> bytes:
    """One regular file of a container.

    Raises:
        TooLarge: when it is larger than `most_bytes`.
        EngineError: when it is no regular file.
        docker.errors.NotFound: when there is none.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    for _, content in get_files(client, container, path, most_bytes):
        return content
    raise EngineError(f"{path} is no regular file")


def get_files(
    client: docker.APIClient, container: str, path: str, most_bytes: int, most_files: int = 10_000
) -> Iterator[tuple[str, bytes]]:
    """Every regular file at or below a path of a container, name and content; links are passed over.

    Args:
        client: The engine's.
        container: Running or not.
        path: Absolute.
        most_bytes: Of all that comes.
        most_files: Entries that are looked at.

    Raises:
        TooLarge: when more comes.
        docker.errors.NotFound: when there is no such path.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    pieces, _ = client.get_archive(container, path)
    gathered = io.BytesIO()
    for piece in pieces:
        gathered.write(piece)
        if gathered.tell() > most_bytes + 1024 * (most_files + 20):
            raise TooLarge(f"{path} holds more than is read of it")
    gathered.seek(0)
    try:
        with tarfile.open(fileobj=gathered, mode="r:") as archive:
            for count, entry in enumerate(archive):
                if count >= most_files:
                    raise TooLarge(f"{path} holds more files than are read")
                file = archive.extractfile(entry) if entry.isreg() else None
                if file is not None:
                    yield entry.name, file.read()
    except tarfile.TarError as error:
        raise EngineError(f"the engine's archive of {path} cannot be read") from error


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


def _entry(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.type = kind
    entry.mode = mode
    return entry
