"""What is typed for a side, and what tells whether it is still the same one when the comparison goes on."""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from workbench.errors import UsageError
from workbench.measure.text import printable
from workbench.model.driven import DrivenPlan, Subject

_MOST_FILES = 500_000


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


def series_key(plan: DrivenPlan, image_ids: tuple[str, str]) -> str:
    """Stands for all that decides what is measured, and not how often: equal when a comparison goes on.

    Args:
        plan: What is measured.
        image_ids: Of the sides that are images; empty for those that are built.
    """
    told = asdict(plan) | {
        "pairs": 0,
        "builds": 0,
        "image_ids": image_ids,
        "contexts": [_state(side) for side in (plan.before, plan.after)],
    }
    return f"compare-{hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:24]}"


def _state(side: Subject) -> str:
    """Changes whenever a file of the context does: hashed are names, sizes and times, for contents may be large."""
    if side.context is None:
        return ""
    known = hashlib.sha256(str(side.context).encode("utf-8", "surrogateescape"))
    seen = 0
    for folder, folders, files in os.walk(side.context):
        folders[:] = sorted(name for name in folders if name not in {".git", "__pycache__"})
        for name in sorted(files):
            seen += 1
            if seen > _MOST_FILES:
                raise UsageError(f"{printable(str(side.context))} has more than {_MOST_FILES} files")
            path = Path(folder, name)
            about = path.lstat()
            told = f"{path}\0{about.st_size}\0{about.st_mtime_ns}\0{about.st_mode}\n"
            known.update(told.encode("utf-8", "surrogateescape"))
    return known.hexdigest()
