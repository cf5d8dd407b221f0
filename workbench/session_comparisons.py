"""The comparisons of a session: of marks, of stored runs, and those that were kept."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.job import start_job
from workbench.sources.base import Clock

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.model.comparison import Comparison
    from workbench.model.reading import Reading

    Heard = Callable[[Reading[Comparison]], object]


class SessionComparisons:
    """Works out one comparison on a thread of its own, and hands it on, or why there is none.

    Args:
        history: Has the marks.
        clock: Stamps the readings.
    """

    def __init__(self, history: "History", clock: Clock) -> None:
        self._history = history
        self._clock = clock

    def of_marks(self, seconds: float, on_done: "Heard") -> None:
        """What changed from before mark A to after mark B.

        Args:
            seconds: How long a span is looked at on either side.
            on_done: Gets it, on another thread.
        """

        def work() -> "Comparison":
            from workbench.comparing.marks import compare_marks

            return compare_marks(self._history, seconds)

        self._start(work, on_done)

    def of_runs(self, before: Sequence[int], after: Sequence[int], on_done: "Heard") -> None:
        """Stored runs against others, one or several on a side."""

        def work() -> "Comparison":
            from workbench.comparing.runs import compare_runs  # the store, which only this needs

            return compare_runs(before, after)

        self._start(work, on_done)

    def kept(self, run_id: int, on_done: "Heard") -> None:
        """One as it was kept."""

        def work() -> "Comparison":
            from workbench.comparison_run import read_comparison  # the store, which only this needs

            return read_comparison(run_id)

        self._start(work, on_done)

    def _start(self, work: "Callable[[], Comparison]", on_done: "Heard") -> None:
        start_job(work, on_done, name="compare", clock=self._clock)
