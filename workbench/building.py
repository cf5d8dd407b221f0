"""Builds as both fronts ask for them: with BuildKit where buildx is, else with the classic builder; kept as runs."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from workbench.build_examination import BuildInputs, read_inputs
from workbench.build_run import IMPORTED, as_run
from workbench.builds.recipe import Heard, Recipe
from workbench.errors import UsageError, WorkbenchError
from workbench.measure.build_graph import graph_of
from workbench.measure.text import printable
from workbench.model.build import Build, Builder, BuildGraph, EarlierBuilds
from workbench.model.build_analysis import BuildAnalysis
from workbench.model.opened_build import OpenedBuild
from workbench.model.runs import NewRun
from workbench.places import store_file
from workbench.settings import Settings
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.builds.made_images import MadeImages
    from workbench.sources.engine import Engine

LONGEST_SILENCE_SECONDS = 3600
"""A step may say nothing for as long."""
_STOPPED_SECONDS = 30.0
"""How long the engine may take to remove the container of a step that was stopped."""


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """Builds of the same, one after the other."""

    recipe: Recipe
    builds: tuple[Build, ...]
    graphs: tuple[BuildGraph, ...]
    touched: str
    """The file that was changed before each; empty for none."""
    is_imported: bool = False
    """Whether it was made elsewhere."""

    @property
    def mode(self) -> str:
        """What they measure."""
        if self.is_imported:
            return IMPORTED
        return "touched" if self.touched else "warm" if self.recipe.uses_cache else "cold"

    def opened(
        self,
        name: str,
        run: int | None,
        problem: str = "",
        earlier: EarlierBuilds | None = None,
        analysis: BuildAnalysis | None = None,
    ) -> OpenedBuild:
        """The last of them as it is shown.

        Args:
            name: What was built.
            run: The run that it is kept as.
            problem: Why it is not kept.
            earlier: What the same took before.
            analysis: What `examine` says of it.
        """
        count = len(self.builds)
        return OpenedBuild(name, self.builds[-1], self.graphs[-1], self.mode, count, run, problem, earlier, analysis)


class Building:
    """Builds on one engine.

    Args:
        settings: Which engine.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environ = dict(os.environ)
        self._engine: Engine | None = None
        self._made: MadeImages | None = None

    @property
    def engine(self) -> "Engine":
        """The engine, not yet connected when it is first asked for."""
        if self._engine is None:
            from workbench.sources.endpoint import resolve
            from workbench.sources.engine import Engine

            self._engine = Engine(resolve(self._settings.context, self._environ))
        return self._engine

    def run(
        self,
        recipe: Recipe,
        times: int,
        touched: str,
        builder: str,
        heard: Heard,
        stop: Event,
        kept: str = "",
    ) -> BuildOutcome:
        """Build so many times, or until one fails; blocks. What was built without a name is removed in the end.

        Args:
            recipe: What is built.
            times: How often.
            touched: A file of the context that is changed before each build, in a copy; empty for none.
            builder: `buildx`, `classic`, or empty for the best that is there.
            heard: Told the steps so far; must not block.
            stop: Set to end it; the builds until then are the result.
            kept: A name of `new_name`, under which the image stays for whoever calls `remove` later; empty for none.

        Raises:
            UsageError: when there is no such context, file or builder.
            WorkbenchError: when the engine or the builder fails. That a build fails is a result.
        """
        from workbench.builds.made_images import remove_made
        from workbench.sources.ours import PROFILER, maker_labels, new_name, remove_profilers

        if not recipe.context.is_dir():
            raise UsageError(f"{printable(str(recipe.context))} is no folder", "workbench build DIR")
        builds: list[Build] = []
        with ExitStack() as undo:
            with self.engine.talk() as connection:
                remove_profilers(connection.client)
                remove_made(connection.client, self.engine.endpoint.address)
            source, changed = undo.enter_context(in_a_copy(recipe, touched)) if touched else (recipe, None)
            names = [recipe.tag or kept or new_name("build") for _ in range(times)]
            try:
                for name in names:
                    if stop.is_set():
                        break
                    if changed is not None:
                        with changed.open("ab") as file:
                            file.write(_blank_line())
                    # Labels of our own make it an image of our own, though everything in it came from the cache
                    labels = {} if recipe.tag else maker_labels(PROFILER)
                    built = self._build(replace(source, tag=name), labels, builder, heard, stop)
                    builds.append(self._with_layers(built, name))
                    if builds[-1].error or builds[-1].was_stopped:
                        break
            finally:
                is_whole = builds and not (builds[-1].error or builds[-1].was_stopped)
                if not recipe.tag and not (kept and is_whole):
                    self.remove(names, builds)
        return BuildOutcome(recipe, tuple(builds), tuple(graph_of(build) for build in builds), touched)

    def builder_of(self, asked: str) -> Builder:
        """The builder that is asked for, whether it is there or not, else the best that is there."""
        from workbench.sources.buildx_program import find_buildx

        if not asked:
            return "classic" if find_buildx(self._environ) is None else "buildx"
        return "classic" if asked == "classic" else "buildx"

    def inputs(
        self, recipe: Recipe, builder: str, stop: Event, tell: Callable[[int, int], object] | None = None
    ) -> BuildInputs:
        """Read a Dockerfile and its context, for `examine`; before a build, so that it is what is built. Blocks.

        Args:
            recipe: What is built.
            builder: As for `run`.
            stop: Set to end it.
            tell: Told how many bytes of files were read so far, and of how many at most; must not block.

        Raises:
            UsageError: when there is no such Dockerfile or context.
            Stopped: when told to stop.
        """
        return read_inputs(recipe, self.builder_of(builder), self._images, stop, tell)

    def remove(self, names: Sequence[str], builds: Sequence[Build]) -> None:
        """Remove images that builds have made, those between too, as far as nothing else needs them.

        Args:
            names: Of images of ours.
            builds: What made them.

        Raises:
            WorkbenchError: when the engine does not answer.
        """
        from workbench.builds.made_images import remove_all
        from workbench.sources.ours import remove_image

        made = [image for build in builds for image in build.made_images]
        # A step that was stopped holds on to its image until the engine has removed the container
        patience = _STOPPED_SECONDS if any(build.was_stopped for build in builds) else 0.0
        is_gone = False
        try:
            with self.engine.talk() as connection:
                for name in names:
                    remove_image(connection.client, name)
                is_gone = remove_all(connection.client, made, patience)
        finally:
            if not is_gone:
                self._made = None  # its file stays, and the next start tries again

    def keep(self, outcome: BuildOutcome, name: str, analysis: BuildAnalysis | None = None) -> int:
        """Keep the builds as one run, with a sample for each, and return the run's number.

        Args:
            outcome: What came of it.
            name: What the user calls the context.
            analysis: What `examine` says of it, so that later builds can be predicted.

        Raises:
            StoreError: when the store cannot be used.
        """
        with Store.open(store_file()) as store:
            return store.record_run(self.as_run(outcome, name, analysis))

    def as_run(self, outcome: BuildOutcome, name: str, analysis: BuildAnalysis | None = None) -> NewRun:
        """The builds as they are stored, secrets masked; see `as_run`."""
        from workbench.sources.machine import environment_of

        with self.engine.talk() as connection:
            return as_run(outcome, name, environment_of(connection.info), analysis)

    def close(self) -> None:
        """Let go of the engine, after everything was removed. Callable from another thread, and twice."""
        if self._made is not None:
            self._made.forget()
        if self._engine is not None:
            self._engine.close()

    def _images(self, names: Sequence[str]) -> dict[str, str] | None:
        """The ids of images by their names, of those that the engine has; `None` when it cannot be asked."""
        import docker.errors

        found: dict[str, str] = {}
        try:
            with self.engine.talk() as connection:
                inspect: Callable[[str], dict[str, Any]] = connection.client.inspect_image
                for name in names:
                    with suppress(docker.errors.NotFound):
                        found[name] = str(inspect(name).get("Id", ""))
        except WorkbenchError:
            return None
        return found

    def _with_layers(self, build: Build, name: str) -> Build:
        """A build with the history of its image, while that is there."""
        from workbench.sources.images import image_detail

        if build.error or build.was_stopped:
            return build
        try:
            with self.engine.talk() as connection:
                return replace(build, layers=image_detail(connection.client, name).layers)
        except WorkbenchError:
            return build

    def _build(self, recipe: Recipe, labels: dict[str, str], builder: str, heard: Heard, stop: Event) -> Build:
        from workbench.sources.buildx_program import find_buildx
        from workbench.sources.docker_errors import translated
        from workbench.sources.endpoint import connect

        program = find_buildx(self._environ)
        if builder == "buildx" and program is None:
            raise UsageError("buildx is not installed", "see workbench doctor, or take --builder classic")
        if program is not None and builder != "classic":
            from workbench.builds.buildx import build_with_buildx

            return build_with_buildx(program, self.engine.endpoint, recipe, labels, heard, stop)
        from workbench.builds.classic import build_classic
        from workbench.builds.made_images import MadeImages

        if self._made is None:
            self._made = MadeImages(self.engine.endpoint.address)
        note = (lambda _: None) if not labels else self._made.note  # what has a name keeps its cache

        reason = "asked for" if builder else "buildx is not installed"
        client = connect(self.engine.endpoint, timeout=LONGEST_SILENCE_SECONDS)
        try:
            with translated(self.engine.endpoint.address):
                return build_classic(client, recipe, labels, heard, stop, reason, note)
        except BaseException:
            self._made = None  # what it made until then is told by its file alone: the next start removes it
            raise
        finally:
            client.close()


def _blank_line() -> bytes:
    """A line without a sign in it, that no build has seen before: one that it has seen would come from its cache."""
    return b"\n" + bytes(b" \t"[bit == "1"] for bit in f"{secrets.randbits(64):064b}") + b"\n"


@contextmanager
def in_a_copy(recipe: Recipe, touched: str) -> Iterator[tuple[Recipe, Path]]:
    """The same in a copy of its context, so that nothing of the user's is changed, and the file to touch there."""
    context = recipe.context.resolve()
    wanted = (context / touched).resolve()
    if not wanted.is_relative_to(context) or not wanted.is_file():
        raise UsageError(f"{printable(touched)} is no file of the context", "--touch PATH, below DIR")
    dockerfile = recipe.dockerfile.resolve()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        copy = Path(name, "context")
        try:
            shutil.copytree(context, copy, symlinks=True)
        except OSError as error:  # of several files at once it has no words of its own
            reason = error.strerror or "it holds what cannot be read, or is no file"
            raise WorkbenchError(f"the context cannot be copied: {reason}", "build it without --touch") from error
        if dockerfile.is_relative_to(context):
            dockerfile = copy / dockerfile.relative_to(context)
        # Without links on its way, which may lead back to the original
        yield replace(recipe, context=copy, dockerfile=dockerfile), copy / wanted.relative_to(context)
