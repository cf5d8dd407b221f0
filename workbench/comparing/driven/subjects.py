"""What is typed for a side, and what tells whether it is still the same one when the comparison goes on."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from workbench.errors import UsageError
from workbench.measure.text import printable
from workbench.model.driven import DrivenPlan, Subject


def is_context(typed: str) -> bool:
    """Whether it names a folder with a Dockerfile, or a Dockerfile itself."""
    path = Path(typed).expanduser()
    return (path / "Dockerfile").is_file() or (path.is_file() and "dockerfile" in path.name.lower())


def subject_of(typed: str, builds: str = "") -> Subject:
    """A side of a comparison.

    Args:
        typed: An image of the engine, a folder with a Dockerfile, or a Dockerfile, whose folder is the context.
        builds: A context too, whose builds are timed though the image is there already; empty for none.

    Raises:
        UsageError: when a context has no Dockerfile.
    """
    if builds:
        return Subject(typed, image=typed, context=_context(builds), dockerfile=_dockerfile(builds))
    if is_context(typed):
        return Subject(typed, context=_context(typed), dockerfile=_dockerfile(typed))
    return Subject(typed, image=typed)


def _dockerfile(typed: str) -> Path:
    path = Path(typed).expanduser()
    file = path / "Dockerfile" if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"{printable(typed)} is neither a Dockerfile nor a folder with one")
    return file.resolve()


def _context(typed: str) -> Path:
    path = Path(typed).expanduser()
    return (path if path.is_dir() else path.parent).resolve()


def series_key(plan: DrivenPlan, states: tuple[str, str]) -> str:
    """Stands for all that decides what is measured, and not how often or what beside: equal when it goes on.

    Args:
        plan: What is measured.
        states: Of both sides: another one whenever its image or its context is another.
    """
    told = asdict(plan) | {
        "pairs": 0,
        "builds": 0,
        "states": states,
    }
    del told["profile"]
    return f"compare-{hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:24]}"
