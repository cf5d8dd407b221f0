"""The stored runs as the screens need them: listed, changed, deleted with a way back, carried to other machines.

Every method but `delete` and `undo` blocks and may raise StoreError; they are called on a thread.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
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
        with self._open() as store:
            return tuple(run for run in store.runs(MOST) if run.id not in gone)

    def page(self, run_id: int) -> RunPage:
        """One run with the course of its metrics.

        Raises:
            RunUnknown: when there is none of this id.
        """
        with self._open() as store:
            detail, trends = store.run(run_id), store.trends(run_id)
        several = [trend for trend in trends if len(trend.values) > 1]
        return RunPage(detail, tuple(Course(trend, tuple(change_points(trend.values))) for trend in several))

    def profile(self, run_id: int) -> Profile | None:
        """The profile that a run kept; `None` when it has none that can be read."""
        with self._open() as store:
            return profile_of(store, store.run(run_id))

    def label(self, run_id: int, text: str) -> None:
        """Replace a run's label."""
        with self._open() as store:
            store.label(run_id, text)

    def note(self, run_id: int, text: str) -> None:
        """Replace a run's note."""
        with self._open() as store:
            store.note(run_id, text)

    def pin(self, run_id: int, *, pinned: bool) -> None:
        """Keep a run when old ones are pruned, or no longer."""
        with self._open() as store:
            store.pin(run_id, pinned=pinned)

    def delete(self, ids: Sequence[int]) -> None:
        """Delete runs; `undo` brings them back until the workbench closes."""
        self._deleted.append(tuple(ids))

    def undo(self) -> tuple[int, ...]:
        """Bring back what was deleted last; empty when nothing was."""
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
        with self._open() as store:
            return path, export_runs(store, ids, path)

    def import_(self, path: Path) -> Imported:
        """Read the runs of such a file into the store."""
        with self._open() as store:
            return import_runs(store, path)

    def close(self) -> None:
        """Delete for good what was deleted, and let go of the store. Callable twice."""
        gone = {number for each in self._deleted for number in each}
        self._deleted = []
        with suppress(WorkbenchError):
            for number in gone:
                with self._open() as store, suppress(RunUnknown):
                    store.delete(number)
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    @contextmanager
    def _open(self) -> Iterator[Store]:
        """The store, by one thread at a time: it is not closed under another one's question."""
        with self._lock:
            if self._store is None:
                self._store = Store.open(store_file())
            yield self._store
