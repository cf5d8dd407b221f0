"""How full a container's `/dev/shm` is."""

import os
from threading import Thread

from workbench.sources.proc_files import read_whole

PATIENCE_SECONDS = 0.2
"""A container's root may be a file system in user space that hangs."""
_LONGEST_MOUNTS = 1 << 20
_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


class SharedMemory:
    """Asks on a thread of its own, and not again before that has an answer.

    Args:
        root: Where /proc is.
    """

    def __init__(self, root: str = "/proc") -> None:
        self._root = root
        self._thread: Thread | None = None

    def read(self, pid: int) -> tuple[int, int] | None:
        """Used and total bytes in the file system of a process; `None` when it has none, or does not answer."""
        if self._thread is not None and self._thread.is_alive():
            return None
        answers: list[tuple[int, int] | None] = []
        self._thread = Thread(target=lambda: answers.append(self._ask(pid)), name="shm", daemon=True)
        self._thread.start()
        self._thread.join(PATIENCE_SECONDS)
        return answers[0] if answers else None

    def _ask(self, pid: int) -> tuple[int, int] | None:
        try:
            mounts = read_whole(f"{self._root}/{pid}/mountinfo", _LONGEST_MOUNTS)
            return _size(f"{self._root}/{pid}/root") if is_shared_memory(mounts) else None
        except OSError:
            return None


def is_shared_memory(mounts: bytes) -> bool:
    """Whether `/dev/shm` is a tmpfs of its own in the text of a `mountinfo`, rather than a place on a disk."""
    kind = b""
    for line in mounts.splitlines():
        fields = line.split(b" ")
        if len(fields) > 4 and fields[4] == b"/dev/shm" and b"-" in fields[6:-1]:
            kind = fields[fields.index(b"-", 6) + 1]
    return kind == b"tmpfs"


def _size(root: str) -> tuple[int, int]:
    """Walk down without following a link, which the container could lay to anywhere on this machine."""
    folders = [os.open(root, _FOLDER)]
    try:
        for name in ("dev", "shm"):
            folders.append(os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folders[-1]))
        found = os.fstatvfs(folders[-1])
    finally:
        for folder in folders:
            os.close(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_blocks * found.f_frsize
