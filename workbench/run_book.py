"""The stored runs as the screens need them: listed, changed, deleted with a way back, carried to other machines.

Every method blocks and may raise StoreError; they are called on a thread.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from workbench.comparing.runs import profile_of
from workbench.errors import RunUnknown, WorkbenchError
from workbench.measure.statistics.change_points import ChangePoint, change_points
from workbench.model.profile import Profile
from workbench.model.runs import RunDetail, RunSummary, Trend
from workbench.places import data_dir, store_file
from workbench.run_files import SUFFIX, Imported, export_runs, import_runs
from workbench.store import Store

MOST = 20_000
"""Runs that are listed."""


@dataclass(frozen=True, slots=True)
class Course:
    """How one metric went over time, and where it went over to another level."""

    trend: Trend
    points: tuple[ChangePoint, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run and the course of its metrics."""

    detail: RunDetail
    courses: tuple[Course, ...]


class RunBook:
    """The store, opened when it is first needed. Safe from several threads.

    What is deleted is gone from the list at once and from the disk when the workbench closes, so that it can be undone.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._store: Store | None = None
        self._deleted: list[tuple[int, ...]] = []

    def runs(self) -> tuple[RunSummary, ...]:
        """All of them, newest first, without those that were deleted."""
        if not store_file().exists():  # a look makes no store
            return ()
        gone = {number for each in self._deleted for number in each}
        return tuple(run for run in self._open().runs(MOST) if run.id not in gone)

    def page(self, run_id: int) -> RunPage:
        """One run with the course of its metrics.

        Raises:
            RunUnknown: when there is none of this id.
        """
        store = self._open()
        trends = [trend for trend in store.trends(run_id) if len(trend.values) > 1]
        return RunPage(store.run(run_id), tuple(Course(one, tuple(change_points(one.values))) for one in trends))

    def profile(self, run_id: int) -> Profile | None:
        """The profile that a run kept; `None` when it has none that can be read."""
        store = self._open()
        return profile_of(store, store.run(run_id))

    def label(self, run_id: int, text: str) -> None:
        """Replace a run's label."""
        self._open().label(run_id, text)

    def note(self, run_id: int, text: str) -> None:
        """Replace a run's note."""
        self._open().note(run_id, text)

    def pin(self, run_id: int, *, pinned: bool) -> None:
        """Keep a run when old ones are pruned, or no longer."""
        self._open().pin(run_id, pinned=pinned)

    def delete(self, ids: Sequence[int]) -> None:
        """Delete runs; `undo` brings them back until the workbench closes."""
        with self._lock:
            self._deleted.append(tuple(ids))

    def undo(self) -> tuple[int, ...]:
        """Bring back what was deleted last; empty when nothing was."""
        with self._lock:
            return self._deleted.pop() if self._deleted else ()

    def export(self, ids: Sequence[int], path: Path | None = None) -> tuple[Path, int]:
        """Write runs into a file that another workbench can import; its path and size in bytes.

        Args:
            ids: Which.
            path: The file to make; `None` chooses a name in the data folder.
        """
        if path is None:
            folder = data_dir() / "exports"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            stem = f"run-{ids[0]}" if len(ids) == 1 else f"runs-{ids[0]}-and-{len(ids) - 1}-more"
            names = (folder / f"{stem}{f'-{number}' if number else ''}{SUFFIX}" for number in range(1000))
            path = next(name for name in names if not name.exists())
        return path, export_runs(self._open(), ids, path)

    def import_(self, path: Path) -> Imported:
        """Read the runs of such a file into the store."""
        return import_runs(self._open(), path)

    def close(self) -> None:
        """Delete for good what was deleted, and let go of the store. Callable twice."""
        with self._lock:
            deleted, self._deleted = self._deleted, []
            with suppress(WorkbenchError):
                for number in {number for each in deleted for number in each}:
                    with suppress(RunUnknown):
                        self._opened().delete(number)
            if self._store is not None:
                self._store.close()
                self._store = None

    def _open(self) -> Store:
        with self._lock:
            return self._opened()

    def _opened(self) -> Store:
        if self._store is None:
            self._store = Store.open(store_file())
        return self._store
