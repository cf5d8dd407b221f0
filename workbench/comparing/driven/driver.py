"""Drives a comparison: every measurement in its turn, each kept at once, and the table of all that was measured."""

import time
from collections.abc import Callable
from statistics import median
from threading import Event

from workbench.comparing.driven.images import Looked, Stacks, as_run, figures_of, look_at, stacks_of
from workbench.comparing.driven.measuring import Measuring
from workbench.comparing.driven.profiles import LEAST_SECONDS
from workbench.comparing.driven.series import Series
from workbench.comparing.driven.subjects import series_key
from workbench.errors import EngineUnreachable, Stopped, StoreError, WorkbenchError
from workbench.measure.compare.driven import Drive, DrivenSide, compare_driven
from workbench.model.comparison import Comparison
from workbench.model.driven import SIDES, Action, DrivenPlan, DriveProgress, SideName, Task, What, tasks_of
from workbench.settings import Settings

Heard = Callable[[DriveProgress], object]

_WHATS: dict[Action, What] = {
    "build_cold": "build_cold",
    "build_touched": "build_touched",
    "run": "startup",
    "profile": "profile",
}
_KEPT: tuple[What, ...] = ("build_cold", "build_touched", "startup", "load", "knee", "profile")
"""What is kept of each side."""
_AROUND_SECONDS = 6.0
"""What a container takes beside its load: it is made, gets ready, is watched and removed."""
_KNEE_SECONDS = 40.0
_BESIDE_SECONDS = 6.0
"""What py-spy takes beside its recording."""


class Driver:
    """One driven comparison.

    Args:
        settings: Which engine, and how images may be read.
        plan: What is measured.
        fresh: Whether what an earlier call has measured is left alone.
    """

    def __init__(self, settings: Settings, plan: DrivenPlan, *, fresh: bool = False) -> None:
        self._settings = settings
        self._plan = plan
        self._fresh = fresh
        self._took: dict[tuple[Action, SideName], list[float]] = {}
        self._failed: dict[Action, str] = {}
        self._why_no_image = ""
        self.found = 0
        """Measurements of an earlier call that were taken over."""
        self.missing = 0
        """Measurements that are still to be made: it was stopped, or something failed."""

    def run(self, heard: Heard, stop: Event) -> Comparison:
        """Measure what was not measured yet; blocks. Nothing is left in the engine.

        Args:
            heard: Told how far it is; must not block.
            stop: Set to end it: what was measured until then is the result, and the next call goes on.

        Raises:
            Stopped: when it was stopped before it was known what is measured.
            NotFound: when there is no such image.
            UsageError: when a context has no Dockerfile or no file to change.
            StoreError: when nothing can be kept.
            EngineUnreachable: when the engine goes away.
        """
        plan = self._plan
        measuring = Measuring(self._settings, plan)
        try:
            ids = measuring.check(stop)
            series = Series(series_key(plan, ids), fresh=self._fresh)
            tasks = tasks_of(plan)
            left = [task for task in tasks if not self._is_done(series, task)]
            self.found = len(tasks) - len(left)
            self._drive(measuring, series, left, len(tasks), heard, stop)
            self.missing = sum(not self._is_done(series, task) for task in tasks)
            return compare_driven(self._drive_of(series, measuring))
        finally:
            measuring.close()

    def _drive(
        self, measuring: Measuring, series: Series, left: list[Task], of: int, heard: Heard, stop: Event
    ) -> None:
        looked = bool(series.figures())
        for number, task in enumerate(left):

            def tell(words: str, number: int = number, task: Task = task) -> None:
                pair = f"pair {task.pair + 1} of {max(self._plan.pairs, self._plan.builds)}"
                title = f"{'functions' if task.action == 'profile' else pair}, {task.side}: {words}"
                heard(DriveProgress(of - len(left) + number, of, title, self._left(left[number:])))

            if stop.is_set():
                break
            if not looked and task.action == "run":
                looked = True
                self._look(measuring, series, tell, stop)
            if task.action in self._failed:
                continue
            began = time.monotonic()
            try:
                self._work(measuring, task)(task, series, tell, stop)
            except Stopped:
                break
            except (StoreError, EngineUnreachable):
                raise
            except WorkbenchError as error:
                self._failed[task.action] = f"{task.side}: {error.reason}"
            else:
                self._took.setdefault((task.action, task.side), []).append(time.monotonic() - began)
        if not looked and not stop.is_set():
            self._look(measuring, series, lambda words: heard(DriveProgress(of, of, words, None)), stop)

    def _work(self, measuring: Measuring, task: Task) -> Callable[[Task, Series, Callable[[str], object], Event], None]:
        match task.action:
            case "run":
                return measuring.run
            case "profile":
                return measuring.profile
            case _:
                return measuring.build

    def _look(self, measuring: Measuring, series: Series, heard: Callable[[str], object], stop: Event) -> None:
        """What the images are made of; that it cannot be told is no reason to measure nothing."""
        looked: list[Looked] = []
        try:
            stacks: Stacks | None = None
            for side in SIDES:
                image = measuring.image(side, heard, stop)
                stacks = stacks_of(measuring.engine) if stacks is None else stacks
                looked.append(
                    look_at(measuring.engine, self._settings, image, stacks, self._plan.bandwidth, heard, stop)
                )
        except Stopped:
            return
        except (StoreError, EngineUnreachable):
            raise
        except WorkbenchError as error:
            self._why_no_image = f"{SIDES[len(looked)]}: {error.reason}"
            return
        series.add(as_run(self._plan.after.name, looked[0], looked[1], measuring.engine), "image", 0, "after")

    def _is_done(self, series: Series, task: Task) -> bool:
        wanted: list[What] = [_WHATS[task.action]]
        if task.action == "run" and self._plan.target:
            wanted += ["load"] if self._plan.knee_most is None else ["load", "knee"]
        return all(series.has(what, task.pair, task.side) for what in wanted)

    def _left(self, tasks: list[Task]) -> float | None:
        """Seconds that these will take, by what their like took; `None` when one of them is of a new kind."""
        total = 0.0
        for task in tasks:
            known = self._took.get((task.action, task.side))
            if task.action in self._failed:
                continue
            if known:
                total += median(known)
            elif task.action == "profile":
                total += _AROUND_SECONDS + _BESIDE_SECONDS + max(LEAST_SECONDS, self._plan.seconds)
                total += self._plan.warmup_seconds
            elif task.action == "run":
                load = self._plan.seconds + self._plan.warmup_seconds if self._plan.target else 0.0
                total += _AROUND_SECONDS + load + (_KNEE_SECONDS if self._plan.knee_most else 0.0)
            else:
                return None
        return total

    def _drive_of(self, series: Series, measuring: Measuring) -> Drive:
        figures, note = figures_of(series.figures())
        sides = [
            DrivenSide(
                {what: series.runs(what, side) for what in _KEPT},
                {what: series.steps(what, side) for what in ("build_cold", "build_touched")},
            )
            for side in SIDES
        ]
        return Drive(
            self._plan,
            sides[0],
            sides[1],
            figures,
            note,
            self._why_no_image,
            self._failed,
            measuring.touched,
            (series.profile("before"), series.profile("after")),
        )
