"""A Dockerfile that makes the same image and rebuilds less: installations above the sources that they do not read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from posixpath import join, normpath, relpath

from workbench.measure.dockerfile import Stage, Step, parse, stage_of
from workbench.measure.dockerfile_variables import assignments
from workbench.measure.dockerfile_words import CopyWords, copy_words
from workbench.measure.rebuild.context_files import relative
from workbench.measure.rebuild.movable import ReadFile, is_apart, is_plain_list, movable, place_of
from workbench.measure.text import printable
from workbench.model.build_context import ContextEntry

_INERT = frozenset(("LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER"))
"""What no RUN reads and no COPY heeds."""
_PLAIN = re.compile(r"[\w./+-]+", re.ASCII)
_PATHS = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_CONFIG_FILE", "HOME")


@dataclass(frozen=True, slots=True)
class Reordered:
    """What came of it."""

    text: str
    """The new Dockerfile; the old one when nothing is moved."""
    reasons: tuple[str, ...]
    """Why each move is safe, then why others are not made."""
    moves: int

    def diff(self, before: str, name: str) -> str:
        """Unified, from the old one to the new one."""
        lines = unified_diff(before.splitlines(keepends=True), self.text.splitlines(keepends=True), name, name)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def reorder(text: str, entries: Mapping[str, ContextEntry], read: ReadFile) -> Reordered:
    """Move each installation as far up as it is provably safe.

    Args:
        text: The Dockerfile.
        entries: Its context after `.dockerignore`.
        read: Gives the text of a file of the context.
    """
    lines = text.split("\n")
    before: dict[int, list[str]] = {}
    gone: set[int] = set()
    reasons: list[str] = []
    obstacles: list[str] = []
    stages = parse(text)
    looked: list[_Stage] = []
    for place, stage in enumerate(stages):
        this = _Stage(stage, entries, read, lines, before, gone, reasons, obstacles)
        base = stage_of(stages, stage.image, place)
        if base is not None:
            below = looked[base]
            this.directory, this.user, this.searched = below.directory, below.user, list(below.searched)
        this.look()
        looked.append(this)
    found: list[str] = []
    for number, line in enumerate(lines, 1):
        found += before.get(number, [])
        if number not in gone:
            found.append(line)
    return Reordered("\n".join(found), (*reasons, *obstacles), len(reasons))


@dataclass(slots=True)
class _Stage:
    """Goes through one stage."""

    stage: Stage
    entries: Mapping[str, ContextEntry]
    read: ReadFile
    lines: list[str]
    before: dict[int, list[str]]
    """Lines to put in, by the line above which they go."""
    gone: set[int]
    reasons: list[str]
    obstacles: list[str]
    directory: str | None = None
    """The WORKDIR; `None` while it is the base image's."""
    user: str = ""
    searched: list[str] = field(default_factory=list)
    """Values of variables that say where programs and packages are."""
    crossed: list[tuple[Step, CopyWords]] = field(default_factory=list)
    """The copies since the last step that nothing may be moved across."""

    def look(self) -> None:
        """Note what goes where."""
        for step in self.stage.own_steps:
            if step.word in ("COPY", "ADD"):
                self.crossed.append((step, copy_words(step)))
            elif step.word == "RUN":
                if self.crossed and not self._moved(step):
                    self.crossed = []
            elif step.word not in _INERT:
                self._setting(step)
                self.crossed = []

    def _setting(self, step: Step) -> None:
        if step.word == "WORKDIR":
            folder = step.rest.strip().strip("\"'")
            self.directory = None if "$" in folder else place_of(folder, self.directory)
        elif step.word == "USER":
            self.user = step.rest.strip().partition(":")[0]
        elif step.word == "ENV":
            self.searched += [value or "" for name, value in assignments("ENV", step.rest).items() if name in _PATHS]

    def _moved(self, step: Step) -> bool:
        told = movable(step)
        obstacle = told.obstacle or self._in_the_way()
        over = self.crossed
        copies: list[str] = []
        if not obstacle:
            over, copies, obstacle = self._manifests(told.manifests)
        if obstacle:
            self.obstacles.append(f"line {step.line} stays below line {self.crossed[0][0].line}: {printable(obstacle)}")
            return False
        if not over:
            return False
        block = self._block(step)
        to = over[0][0].line
        above = self._block(over[0][0])[0]
        self.before.setdefault(above, []).extend([*copies, *(self.lines[number - 1] for number in block)])
        self.gone |= set(block)
        reads = f"reads nothing of it but {printable(', '.join(told.manifests))}" if copies else "reads nothing of it"
        self.reasons.append(
            f"line {step.line} goes above line {to}: it installs from an index into the system's folders and {reads}"
        )
        return True

    def _in_the_way(self) -> str:
        if self.user not in ("", "root", "0"):
            return "it installs as another user than root, into that one's home"
        for step, words in self.crossed:
            to = place_of(words.destination, self.directory)
            if to is None or "$" in words.destination or not is_apart(to):
                return f"line {step.line} copies to where an installation may read or write"
            if any(to in value for value in self.searched):
                return f"programs or packages are looked for in {to}"
        return ""

    def _manifests(self, names: tuple[str, ...]) -> tuple[list[tuple[Step, CopyWords]], list[str], str]:
        """The copies to go above, the lines that copy what is read before, and what is in the way."""
        start, lines = 0, []
        wanted: list[tuple[str, str]] = []
        for name in names:
            place = place_of(name, self.directory)
            if place is None:
                return [], [], f"where {name} is depends on the base image's folder"
            for number, (_, words) in enumerate(self.crossed):
                found = self._source(words, place)
                if found is None:
                    continue
                path, is_itself = found
                entry = self.entries.get(path)
                if entry is None or entry.kind != "file" or words.from_ or not is_plain_list(self.read(path)):
                    return [], [], f"{name} is no plain list of packages in the context"
                if is_itself:
                    start = max(start, number + 1)
                else:
                    flags = "".join(f"--{flag}={value} " if value else f"--{flag} " for flag, value in words.flags)
                    wanted.append((f"COPY {flags}{path} {place}", place))
        over = self.crossed[start:]
        lines = list(dict.fromkeys(line for line, _ in wanted))
        if any(not _PLAIN.fullmatch(place) for _, place in wanted):
            return [], [], "it reads a file whose name has blanks"
        return over, lines if over else [], ""

    def _source(self, words: CopyWords, place: str) -> tuple[str, bool] | None:
        """The path in the context that a COPY puts at a place, and whether it copies that file alone."""
        to = place_of(words.destination, self.directory) or "/"
        if words.from_:
            return ("", False) if place == to or place.startswith(f"{to}/") else None
        for source in words.sources:
            path = relative(source)
            entry = self.entries.get(path)
            if path == "." or (entry is not None and entry.kind == "folder"):
                if place.startswith(f"{to}/"):
                    below = normpath(join(path, relpath(place, to)))
                    if below in self.entries or len(words.sources) == 1:
                        return below, False
            elif place in (to, normpath(join(to, path.rpartition("/")[2]))):
                return path, True
            elif set(source) & set("*?[") and place.startswith(f"{to}/"):
                return "", False
        return None

    def _block(self, step: Step) -> range:
        """Its lines, with the comments right above it."""
        first = step.line
        while first > 2 and self.lines[first - 2].lstrip().startswith("#") and first - 1 > self.stage.origin.line:
            first -= 1
        return range(first, step.end_line + 1)
