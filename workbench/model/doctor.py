"""What the doctor finds: one thing that the workbench can use, whether it is there, and what mends it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["fine", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is."""

    status: Status
    """`missing`: not there, and the workbench does without. `broken`: there, and not as it should be."""
    detail: str
    """What was found, one sentence without a full stop."""
    fix: str = ""
    """The next step, ideally a command to paste; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A thing with its finding: one line of `workbench doctor`."""

    name: str
    """One word, stable: what `--json` is searched for."""
    title: str
    status: Status
    detail: str
    fix: str
    essential: bool
    """Whether the workbench's main job needs it."""
