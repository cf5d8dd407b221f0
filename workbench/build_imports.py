"""Builds that were made elsewhere, as both fronts show them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.build_run import as_run
from workbench.building import BuildOutcome
from workbench.builds.recipe import Recipe
from workbench.errors import UsageError
from workbench.measure.build_graph import graph_of
from workbench.model.build import Build
from workbench.model.runs import ELSEWHERE, Environment
from workbench.places import store_file
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.model.build_analysis import BuildAnalysis
    from workbench.sources.endpoint import Endpoint


def imported(file: str, recipe: Recipe | None) -> BuildOutcome:
    """The build that a file tells of.

    Args:
        file: A saved `--progress=rawjson`; `-` for standard input.
        recipe: Whose Dockerfile gives the lines; `None` for none.

    Raises:
        UsageError: when the file or the Dockerfile cannot be read.
    """
    from workbench.builds.imported import read_rawjson

    return _outcome_of(read_rawjson(file, recipe.text() if recipe else ""), recipe)


def remembered(endpoint: "Endpoint", reference: str, recipe: Recipe | None) -> BuildOutcome:
    """A build that the engine's BuildKit remembers; blocks.

    Args:
        endpoint: The engine.
        reference: As `docker buildx history ls` names it; empty for the newest.
        recipe: Whose Dockerfile gives the lines; `None` for none.

    Raises:
        UsageError: when buildx is not installed, or the Dockerfile cannot be read.
        WorkbenchError: when there is no such build.
    """
    from workbench.builds.imported import read_history
    from workbench.sources.buildx_program import find_buildx

    program = find_buildx(os.environ)
    if program is None:
        raise UsageError("buildx is not installed", "see workbench doctor")
    return _outcome_of(read_history(program, endpoint, reference, recipe.text() if recipe else ""), recipe)


def keep_imported(outcome: BuildOutcome, name: str, analysis: "BuildAnalysis | None" = None) -> int:
    """Keep such a build as a run and return its number. Where it was made is not known: it is no other's repeat.

    Args:
        outcome: The build.
        name: What the user calls it.
        analysis: What `examine` says of it.

    Raises:
        StoreError: when the store cannot be used.
    """
    with Store.open(store_file()) as store:
        return store.record_run(as_run(outcome, name, Environment(ELSEWHERE), analysis))


def _outcome_of(build: Build, recipe: Recipe | None) -> BuildOutcome:
    nowhere = Recipe(Path(), Path("Dockerfile"))
    return BuildOutcome(recipe or nowhere, (build,), (graph_of(build),), "", is_imported=True)
