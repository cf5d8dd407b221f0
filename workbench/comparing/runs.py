"""Two stored runs: by their metrics, or by their profiles where they are such."""

from workbench.errors import ProfileError, RunUnknown, UsageError, WorkbenchError
from workbench.measure.compare.profiles import compare_two_profiles
from workbench.measure.compare.runs import compare_runs as compare_details
from workbench.model.comparison import Comparison, Side
from workbench.model.profile import Profile
from workbench.model.runs import RunDetail
from workbench.places import store_file
from workbench.profile_files import read_profile
from workbench.store import Store

MOST_REPEATS = 200
"""Runs of one side of a series that are read."""


def compare_runs(before: int, after: int) -> Comparison:
    """Judge one stored run against another; each with the runs that were made with it, on its side of its series.

    Raises:
        RunUnknown: when there is no such run.
        UsageError: when the two are not of one kind.
        StoreError: when the store cannot be used.
    """
    if not store_file().exists():  # a question makes no store
        raise RunUnknown(f"there is no run {before}", "workbench runs lists those that there are")
    with Store.open(store_file()) as store:
        old, new = store.run(before), store.run(after)
        if old.summary.kind != new.summary.kind:
            raise UsageError(
                f"run {before} is of kind {old.summary.kind}, run {after} of kind {new.summary.kind}",
                "choose two runs of one kind",
            )
        if old.summary.kind == "profile":
            profiles = profile_of(store, old), profile_of(store, new)
            if profiles[0] and profiles[1]:
                return compare_two_profiles(profiles[0], profiles[1], (_side(old), _side(new)))
        return compare_details(_repeats(store, old), _repeats(store, new))


def _repeats(store: Store, run: RunDetail) -> list[RunDetail]:
    """The runs of the same side of its series, oldest first; itself alone where it belongs to none."""
    if run.pairing is None:
        return [run]
    ids = store.side_of(run.pairing.series, run.pairing.side, MOST_REPEATS)
    return [store.run(number) for number in ids] or [run]


def profile_of(store: Store, run: RunDetail) -> Profile | None:
    """The profile that a run kept; `None` when none of its files is one that can be read."""
    for artifact in run.artifacts:
        try:
            return read_profile(store.artifact(artifact))
        except ProfileError:
            continue
        except WorkbenchError:
            return None
    return None


def _side(run: RunDetail) -> Side:
    return Side(run.summary.target.name, f"{run.summary.label}, run {run.summary.id}")
