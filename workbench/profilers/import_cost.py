"""What it cost a fresh run to tell its imports: their number times what one costs more, by the run's own Python."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from workbench.errors import WorkbenchError
from workbench.measure.import_times import ImportTimes
from workbench.model.probe import TargetFacts
from workbench.profilers.fresh import TOOLS, FreshRun
from workbench.sources.docker_errors import translated

_SCRIPT = Path(__file__).parent / "agents" / "import_cost.py"
_SECONDS = 20.0
_ANY_PYTHON = "python3"
STOPPED = "it was stopped before one was timed"


@dataclass(frozen=True, slots=True)
class ImportCost:
    """What telling one import costs."""

    seconds: float | None
    """CPU time on top of the import's own; `None` when it is not known."""
    why: str = ""
    """Why it is not."""


def cost_of_an_import(run: FreshRun, facts: TargetFacts, command: Sequence[str], stop: Event) -> ImportCost:
    """What one import costs more, timed beside the run with what it runs; blocks. It fails as a value.

    Args:
        run: The fresh run, ended or not.
        facts: The target, whose Python is taken.
        command: The run's own, when it was given one: its Python is taken.
        stop: Set to give up.
    """
    own = [word for word in command[:1] if "python" in word.rsplit("/", 1)[-1]]
    python = next(iter(own or [one.executable for one in facts.pythons if one.executable]), _ANY_PYTHON)
    script = "agent/import_cost.py"
    try:
        with translated(run.address):
            run.put({script: _SCRIPT.read_bytes()})
            environment = {"PYTHONPROFILEIMPORTTIME": ""}
            code, told = run.run_beside([python, f"{TOOLS}/{script}"], environment, _SECONDS, stop)
    except WorkbenchError as error:  # the image may have it by another name
        return ImportCost(None, error.reason)
    try:
        seconds = float(told) if code == 0 else math.nan
    except ValueError:
        seconds = math.nan
    if 0 <= seconds < 1:
        return ImportCost(seconds)
    return ImportCost(None, STOPPED if stop.is_set() else "the image's Python did not time one")


def overhead_percent(found: ImportTimes, seconds: float | None) -> float | None:
    """How much longer all imports took for being told, in percent of what they would have taken.

    100 n c / (t - n c), of n modules that took t seconds, and c seconds for one: right to about a factor of two, and
    rather too low.

    Args:
        found: What was told.
        seconds: As `ImportCost` has it.
    """
    if seconds is None:
        return None
    spent = found.modules * seconds
    return 100 * spent / (found.seconds - spent) if spent < found.seconds else None
