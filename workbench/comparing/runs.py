"""Stored runs, one or several on a side: by their metrics, or by their profiles where they are such."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.errors import ProfileError, RunUnknown, UsageError, WorkbenchError
from workbench.measure.compare.profiles import compare_several_profiles
from workbench.measure.compare.repeated_profiles import compare_repeated_profiles
from workbench.measure.compare.runs import compare_runs as compare_details
from workbench.measure.flame.mean_profile import why_not_one
from workbench.model.comparison import MOST_REPEATS, Comparison, Side
from workbench.model.profile import Profile
from workbench.model.runs import ELSEWHERE, RunDetail
from workbench.places import store_file
from workbench.profile_files import read_profile
from workbench.store import Store


def compare_runs(before: Sequence[int], after: Sequence[int]) -> Comparison:
    """Judge stored runs against others.

    Several on a side are repeats, and no others are taken. One on each side is taken with its own repeats: the runs of
    its side of its series, or those that measured the very same as it did where the other run measured something else.

    Args:
        before: Numbers of one run or several.
        after: Others.

    Raises:
        RunUnknown: when there is no such run.
        UsageError: when they are not of one kind, one is on both sides, or profiles of one side count different things.
        StoreError: when the store cannot be used.
    """
    if not store_file().exists():  # a question makes no store
        raise RunUnknown(f"there is no run {before[0]}", "workbench runs lists those that there are")
    both = sorted({*before} & {*after})
    if both:
        raise UsageError(f"run {both[0]} is on both sides", "choose other runs for one of them")
    with Store.open(store_file()) as store:
        sides = [[store.run(number) for number in dict.fromkeys(side)] for side in (before, after)]
        old, new = sides[0][0], sides[1][0]
        other = next((run for side in sides for run in side if run.summary.kind != old.summary.kind), None)
        if other is not None:
            raise UsageError(
                f"run {old.summary.id} is of kind {old.summary.kind}, "
                f"run {other.summary.id} of kind {other.summary.kind}",
                "choose runs of one kind",
            )
        if old.summary.kind == "profile" and (judged := _profiles(store, sides)) is not None:
            return judged
        if max(map(len, sides)) == 1:
            sides = [_repeats(store, old, new), _repeats(store, new, old)]
        return compare_details(*(sorted(side, key=_moment) for side in sides))


def _profiles(store: Store, sides: Sequence[Sequence[RunDetail]]) -> Comparison | None:
    """Their profiles compared; `None` when there is one that cannot be read."""
    found = [[_whole_profile(store, run) for run in side] for side in sides]
    before, after = ([profile for profile in side if profile is not None] for side in found)
    if len(before) + len(after) < sum(map(len, sides)):
        return None
    for profiles in (before, after):
        if reason := why_not_one(profiles):
            raise UsageError(reason, "choose runs of one profiler")
    names = _several(sides[0]), _several(sides[1])
    repeated = compare_repeated_profiles(before, after, names)
    if isinstance(repeated, Comparison):
        return repeated
    compared = compare_several_profiles(before, after, names)
    return replace(compared, notes=(*compared.notes, f"{repeated.reason}: {repeated.hint}"))


def _whole_profile(store: Store, run: RunDetail) -> Profile | None:
    """A profile with all that is known of how it was taken, else what its files tell."""
    from workbench.profiling import profile_of_run  # the profilers

    try:
        return profile_of_run(store, run)
    except WorkbenchError:
        return profile_of(store, run)


def _several(runs: Sequence[RunDetail]) -> Side:
    if len(runs) == 1:
        return _side(runs[0])
    listed = ", ".join(str(run.summary.id) for run in runs)
    numbers = tuple(run.summary.id for run in runs)
    return Side(runs[0].summary.target.name, f"{runs[0].summary.label}, runs {listed}", numbers)


def _repeats(store: Store, run: RunDetail, other: RunDetail) -> list[RunDetail]:
    """The runs that stand for the same as this one; itself alone where they cannot be told from others."""
    if run.environment.host_id == ELSEWHERE:
        return [run]
    if run.pairing is not None:
        ids = store.side_of(run.pairing.series, run.pairing.side, MOST_REPEATS)
        # A series that was driven has builds, start-ups and loads
        paired = [store.run(number) for number in ids]
        repeats = [each for each in paired if _what(each) == _what(run)]
    elif _measured(run) == _measured(other):
        return [run]
    else:
        listed = store.runs(MOST_REPEATS, kind=run.summary.kind, target=run.summary.target.name)
        alike = [store.run(each.id) for each in listed if each.label == run.summary.label]
        repeats = [each for each in alike if _measured(each) == _measured(run)]
    complete = [each for each in repeats if each.summary.status == "complete"]
    numbers = {each.summary.id for each in complete}
    return complete if run.summary.id in numbers and other.summary.id not in numbers else [run]


def _what(run: RunDetail) -> tuple[str, str]:
    return run.summary.kind, run.summary.label


def _measured(run: RunDetail) -> tuple[object, ...]:
    """What was measured, and where: equal for the repeats of a run."""
    about, how = run.summary, run.conditions
    made_of = (how.image_id, how.git_commit, how.git_dirty, how.configuration)
    return about.kind, about.target, about.label, run.environment.fingerprint, *made_of


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
    return Side(run.summary.target.name, f"{run.summary.label}, run {run.summary.id}", (run.summary.id,))


def _moment(run: RunDetail) -> tuple[float, int]:
    return run.summary.started_at, run.summary.id
