"""A folder for what lies on disk only for a while; those of processes that were killed are removed first."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

_LONGEST_PID = 9


@contextmanager
def scratch(parent: Path, what: str) -> Iterator[Path]:
    """A new folder, which is gone at the end.

    Args:
        parent: Where; others may write there too.
        what: How its name begins.

    Raises:
        OSError: when there is no place for it.
    """
    for old in parent.glob(f"{what}-*"):
        pid = old.name.removeprefix(f"{what}-").partition("-")[0]
        if not (pid.isascii() and pid.isdecimal() and len(pid) <= _LONGEST_PID) or psutil.pid_exists(int(pid)):
            continue
        with suppress(OSError):
            if old.lstat().st_uid == os.geteuid():
                shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory(dir=parent, prefix=f"{what}-{os.getpid()}-", ignore_cleanup_errors=True) as name:
        yield Path(name)
