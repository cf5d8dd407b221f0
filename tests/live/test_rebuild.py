"""What is predicted to rebuild, held against what both builders then really do."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
from docker.errors import APIError, ImageNotFound

from tests.live.engines import Engine
from tests.live.test_build import building  # noqa: F401  a fixture
from workbench.building import Building
from workbench.builds.recipe import Recipe
from workbench.measure.rebuild.inputs import ContextInputs
from workbench.measure.rebuild.plan import Facts, plan_of
from workbench.measure.rebuild.predict import HeldBuild
from workbench.model.build import Build, Builder
from workbench.model.build_prediction import BuildPlan
from workbench.sources.build_context import ContextDigests, read_context

DOCKERFILE = """FROM {base} AS first
RUN true # {mark}
ARG FOO=1
COPY src/ /src/
RUN cat /src/a.txt > /one
RUN echo $FOO > /two
ENV BAR=$FOO
WORKDIR /work
COPY src/b.txt ./
RUN cat b.txt $BAR > /three || true
FROM {base}
COPY --from=first /three /three
RUN cat /three > /four
"""


@pytest.fixture
def context(base_image: str, tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "src/inner").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "ignored.log", "inner/c.txt"):
        (folder / "src" / name).write_text(f"{name} {tmp_path}\n")
    (folder / ".dockerignore").write_text("**/*.log\n")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=base_image, mark=tmp_path))
    return folder


class Bench:
    """Builds, plans, and remembers what has to be removed."""

    def __init__(self, opened: Building, builder: Builder, engine: Engine, context: Path) -> None:
        self.opened, self.builder, self.engine, self.context = opened, builder, engine, context
        self.tag = f"workbench-test-rebuild-{os.getpid()}:{builder}"
        self.arguments: dict[str, str] = {}
        self.made: list[str] = []

    def plan(self) -> BuildPlan:
        listing = read_context(self.context, self.context / "Dockerfile", builder=self.builder)
        inputs = ContextInputs(listing.entries, ContextDigests(self.context), self.builder)
        text = (self.context / "Dockerfile").read_text()
        return plan_of(text, Facts(self.builder, inputs, self.arguments))

    def build(self) -> Build:
        recipe = Recipe(
            self.context, self.context / "Dockerfile", arguments=tuple(self.arguments.items()), tag=self.tag
        )
        build = self.opened.run(recipe, 1, "", self.builder, lambda _: None, Event()).builds[0]
        assert build.error == ""
        self.made += build.made_images
        return build

    def clear(self) -> None:
        client = self.engine.client.api
        for image in [self.tag, *reversed(self.made)]:
            with suppress(APIError, ImageNotFound):
                client.remove_image(image)


@pytest.fixture
def bench(building: tuple[Building, Builder, Engine], context: Path) -> Iterator[Bench]:  # noqa: F811
    opened = Bench(*building, context)
    yield opened
    opened.clear()


def content(bench: Bench) -> None:
    (bench.context / "src/a.txt").write_text("other\n")


def deep_content(bench: Bench) -> None:
    (bench.context / "src/inner/c.txt").write_text("other\n")


def later_content(bench: Bench) -> None:
    (bench.context / "src/b.txt").write_text("other\n")


def mode(bench: Bench) -> None:
    (bench.context / "src/a.txt").chmod(0o755)


def mode_of_a_folder(bench: Bench) -> None:
    (bench.context / "src/inner").chmod(0o700)


def time_only(bench: Bench) -> None:
    os.utime(bench.context / "src/a.txt", (1, 1))


def owner(bench: Bench) -> None:
    os.chown(bench.context / "src/a.txt", 1000, 1000)


def new_file(bench: Bench) -> None:
    (bench.context / "src/new.txt").write_text("new\n")


def new_empty_folder(bench: Bench) -> None:
    (bench.context / "src/empty").mkdir()


def renamed(bench: Bench) -> None:
    (bench.context / "src/a.txt").rename(bench.context / "src/z.txt")
    (bench.context / "src/a.txt").symlink_to("z.txt")


def hard_link(bench: Bench) -> None:
    (bench.context / "src/linked").hardlink_to(bench.context / "src/a.txt")


def ignored_file(bench: Bench) -> None:
    (bench.context / "src/ignored.log").write_text("other\n")


def newly_ignored(bench: Bench) -> None:
    (bench.context / "Dockerfile.dockerignore").write_text("**/*.log\nsrc/inner\n")


def outside_file(bench: Bench) -> None:
    (bench.context / "README").write_text("nobody copies it\n")


def edit(bench: Bench, old: str, new: str) -> None:
    file = bench.context / "Dockerfile"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def comment(bench: Bench) -> None:
    edit(bench, "ARG FOO=1", "# a comment\n\nARG FOO=1")


def argument(bench: Bench) -> None:
    bench.arguments["FOO"] = "2"


def argument_as_it_is(bench: Bench) -> None:
    bench.arguments["FOO"] = "1"


def blank_in_a_run(bench: Bench) -> None:
    edit(bench, "RUN echo $FOO", "RUN echo  $FOO")


def blank_in_a_copy(bench: Bench) -> None:
    edit(bench, "COPY src/b.txt ./", "COPY  src/b.txt   ./")


def variable(bench: Bench) -> None:
    edit(bench, "ENV BAR=$FOO", "ENV BAR=x")


def folder(bench: Bench) -> None:
    edit(bench, "WORKDIR /work", "WORKDIR /other")


def a_label(bench: Bench) -> None:
    edit(bench, "ENV BAR", "LABEL a=b\nENV BAR")


def user(bench: Bench) -> None:
    edit(bench, "WORKDIR /work", "WORKDIR /work\nUSER 0")


def another_stage(bench: Bench) -> None:
    edit(bench, "RUN cat /three > /four", "RUN cat /three > /five")


CHANGES: tuple[Callable[[Bench], None], ...] = (
    *(content, deep_content, later_content, mode, mode_of_a_folder, time_only, owner, new_file, new_empty_folder),
    *(renamed, hard_link, ignored_file, newly_ignored, outside_file, comment, argument, argument_as_it_is),
    *(blank_in_a_run, blank_in_a_copy, variable, folder, a_label, user, another_stage),
)


def wrong_about(bench: Bench, before: BuildPlan) -> dict[int, tuple[str, str]]:
    """By line what was predicted and what came, where the two do not agree; what may be cached agrees with either."""
    after = bench.plan()
    predicted = {step.line: step.fate for step in HeldBuild(before).predict(after, "since", "", {}).steps}
    cached = {step.line: step.cached for step in bench.build().steps if step.line and not step.is_base}
    lines = [step.line for step in after.steps if not step.is_base]
    assert lines == [line for line in lines if line in cached], "each planned step is one that the builder tells of"
    return {
        line: (predicted.get(line, "cached"), "cached" if cached[line] else "ran")
        for line in lines
        if (predicted.get(line) == "will" and cached[line]) or (line not in predicted and not cached[line])
    }


def test_what_is_predicted_happens(bench: Bench, tmp_path: Path) -> None:
    bench.build()
    original, before = bench.context, bench.plan()
    wrong = {}
    for change in CHANGES:
        bench.context, bench.arguments = tmp_path / change.__name__ / "context", {}
        shutil.copytree(original, bench.context, symlinks=True)
        change(bench)
        found = wrong_about(bench, before)
        if found:
            wrong[change.__name__] = found
    assert wrong == {}
