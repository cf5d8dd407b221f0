"""What a check of a Dockerfile is, and what it looks at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from workbench.measure.dockerfile import Stage, Step, final_stages, parse, stage_names
from workbench.measure.dockerfile_words import Command, commands_of
from workbench.measure.rebuild.stages import needed_stages
from workbench.model.build import Builder
from workbench.model.build_analysis import StepFigures
from workbench.model.build_context import BuildContext
from workbench.model.dockerfile_findings import DockerfileFinding, FindingSeverity

SLOW_SECONDS = 10.0
"""A step that takes longer is felt at every rebuild."""
BRIEF_SECONDS = 2.0
"""One that takes less is not worth a change for its time."""


@dataclass(frozen=True)
class DockerfileSituation:
    """A Dockerfile, its context, and what is known of builds of it."""

    text: str
    context: BuildContext
    builder: Builder = "buildx"
    target: str = ""
    figures: Mapping[int, StepFigures] = field(default_factory=dict)
    """By line."""
    context_paths: frozenset[str] = frozenset()
    """What passes `.dockerignore`."""
    stages: tuple[Stage, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    needed: frozenset[int] = field(init=False)
    """The places of the stages that BuildKit builds."""

    def __post_init__(self) -> None:
        stages = parse(self.text)
        object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "names", stage_names(stages))
        object.__setattr__(self, "needed", needed_stages(stages, self.target, "buildx"))

    def built_steps(self) -> Iterator[tuple[Stage, Step]]:
        """The steps of every stage that is needed, in the order of the file."""
        for place in sorted(self.needed):
            for step in self.stages[place].own_steps:
                yield self.stages[place], step

    def final_places(self) -> tuple[int, ...]:
        """The stages whose steps make the image, base first."""
        return final_stages(self.stages, self.target)

    def final_steps(self) -> tuple[Step, ...]:
        """The steps that make the image, base first."""
        return tuple(step for place in self.final_places() for step in self.stages[place].own_steps)

    def runs(self, *, final_only: bool = False) -> Iterator[tuple[Step, tuple[Command, ...]]]:
        """Every RUN with its commands."""
        steps = self.final_steps() if final_only else [step for _, step in self.built_steps()]
        for step in steps:
            if step.word == "RUN":
                yield step, commands_of(step)

    def seconds(self, *lines: int) -> float | None:
        """What the steps at some lines took when they last ran, together; `None` when of none it is known."""
        known = [figures.last_seconds for line in lines if (figures := self.figures.get(line)) is not None]
        told = [seconds for seconds in known if seconds is not None]
        return sum(told) if told else None

    def bytes(self, *lines: int) -> int | None:
        """What these steps added to the image, together; `None` when of none it is known."""
        known = [figures.bytes for line in lines if (figures := self.figures.get(line)) is not None]
        told = [size for size in known if size is not None]
        return sum(told) if told else None

    def finding(
        self, check: str, severity: FindingSeverity, lines: int | Iterable[int], message: str, fix: str
    ) -> DockerfileFinding:
        """A finding at the first of some lines, with the seconds and bytes of the steps at all of them.

        What is no RUN, COPY or ADD takes no time of its own.
        """
        every = (lines,) if isinstance(lines, int) else tuple(lines)
        steps = [step for stage in self.stages for step in stage.own_steps if step.word in ("RUN", "COPY", "ADD")]
        timed = {step.line for step in steps}.intersection(every)
        return DockerfileFinding(check, severity, every[0], message, fix, self.seconds(*timed), self.bytes(*timed))


class DockerfileCheck(Protocol):
    """One thing to look for. Its module in `dockerfile` defines one as `CHECK`; its class's docstring is its help."""

    @property
    def name(self) -> str:
        """The name of its module."""
        ...

    @property
    def title(self) -> str:
        """A few words for a list."""
        ...

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Everything of its kind; pure, and never raises for what a Dockerfile may hold."""
        ...
