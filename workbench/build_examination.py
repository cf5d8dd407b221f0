"""A Dockerfile and its context examined, with the figures of the builds that are known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from workbench.build_records import records_of
from workbench.builds.recipe import Recipe
from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.checks.dockerfiles import look_at_dockerfile
from workbench.measure.context_report import context_report
from workbench.measure.rebuild.inputs import ContextInputs
from workbench.measure.rebuild.plan import Facts, base_images, digest_of, plan_of
from workbench.measure.rebuild.predict import predict
from workbench.measure.rebuild.record import figures_of, record_of, seconds_of
from workbench.measure.rebuild.reorder import Reordered, reorder
from workbench.measure.rebuild.stages import context_sources
from workbench.measure.rebuild.what_if import WhatIf
from workbench.measure.secrets import mask_text
from workbench.model.build import Build, Builder
from workbench.model.build_analysis import BuildAnalysis, BuildRecord, StepFigures
from workbench.model.build_context import BuildContext, ContextListing
from workbench.model.build_prediction import BuildPlan, RebuildPrediction, Reordering
from workbench.sources.build_context import ContextDigests, read_context

_LARGEST_LIST = 1 << 20

FindImages = Callable[[Sequence[str]], Mapping[str, str] | None]
"""Gives the ids of images by their names, of those that there are; `None` when no engine can be asked."""


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """A Dockerfile and its context as they are now."""

    recipe: Recipe
    text: str
    listing: ContextListing
    facts: Facts
    plan: BuildPlan
    place: str
    bases_known: bool
    """Whether an engine told the base images' ids."""


def read_inputs(
    recipe: Recipe,
    builder: Builder,
    find_images: FindImages,
    stop: Event | None = None,
    tell: Callable[[int, int], object] | None = None,
) -> BuildInputs:
    """Read a Dockerfile and its context; blocks for as long as its files take to hash.

    Args:
        recipe: What would be built.
        builder: With which.
        find_images: Asks the engine for base images.
        stop: Set to end it.
        tell: Told how many bytes of files were read so far, and of how many at most; must not block.

    Raises:
        UsageError: when there is no such Dockerfile or context.
        Stopped: when told to stop.
    """
    text = recipe.text()
    listing = read_context(recipe.context, recipe.dockerfile, stop, builder=builder)
    most = sum(entry.size for entry in listing.entries.values())
    digests = ContextDigests(recipe.context, stop, None if tell is None else lambda read: tell(read, most))
    context = ContextInputs(listing.entries, digests, builder)
    facts = Facts(builder, context, dict(recipe.arguments), recipe.target)
    bases = find_images(base_images(text, facts))
    facts = replace(facts, bases=bases or {})
    plan = plan_of(text, facts)
    problems = list(digests.problems)
    if not listing.is_complete:
        problems.append("the context has more files than were looked at")
    if listing.unreadable:
        problems.append("the context has folders that cannot be read")
    plan = BuildPlan(builder, plan.steps, tuple(problems))
    place = digest_of(builder, str(recipe.context.resolve()), str(recipe.dockerfile.resolve()), recipe.target)
    return BuildInputs(recipe, text, listing, facts, plan, place, bases is not None)


def examine(
    inputs: BuildInputs, builds: Sequence[Build] = (), *, is_touched: bool = False, changed: Iterable[str] = ()
) -> BuildAnalysis:
    """Findings, context, figures of steps, what changes rebuild, and a better order.

    Args:
        inputs: The Dockerfile and its context, read before these builds.
        builds: That have just ended; none for a look without a build.
        is_touched: Whether they were of a copy with a changed file.
        changed: Paths of the context whose change is asked for.

    Raises:
        Stopped: when told to stop.
    """
    # Without a name nothing is left of a classic build, its cache neither
    keeps = inputs.facts.builder == "buildx" or bool(inputs.recipe.tag)
    record = record_of(inputs.plan, builds, inputs.text, inputs.place, is_whole=not is_touched and keeps)
    stored = records_of(inputs.place)
    records = [record, *stored] if builds else list(stored)
    figures = figures_of(inputs.plan, records)
    seconds = seconds_of(records)
    context = context_report(inputs.listing, context_sources(inputs.text, inputs.recipe.target, inputs.facts.builder))
    what_if = WhatIf(inputs.text, inputs.facts, seconds)
    predictions = [*(what_if.file_changes(path) for path in changed), *what_if.usual()]
    since = None if builds else _since(inputs, stored, seconds)
    return BuildAnalysis(
        findings=look_at_dockerfile(_situation(inputs, context, figures)),
        context=context,
        plan=inputs.plan,
        record=record,
        figures=figures,
        predictions=(*([since] if since else []), *predictions),
        reordering=_reordering(inputs, what_if, seconds),
    )


def _situation(inputs: BuildInputs, context: BuildContext, figures: Sequence[StepFigures]) -> DockerfileSituation:
    return DockerfileSituation(
        text=inputs.text,
        context=context,
        builder=inputs.facts.builder,
        target=inputs.recipe.target,
        figures={each.line: each for each in figures},
        context_paths=frozenset(inputs.listing.entries),
    )


def _since(
    inputs: BuildInputs, stored: Sequence[BuildRecord], seconds: Mapping[str, float]
) -> RebuildPrediction | None:
    """What is different from the newest build that is stored and whole."""
    last = next((record for record in stored if record.is_whole), None)
    if last is None or not inputs.bases_known:
        return None
    return predict(last.plan, inputs.plan, "since", f"since run {last.run}", seconds)


def _reordering(inputs: BuildInputs, what_if: WhatIf, seconds: Mapping[str, float]) -> Reordering:
    found = reorder(inputs.text, inputs.listing.entries, _reader(inputs.recipe.context))
    touched = what_if.source_file()
    if not found.moves or not touched:
        return Reordering("", _masked(_without_moves(found, touched)))
    before = what_if.file_changes(touched)
    after = WhatIf(found.text, inputs.facts, seconds).file_changes(touched)
    if len(after.steps) >= len(before.steps):
        kept = ("the steps stand in the order that rebuilds least", *found.reasons[found.moves :])
        return Reordering("", _masked(kept))
    return Reordering(
        mask_text(found.diff(inputs.text, inputs.recipe.dockerfile.name)),
        _masked(found.reasons),
        touched,
        len(before.steps),
        len(after.steps),
        before.will_seconds,
        after.will_seconds,
    )


def _masked(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(mask_text, reasons))


def _without_moves(found: Reordered, touched: str) -> tuple[str, ...]:
    if not touched:
        return ("no step copies a file of code",)
    return found.reasons or ("the steps stand in the order that rebuilds least",)


def _reader(context: Path) -> Callable[[str], str | None]:
    def read(path: str) -> str | None:
        try:
            with (context / path).open("rb") as file:
                return file.read(_LARGEST_LIST).decode("utf-8", "replace")
        except OSError:
            return None

    return read
