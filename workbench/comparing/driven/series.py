"""The stored runs of one driven comparison: each measurement is kept at once, so that nothing is measured twice."""

import json
import time
from contextlib import suppress
from dataclasses import replace

from workbench.build_run import kept_build
from workbench.errors import WorkbenchError
from workbench.measure.compare.steps import step_times
from workbench.model.behind import StepTimes
from workbench.model.driven import SideName, What
from workbench.model.profile import Profile
from workbench.model.runs import Artifact, NewRun, Pairing, RunDetail
from workbench.places import store_file
from workbench.store import Store

FIGURES = "image_figures"
"""The kind of the artifact with the rows of two images."""
KNEE = "at its knee"
"""The label of a run at the highest rate that a side kept up with."""
_LARGEST = 16 << 20


class Series:
    """What was measured of both sides.

    Args:
        key: Of what is measured; see `series_key`.
        fresh: Whether what an earlier call has measured is left alone.

    Raises:
        StoreError: when the store cannot be used.
    """

    def __init__(self, key: str, *, fresh: bool) -> None:
        self._runs: dict[tuple[What, int, SideName], RunDetail] = {}
        with Store.open(store_file()) as store:
            self.name = (not fresh and store.newest_series(key)) or f"{key}-{time.time_ns()}"
            for number in store.series(self.name):
                self._know(store.run(number))

    def has(self, what: What, pair: int, side: SideName) -> bool:
        """Whether this was measured."""
        return (what, pair, side) in self._runs

    def runs(self, what: What, side: SideName) -> list[RunDetail]:
        """All measurements of a kind, by pair."""
        keys = sorted(key for key in self._runs if key[0] == what and key[2] == side)
        return [self._runs[key] for key in keys]

    def add(self, run: NewRun, what: What, pair: int, side: SideName) -> None:
        """Keep a measurement.

        Raises:
            StoreError: when the store cannot be used.
        """
        label = KNEE if what == "knee" else run.label
        paired = replace(run, pairing=Pairing(self.name, pair, side), label=label)
        with Store.open(store_file()) as store:
            self._know(store.run(store.record_run(paired)))

    def steps(self, what: What, side: SideName) -> tuple[StepTimes, ...]:
        """The steps of the newest build of a kind; none when they cannot be read."""
        build = None
        with suppress(WorkbenchError), Store.open(store_file()) as store:
            for run in self.runs(what, side)[-1:]:
                build = kept_build(store, run)
        return () if build is None else step_times(build)

    def profile(self, side: SideName) -> Profile | None:
        """What was recorded of a side's functions; `None` when nothing was, or it cannot be read."""
        from workbench.profiling import profile_of_run  # the profilers

        with suppress(WorkbenchError), Store.open(store_file()) as store:
            for run in self.runs("profile", side)[-1:]:
                return profile_of_run(store, run)
        return None

    def figures(self) -> list[dict[str, object]]:
        """The rows of both images as they were kept; empty when there are none."""
        return self._json(self.runs("image", "after"), FIGURES)

    def _json(self, runs: list[RunDetail], kind: str) -> list[dict[str, object]]:
        wanted = [artifact for run in runs[-1:] for artifact in run.artifacts if artifact.kind == kind]
        return _read(wanted[0]) if wanted and wanted[0].size_bytes <= _LARGEST else []

    def _know(self, run: RunDetail) -> None:
        """The newest of a kind, pair and side counts: a workbench died between two runs of one measurement."""
        what = _what(run)
        if run.pairing is not None and what is not None:
            self._runs[what, run.pairing.index, run.pairing.side] = run


def _read(artifact: Artifact) -> list[dict[str, object]]:
    try:
        with Store.open(store_file()) as store:
            said = json.loads(store.artifact(artifact).read_bytes())
    except (WorkbenchError, OSError, ValueError, RecursionError):
        return []
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _what(run: RunDetail) -> What | None:
    """What a stored run holds, by its kind and label."""
    match run.summary.kind, run.summary.label:
        case "build", "cold":
            return "build_cold"
        case "build", "touched":
            return "build_touched"
        case "startup", _:
            return "startup"
        case "bench", label:
            return "knee" if label == KNEE else "load"
        case "image" | "profile" as kind, _:
            return kind
    return None
