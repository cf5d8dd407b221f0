"""Running a load generator from elsewhere: found on PATH, in the network that is wanted, and never left behind."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Event

from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.measure.text import printable, shorten
from workbench.meters.address import Address
from workbench.meters.engines.base import Errand, LoadEngine
from workbench.meters.latency import Heard
from workbench.model.latency import HttpRequest, LoadPlan, LoadProgress, LoadResult

_LOOK_SECONDS = 0.2
_LATE_SECONDS = 30.0
_MOST_BYTES = 64 << 20


def measure_with(
    engine: LoadEngine, plan: LoadPlan, request: HttpRequest, address: Address, heard: Heard, stop: Event
) -> LoadResult:
    """Warm up, measure, and read what it says; blocks.

    Raises:
        UsageError: when it is not installed.
        Stopped: when it was stopped: what these measured until then they don't tell.
        WorkbenchError: when it fails, or says what cannot be read.
    """
    program = shutil.which(engine.name)
    if program is None:
        raise UsageError(f"{engine.name} is not installed", engine.install)
    prefix = []
    if address.network:
        prefix = ["nsenter", f"--net={address.network}", "--"]
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        if plan.warmup_seconds >= 1:
            warm = LoadPlan(plan.rate, plan.warmup_seconds, connections=plan.connections, keep_alive=plan.keep_alive)
            _run([*prefix, program], engine.errand(warm, request, address, folder), warm, folder, None, stop)
        began_at = time.time()
        output = _run([*prefix, program], engine.errand(plan, request, address, folder), plan, folder, heard, stop)
        try:
            found = engine.read(output, folder, plan)
        except (ValueError, KeyError, IndexError, TypeError, OSError) as error:
            said = shorten(printable(output.strip().rpartition("\n")[2]), 200)
            raise WorkbenchError(f"{engine.name} says what cannot be read: {said or 'nothing'}") from error
    return found.as_result(engine.name, began_at)


def _run(program: list[str], errand: Errand, plan: LoadPlan, folder: Path, heard: Heard | None, stop: Event) -> str:
    began = time.monotonic()
    with (
        (folder / "output").open("w+b") as output,
        subprocess.Popen(
            [*program, *errand.arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **errand.environment},
            start_new_session=True,
        ) as process,
    ):
        try:
            while process.poll() is None:
                passed = time.monotonic() - began
                if stop.is_set():
                    raise Stopped("stopped")
                if passed > plan.seconds + plan.timeout_seconds + _LATE_SECONDS:
                    raise WorkbenchError(f"{Path(program[-1]).name} does not end")
                if heard is not None:
                    heard(LoadProgress(passed, plan.seconds, 0, 0, 0, None, None, None, Path(program[-1]).name))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_SECONDS)
        finally:
            process.kill()
        output.seek(0)
        return output.read(_MOST_BYTES).decode("utf-8", "replace")
