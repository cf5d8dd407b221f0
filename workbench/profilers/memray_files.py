"""memray's files, read in a process of its own: one may come from anywhere, and is read by compiled code."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from workbench.errors import ProfileError, Stopped
from workbench.measure.text import printable
from workbench.profilers.scratch import scratch
from workbench.profilers.wheels.choice import memray_version

READER = Path(__file__).parent / "agents" / "memray_reader.py"
_LOOK_SECONDS = 0.05
_TELL_SECONDS = 0.5
_PATIENCE_SECONDS = 300.0
_MOST_SAID = 4096
_OTHER_VERSION = "incompatible with this version"


def read_memray(content: bytes, stop: Event, heard: Callable[[float], object]) -> bytes:
    """What is shown of a file, as `measure.flame.memory_trees` reads it; blocks.

    Args:
        content: The whole file.
        stop: Set to give up.
        heard: Told how many seconds it has taken, now and then.

    Raises:
        ProfileError: when it is none, is of another version, or takes too much.
        Stopped: when it was given up.
        WorkbenchError: when memray is not installed.
    """
    return _run(content, (), "shown.json", stop, heard)


def memray_html(content: bytes, stop: Event, heard: Callable[[float], object]) -> bytes:
    """Memray's own flame graph of a file, for a browser, without sources of this machine; see `read_memray`."""
    return _run(content, ("html",), "graph.html", stop, heard)


def _run(content: bytes, mode: Sequence[str], made: str, stop: Event, heard: Callable[[float], object]) -> bytes:
    version = memray_version()
    with scratch(Path(tempfile.gettempdir()), "workbench-memray") as folder:
        try:
            (folder / "recorded.bin").write_bytes(content)
        except OSError as error:
            raise ProfileError(
                f"it cannot be laid down in {printable(str(folder.parent))} to be read: {error.strerror}",
                "make room there, or choose another place with TMPDIR",
            ) from error
        command = [sys.executable, "-P", str(READER), str(folder / "recorded.bin"), str(folder / made), *mode]
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=folder, start_new_session=True
            )
        began = told = time.monotonic()
        try:
            while process.poll() is None:
                passed = time.monotonic() - began
                if stop.wait(_LOOK_SECONDS):
                    raise Stopped("stopped")
                if passed > _PATIENCE_SECONDS:
                    raise ProfileError(f"memray did not read it within {_PATIENCE_SECONDS:.0f} s", _SHORTER)
                if time.monotonic() - told >= _TELL_SECONDS:
                    told = time.monotonic()
                    heard(passed)
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode:
            raise _failure(process.returncode, _last_line(folder / "said"), version)
        return (folder / made).read_bytes()


_SHORTER = "record for a shorter time"


def _last_line(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MOST_SAID))
        lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return printable(lines[-1])[:200] if lines else ""


def _failure(code: int, said: str, version: str) -> ProfileError:
    if _OTHER_VERSION in said:
        return ProfileError(
            f"it was recorded by another version of memray than the {version} that is here, and only its own reads it",
            "pip install memray==VERSION with the recording one's, here, or there: memray flamegraph FILE",
        )
    # The kernel kills at the limit of memory, and at that of time
    if "MemoryError" in said or "bad_alloc" in said or "File too large" in said or code == -signal.SIGKILL:
        return ProfileError("memray needs too much memory or time to read it", _SHORTER)
    if code < 0:
        return ProfileError(f"memray crashed as it read it, with {signal.Signals(-code).name}", "record it again")
    reason = (said.partition(": ")[2] or said).partition(".:")[0]
    return ProfileError(f"memray cannot read it: {reason}", "record it again")
