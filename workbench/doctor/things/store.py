"""The store of runs: can it be read and written, or made."""

import os
from pathlib import Path

from workbench.doctor.check import Check, Surroundings
from workbench.errors import StoreError
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import sentence
from workbench.store import Store


def _examine(surroundings: Surroundings) -> Finding:
    path = surroundings.store_file()
    if os.path.lexists(path):
        return _opened(path)
    there = next(folder for folder in path.absolute().parents if os.path.lexists(folder))
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding("fine", f"none yet; the first run makes {sentence(str(path))}")
    return Finding(
        "broken",
        f"{sentence(str(path))} cannot be made: {sentence(str(there))} is not a folder you may write to",
        "point XDG_DATA_HOME at one, or change its permissions",
    )


def _opened(path: Path) -> Finding:
    try:
        store = Store.open(path)
        try:
            store.runs(limit=1)
        finally:
            store.close()
    except StoreError as error:
        return Finding("broken", error.reason, error.hint)
    return Finding("fine", sentence(str(path)))


CHECK = Check("store", "store of runs", _examine, rank=42)
