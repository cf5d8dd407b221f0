"""py-spy on this machine, for one short segment at a time."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.profilers import proc_facts
from workbench.profilers.py_spy.binary import binary
from workbench.profilers.py_spy.segment import MOST_RESULT_BYTES, Segment
from workbench.sources.container_run import Ran

if TYPE_CHECKING:
    import resource

_LOOK_SECONDS = 0.05
_DUMP_SECONDS = 30
_MOST_WORDS = 16384


class LocalSampler:
    """py-spy on this machine.

    Args:
        pid: The target's id here.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu_seconds = 0.0

    def record(self, arguments: Sequence[str], seconds: float, stop: Event) -> Segment:
        """Record one segment, into memory: whatever kills us leaves no file."""
        try:
            return self._record(arguments, seconds, stop)
        except OSError as error:
            raise _not_run(error) from error

    def _record(self, arguments: Sequence[str], seconds: float, stop: Event) -> Segment:
        file = os.memfd_create("workbench-py-spy")
        try:
            command = (*self._of(arguments), "--output", f"/proc/self/fd/{file}")
            ran = self._run("record", command, seconds, stop, (file,))
            os.lseek(file, 0, os.SEEK_SET)
            content = os.pread(file, MOST_RESULT_BYTES, 0)
        finally:
            os.close(file)
        return Segment(ran, content.decode("utf-8", "replace"))

    def dump(self, arguments: Sequence[str]) -> Ran:
        """Run `py-spy dump`."""
        try:
            done = subprocess.run(
                [str(binary().path), "dump", *self._of(arguments)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_DUMP_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise WorkbenchError(f"py-spy did not come to its end within {_DUMP_SECONDS} s", "try it again") from None
        except OSError as error:
            raise _not_run(error) from error
        return Ran(done.returncode, done.stdout[:MOST_RESULT_BYTES], done.stderr[-_MOST_WORDS:])

    def is_alive(self) -> bool:
        """Whether the target still runs."""
        try:
            stat = proc_facts.read(f"/proc/{self._pid}/stat", 512)
        except OSError:
            return False
        return stat[stat.rindex(b")") + 2 :][:1] not in {b"Z", b"X"}

    def cpu_seconds(self) -> float | None:
        """CPU time of all calls so far."""
        return self._cpu_seconds

    def _of(self, arguments: Sequence[str]) -> tuple[str, ...]:
        """The arguments with the id that the target has here."""
        words = list(arguments)
        words[words.index("--pid") + 1] = str(self._pid)
        return tuple(words)

    def _run(self, verb: str, arguments: Sequence[str], seconds: float, stop: Event, files: Sequence[int]) -> Ran:
        process = subprocess.Popen(
            [str(binary().path), verb, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=tuple(files),
            start_new_session=True,  # Ctrl-C of our own terminal is ours to pass on
        )
        deadline = time.monotonic() + seconds
        was_interrupted = False
        used: resource.struct_rusage | None = None
        try:
            while True:
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    break
                if not was_interrupted and (time.monotonic() > deadline or stop.is_set()):
                    process.send_signal(signal.SIGINT)
                    was_interrupted = True
                time.sleep(_LOOK_SECONDS)
        finally:
            with process:
                process.kill()  # nothing to do when it has ended
                output = process.stdout.read()[-_MOST_WORDS:] if process.stdout else b""
        self._cpu_seconds += used.ru_utime + used.ru_stime
        return Ran(process.returncode, output, was_interrupted=was_interrupted)


def _not_run(error: OSError) -> WorkbenchError:
    return WorkbenchError(f"py-spy cannot be run: {error.strerror or error}", "try it again")
