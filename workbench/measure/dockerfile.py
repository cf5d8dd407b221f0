"""A Dockerfile's text as instructions: directives, continued lines, comments, here-documents, stages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_LARGEST = 2**20
_MOST_STEPS = 5000
"""What is worked out of them takes memory and time."""
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*$")
_HEREDOC = re.compile(r"""(?<!\S)\d*<<(?P<chomp>-?)(?P<quote>["']?)(?P<word>[A-Za-z_][\w.-]*)(?P=quote)(?!\S)""")
_WITH_HEREDOC = frozenset({"RUN", "COPY", "ADD"})


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction."""

    line: int
    """Where it starts, from 1."""
    end_line: int
    word: str
    """In capitals: `RUN`."""
    rest: str
    """What follows, continued lines joined."""
    heredocs: tuple[str, ...]
    """Bodies of its here-documents."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A FROM and what follows it."""

    image: str
    """Its base as written: a reference or an earlier stage's name."""
    name: str
    """In lower case; empty when it has none."""
    before: tuple[Step, ...]
    """What stands before the first FROM: one tuple for all stages, as each with its own would fill the memory."""
    own_steps: tuple[Step, ...]
    """Those that stand below its FROM."""
    origin: Step
    """The FROM itself."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Without the FROM, after what stands before the first one. To go through those of all, see `all_steps`."""
        return self.before + self.own_steps


def parse(text: str) -> tuple[Stage, ...]:
    """The stages of a Dockerfile. Rubbish gives steps with odd words, never an error.

    Beyond 1 MiB or 5,000 instructions nothing is read.

    Args:
        text: The whole file.
    """
    stages: list[tuple[str, str, list[Step], Step]] = []
    before: list[Step] = []
    for step in _steps(text[:_LARGEST])[:_MOST_STEPS]:
        if step.word == "FROM":
            words = [word for word in step.rest.split() if not word.startswith("--")]
            named = len(words) >= 3 and words[1].upper() == "AS"
            stages.append((words[0] if words else "", words[2].lower() if named else "", [], step))
        elif stages:
            stages[-1][2].append(step)
        else:
            before.append(step)
    shared = tuple(before)
    return tuple(Stage(image, name, shared, tuple(own), origin) for image, name, own, origin in stages)


def all_steps(stages: Iterable[Stage]) -> Iterator[Step]:
    """The steps of some stages: what stands before the first FROM once, and what stands below each."""
    for number, stage in enumerate(stages):
        if not number:
            yield from stage.before
        yield from stage.own_steps


def global_arguments(stages: Sequence[Stage]) -> tuple[Step, ...]:
    """The ARGs before the first FROM, which a stage sees only where it names them again."""
    return tuple(step for stage in stages[:1] for step in stage.before if step.word == "ARG")


def stage_names(stages: tuple[Stage, ...]) -> tuple[str, ...]:
    """What builders call each stage: its name, or `stage-0` and so on."""
    return tuple(stage.name or f"stage-{number}" for number, stage in enumerate(stages))


def stage_of(stages: tuple[Stage, ...], name: str, before: int) -> int | None:
    """The stage that a FROM, a `--from` or a mount names, by its place; `None` for an image.

    Args:
        stages: All of them.
        name: As written: a name in any case, or a number.
        before: Only stages before this one can be named.
    """
    wanted = name.lower()
    for number in range(before - 1, -1, -1):
        if wanted and (wanted == stages[number].name or (wanted.isascii() and wanted == str(number))):
            return number
    return None


def directives(text: str) -> dict[str, str]:
    """The parser directives at the top (`syntax`, `escape`, `check`), by name in lower case."""
    found: dict[str, str] = {}
    for line in text[:_LARGEST].removeprefix("\ufeff").splitlines():
        directive = _DIRECTIVE.match(line.strip())
        if directive is None or directive[1].lower() in found:
            break
        found[directive[1].lower()] = directive[2]
    return found


def final_stages(stages: tuple[Stage, ...], target: str = "") -> tuple[int, ...]:
    """The places of the stages whose steps make an image, base first; empty when there is no such target.

    Args:
        stages: All of them.
        target: The stage that is built; empty for the last.
    """
    place = stage_of(stages, target, len(stages)) if target else len(stages) - 1
    chain: list[int] = []
    while place is not None and place >= 0:
        chain.append(place)
        place = stage_of(stages, stages[place].image, place)
    return tuple(reversed(chain))


def _steps(text: str) -> list[Step]:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    mark = re.escape(_escape(lines))
    continued = re.compile(rf"(?<!{mark}){mark}[ \t]*$")
    steps = []
    at = 0
    while at < len(lines):
        stripped = lines[at].strip()
        if not stripped or stripped.startswith("#"):
            at += 1
            continue
        start = at
        parts = []
        more = True
        while more and at < len(lines):
            line = lines[at] if at > start else lines[at].lstrip()
            at += 1
            if at - 1 > start and (not line.strip() or line.lstrip().startswith("#")):
                continue
            shorter = continued.sub("", line)
            more = shorter != line
            parts.append(shorter)
        word, rest = _split("".join(parts))
        heredocs = []
        if word in _WITH_HEREDOC or (word == "ONBUILD" and _split(rest)[0] in _WITH_HEREDOC):
            for start_of in _HEREDOC.finditer(rest):
                body, at = _heredoc(lines, at, start_of["word"], bool(start_of["chomp"]))
                heredocs.append(body)
        steps.append(Step(start + 1, at, word, rest, tuple(heredocs)))
    return steps


def _split(text: str) -> tuple[str, str]:
    word, *rest = text.strip().split(maxsplit=1) or [""]
    return word.upper(), rest[0] if rest else ""


def _escape(lines: list[str]) -> str:
    for line in lines:
        directive = _DIRECTIVE.match(line.strip())
        if directive is None:
            break
        if directive[1].lower() == "escape" and directive[2] in ("\\", "`"):
            return directive[2]
    return "\\"


def _heredoc(lines: list[str], at: int, end: str, chomp: bool) -> tuple[str, int]:
    body = []
    while at < len(lines):
        line = lines[at].lstrip("\t") if chomp else lines[at]
        at += 1
        if line == end:
            break
        body.append(line)
    return "\n".join(body), at
