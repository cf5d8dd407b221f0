"""What would rebuild: of a source file, of the list of requirements, of an argument, of a base image."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from workbench.measure.dockerfile import all_steps, parse
from workbench.measure.dockerfile_variables import assignments
from workbench.measure.rebuild.plan import Facts, base_images, plan_of
from workbench.measure.rebuild.predict import HeldBuild
from workbench.measure.text import printable
from workbench.model.build_prediction import BuildPlan, ChangeKind, RebuildPrediction

_REQUIREMENTS = (
    *("requirements.txt", "pyproject.toml", "poetry.lock", "uv.lock", "Pipfile.lock", "setup.py", "environment.yml"),
    *("package-lock.json", "package.json", "yarn.lock", "pnpm-lock.yaml"),
    *("go.sum", "go.mod", "Cargo.lock", "Gemfile.lock"),
)
_SOURCES = (
    *(".py", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".kt", ".scala", ".rb", ".ex", ".php", ".sh"),
    *(".c", ".cc", ".cpp", ".cs"),
)
_MOST = 20


class WhatIf:
    """Asks what would rebuild.

    Args:
        text: Of the Dockerfile.
        facts: What else a plan is made of.
        seconds: What steps took when they last ran, by their `text_digest`.
        plan: What these come to; made where it is not given.
    """

    def __init__(self, text: str, facts: Facts, seconds: Mapping[str, float], plan: BuildPlan | None = None) -> None:
        self._text = text
        self._facts = facts
        self._seconds = seconds
        self._plan = plan_of(text, facts) if plan is None else plan
        self._held = HeldBuild(self._plan)
        self._changed: dict[tuple[str, ChangeKind], RebuildPrediction] = {}

    def usual(self) -> Iterator[RebuildPrediction]:
        """A source file, the requirements, each argument and each base image, as far as there are any."""
        source, requirements = self.source_file(), self.requirements_file()
        if source:
            yield self.file_changes(source)
        if requirements:
            yield self.file_changes(requirements, "requirements")
        for name in self._arguments()[:_MOST]:
            yield self.argument_changes(name)
        for name in base_images(self._text, self._facts)[:_MOST]:
            yield self.base_changes(name)

    def file_changes(self, path: str, kind: ChangeKind = "file") -> RebuildPrediction:
        """Another content of one file of the context, or a file that is not there yet."""
        if (path, kind) in self._changed:
            return self._changed[path, kind]
        known = path in self._facts.context.entries
        facts = replace(self._facts, context=self._facts.context.changed(path))
        words = f"{printable(path)} changes" if known else f"{printable(path)} is new"
        told = self._changed[path, kind] = self._against(plan_of(self._text, facts), kind, words)
        return told

    def argument_changes(self, name: str) -> RebuildPrediction:
        """Another value of a build argument."""
        arguments = {**self._facts.arguments, name: f"{self._facts.arguments.get(name, '')}\0another"}
        facts = replace(self._facts, arguments=arguments)
        return self._against(plan_of(self._text, facts), "argument", f"the build argument {printable(name)} changes")

    def base_changes(self, image: str) -> RebuildPrediction:
        """Another image behind a base's name."""
        bases = _Others(self._facts.bases, image)
        return self._against(
            plan_of(self._text, replace(self._facts, bases=bases)), "base", f"there is a new {printable(image)}"
        )

    def source_file(self) -> str:
        """The file of code that is taken by a step and whose change costs most; empty for none."""
        return next(iter(self.source_files()), "")

    def source_files(self) -> tuple[str, ...]:
        """Every file of code that is taken by a step, those first whose change costs most."""
        files = [path for path in self._taken if path.endswith(_SOURCES)]
        return self._by_cost([path for path in files if path.rpartition("/")[2] not in _REQUIREMENTS])

    def requirements_file(self) -> str:
        """The list of requirements that is taken by a step; empty for none."""
        found = self._by_cost([path for path in self._taken if path.rpartition("/")[2] in _REQUIREMENTS])
        return next(iter(found), "")

    def _by_cost(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files by their first step, the earliest first: all that follows it runs again."""
        return tuple(sorted(paths, key=lambda path: (self._taken[path], path.count("/"), path)))

    @cached_property
    def _taken(self) -> Mapping[str, int]:
        """The files of the context that steps take, with the place of the first step that takes each."""
        first: dict[str, int] = {}
        for place, step in enumerate(self._plan.steps):
            for file in step.files:
                first.setdefault(file.path, place)
        entries = self._facts.context.entries
        return {path: place for path, place in first.items() if path in entries and entries[path].kind == "file"}

    def _arguments(self) -> list[str]:
        steps = [step for step in all_steps(parse(self._text)) if step.word == "ARG"]
        return list(dict.fromkeys(name for step in steps for name in assignments("ARG", step.rest)))

    def _against(self, plan: BuildPlan, kind: ChangeKind, words: str) -> RebuildPrediction:
        return self._held.predict(plan, kind, words, self._seconds)


class _Others(Mapping[str, str]):
    """Base images of which one has another id."""

    def __init__(self, known: Mapping[str, str], other: str) -> None:
        self._known = known
        self._other = other

    def __getitem__(self, name: str) -> str:
        return "another" if name == self._other else self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, self._other: ""})

    def __len__(self) -> int:
        return len({**self._known, self._other: ""})
