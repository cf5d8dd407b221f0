"""The steps of a Dockerfile as a builder's cache sees them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from posixpath import join, normpath

from workbench.measure.arguments import masked_text
from workbench.measure.dockerfile import Stage, Step, global_arguments, parse, stage_names, stage_of
from workbench.measure.dockerfile_variables import assignments, with_values
from workbench.measure.dockerfile_words import CopyWords, copy_words, flag, json_form, mounts_of
from workbench.measure.rebuild.inputs import NOTHING, ContextInputs, Taken
from workbench.measure.rebuild.stages import ELSEWHERE, needed_stages
from workbench.measure.text import shorten
from workbench.model.build import Builder
from workbench.model.build_prediction import BuildPlan, PlannedStep

LONGEST_INSTRUCTION = 200
_NEVER_EXPANDED = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "ONBUILD"})
_PROXIES = frozenset(
    name
    for each in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
    for name in (each, each.upper())
)
"""Arguments that every builder knows and leaves out of its cache's keys."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan is made of beside the Dockerfile's text."""

    builder: Builder
    context: ContextInputs
    """The context after `.dockerignore`."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    """The stage to build; empty for the last."""
    bases: Mapping[str, str] = field(default_factory=dict)
    """Ids of base images by their names, as far as they are known."""


def plan_of(text: str, facts: Facts) -> BuildPlan:
    """The steps that a build comes to. Rubbish gives a plan of rubbish, never an error."""
    stages = parse(text)
    return BuildPlan(facts.builder, tuple(_Planner(stages, facts).steps()))


def base_images(text: str, facts: Facts) -> tuple[str, ...]:
    """The names of the images that a build starts or copies from, variables put in, `scratch` aside."""
    nothing = ContextInputs({}, lambda _: "", facts.builder)
    planner = _Planner(parse(text), replace(facts, context=nothing))
    planner.steps()
    return tuple(dict.fromkeys(name for name in planner.images if name and name.lower() != "scratch"))


@dataclass(slots=True)
class _Scope:
    """What a stage's steps see."""

    environment: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    directory: str = "/"
    user: str = ""
    shell: str = ""
    last: int | None = None
    """The step that the next one stands on."""

    def variables(self) -> dict[str, str]:
        return {**self.arguments, **self.environment}


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a step depends on beside its words and the step before it."""

    taken: Taken = NOTHING
    copies: Sequence[int] = ()
    uncertain: str = ""
    is_base: bool = False
    is_linked: bool = False


class _Planner:
    def __init__(self, stages: tuple[Stage, ...], facts: Facts) -> None:
        self._stages = stages
        self._names = stage_names(stages)
        self._facts = facts
        self._steps: list[PlannedStep] = []
        self._scopes: dict[int, _Scope] = {}
        self._outside = self._global_values()
        self.images: list[str] = []

    def steps(self) -> list[PlannedStep]:
        needed = needed_stages(self._stages, self._facts.target, self._facts.builder)
        for place, stage in enumerate(self._stages):
            if place in needed:
                self._stage(place, stage)
        return self._steps

    def _global_values(self) -> dict[str, str]:
        """What the ARGs before the first FROM come to: the same for every stage."""
        found: dict[str, str] = {}
        for step in global_arguments(self._stages):
            for name, default in assignments("ARG", with_values(step.rest, found)).items():
                value = self._facts.arguments.get(name, default)
                if value is not None:
                    found[name] = value
        return found

    def _stage(self, place: int, stage: Stage) -> None:
        image = with_values(stage.image, self._outside)
        base = stage_of(self._stages, image, place)
        if base is not None and base in self._scopes:
            below = self._scopes[base]
            scope = _Scope(dict(below.environment), {}, below.directory, below.user, below.shell, below.last)
        else:
            scope = _Scope()
            self.images.append(image)
            platform = with_values(flag(stage.origin, "platform"), self._outside)
            about = f"{image} {self._facts.bases.get(image, '')} {platform}"
            self._add(place, stage.origin, about, scope, _Needs(is_base=True))
        self._scopes[place] = scope
        for step in stage.own_steps:
            self._step(place, step, scope)

    def _step(self, place: int, step: Step, scope: _Scope) -> None:
        classic = self._facts.builder == "classic"
        seen = scope.variables()
        text = step.rest if step.word in _NEVER_EXPANDED else with_values(step.rest, seen)
        if step.word in ("COPY", "ADD"):
            self._copy(place, step, copy_words(replace(step, rest=text)), scope)
        elif step.word == "RUN":
            self._run(place, step, scope)
        elif step.word == "WORKDIR":
            scope.directory = normpath(join(scope.directory, text.strip().strip("\"'")))
            self._add(place, step, scope.directory, scope)
        else:
            self._setting(step, text, scope)
            if classic:
                self._add(place, step, " ".join(text.split()), scope)

    def _setting(self, step: Step, text: str, scope: _Scope) -> None:
        if step.word == "ENV":
            scope.environment.update({name: value or "" for name, value in assignments("ENV", text).items()})
        elif step.word == "ARG":
            for name, default in assignments("ARG", text).items():
                value = self._facts.arguments.get(name, self._outside.get(name) if default is None else default)
                if value is not None and name not in _PROXIES:
                    scope.arguments[name] = value
        elif step.word == "USER":
            scope.user = text.strip()
        elif step.word == "SHELL":
            scope.shell = step.rest.strip()

    def _run(self, place: int, step: Step, scope: _Scope) -> None:
        seen = scope.variables()
        words = json_form(step)
        about = [repr(words) if words is not None else step.rest.strip(), *step.heredocs]
        about += [scope.directory, scope.user, scope.shell]
        about += [f"{name}={value}" for name, value in sorted(seen.items())]
        copies: list[int] = []
        sources = []
        for mount in mounts_of(replace(step, rest=with_values(step.rest, seen))):
            if mount.kind == "bind" and not mount.from_:
                sources.append(mount.source or ".")
            elif mount.from_:
                copies += self._from(place, mount.from_, about)
        self._add(place, step, "\n".join(about), scope, _Needs(self._facts.context.taken(sources), copies))

    def _copy(self, place: int, step: Step, words: CopyWords, scope: _Scope) -> None:
        inline = "\n".join(step.heredocs)
        to = words.destination if words.destination.startswith("/") else join(scope.directory, words.destination)
        ends = "/" if words.destination.endswith(("/", ".")) else ""
        about = [repr(sorted(words.flags)), repr(words.sources), f"{normpath(to)}{ends}", inline]
        copies: list[int] = []
        sources: list[str] = []
        elsewhere = [source for source in words.sources if source.startswith(ELSEWHERE)]
        if words.from_:
            copies = self._from(place, words.from_, about)
        else:
            sources = [source for source in words.sources if source not in elsewhere]
        uncertain = "it fetches from elsewhere, which may have changed" if elsewhere and step.word == "ADD" else ""
        linked = any(name == "link" and value.lower() != "false" for name, value in words.flags)
        taken = self._facts.context.taken(sources)
        self._add(place, step, "\n".join(about), scope, _Needs(taken, copies, uncertain, is_linked=linked))

    def _from(self, place: int, name: str, about: list[str]) -> list[int]:
        """The last step of the stage that is copied from; for an image its id goes into the key."""
        found = stage_of(self._stages, name, place)
        if found is None:
            self.images.append(name)
            about.append(self._facts.bases.get(name, ""))
            return []
        last = self._scopes[found].last if found in self._scopes else None
        return [] if last is None else [last]

    def _add(self, place: int, step: Step, about: str, scope: _Scope, needs: _Needs | None = None) -> None:
        needs = needs or _Needs()
        name = self._names[place]
        raw = "\n".join((step.word, step.rest, *step.heredocs))
        self._steps.append(
            PlannedStep(
                stage=name,
                line=step.line,
                instruction=_shown(step.word, step.rest),
                text_digest=digest_of(name, raw),
                key=digest_of(step.word, about, needs.taken.digest),
                follows=scope.last,
                copies=tuple(needs.copies),
                files=needs.taken.files,
                uncertain=needs.uncertain,
                is_base=needs.is_base,
                is_linked=needs.is_linked,
            )
        )
        scope.last = len(self._steps) - 1


@lru_cache(maxsize=1024)
def _shown(word: str, rest: str) -> str:
    return shorten(masked_text(" ".join(f"{word} {rest}".split())), LONGEST_INSTRUCTION)


def digest_of(*parts: str) -> str:
    """One digest of several texts."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogateescape")
        found.update(len(content).to_bytes(8, "big"))
        found.update(content)
    return found.hexdigest()
