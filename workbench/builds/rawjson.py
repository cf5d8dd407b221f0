"""BuildKit's own account of a build (`--progress=rawjson`), old and new: one object on many lines, or one on each.

Each object is a `SolveStatus`: vertexes, told again whenever they change, and pieces of their logs. What follows the
last object is the builder's plain text: why it failed.
"""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

from workbench.builds.dockerfile_steps import DockerfileSteps
from workbench.builds.step_log import MOST_LOGS, StepLog
from workbench.measure.instants import unix_nanoseconds
from workbench.measure.secrets import mask_text
from workbench.measure.text import encodable
from workbench.model.build import BuildStep
from workbench.sources.answers import Answer, parts, text, texts

_NAME = re.compile(
    r"\[(?:\S+/\S+ )?(?:(?P<stage>\S+) )?(?P<index>\d{1,6})/(?P<total>\d{1,6})\] (?P<words>.*)", re.DOTALL
)
_INTERNAL = re.compile(r"\[internal\] ")
_EXPORT = re.compile(r"exporting |naming to |resolving provenance")
_CONTEXT = re.compile(r"transferring context")
_MOST_STEPS = 10_000
_LONGEST_OBJECT = 16 << 20
_LONGEST_TAIL = 64 << 10
_MOST_NS = 9_214_646_400 * 10**9
"""The year 2262, from which on nanoseconds do not fit into 64 bits."""
_MOST_BYTES = 1 << 60
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Vertex:
    """A step as BuildKit tells of it."""

    name: str = ""
    inputs: tuple[str, ...] = ()
    started_ns: int | None = None
    completed_ns: int | None = None
    cached: bool = False
    error: str = ""
    log: StepLog = field(default_factory=StepLog)


class RawJson:
    """Reads it as it comes."""

    def __init__(self) -> None:
        self.vertexes: dict[str, Vertex] = {}
        """By digest, in the order that they were told of. Digests differ from build to build."""
        self.context_bytes: int | None = None
        self._logged = 0
        """Bytes of all logs."""
        self._waiting = ""
        self._plain = False
        self._tail = ""

    @property
    def tail(self) -> str:
        """The plain text after the last object."""
        return (self._tail + ("" if self._plain else self._waiting)).strip()

    def feed(self, piece: str) -> None:
        """Take what came."""
        if self._plain:
            self._tail = (self._tail + piece)[-_LONGEST_TAIL:]
            return
        self._waiting += piece
        at = 0
        while True:
            begin = _skip_blanks(self._waiting, at)
            if begin >= len(self._waiting):
                at = begin
                break
            try:
                found, at = _DECODER.raw_decode(self._waiting, begin)
            except (ValueError, RecursionError):
                at = begin
                break
            if isinstance(found, dict):
                self._take(found)
        self._waiting = self._waiting[at:]
        # An object begins with a brace; anything else is the builder's plain text
        if self._waiting and (self._waiting[0] != "{" or len(self._waiting) > _LONGEST_OBJECT):
            self._plain, self._tail, self._waiting = True, self._waiting[-_LONGEST_TAIL:], ""

    def _take(self, said: Answer) -> None:
        for told in parts(said, "vertexes"):
            digest = text(told, "digest")
            if digest not in self.vertexes and len(self.vertexes) >= _MOST_STEPS:
                continue
            vertex = self.vertexes.setdefault(digest, Vertex())
            vertex.name = _clean(told, "name") or vertex.name
            vertex.inputs = texts(told, "inputs") or vertex.inputs
            started, completed = _moment(text(told, "started")), _moment(text(told, "completed"))
            # Told anew with each attempt: the first beginning and the last end count
            vertex.started_ns = vertex.started_ns if vertex.started_ns is not None else started
            vertex.completed_ns = completed if completed is not None else vertex.completed_ns
            vertex.cached = told.get("cached") is True or vertex.cached
            vertex.error = _clean(told, "error") or vertex.error
        for told in parts(said, "statuses"):
            size = told.get("current")
            if (
                _CONTEXT.search(text(told, "id") or text(told, "name"))
                and isinstance(size, int)
                and 0 <= size < _MOST_BYTES
            ):
                self.context_bytes = max(self.context_bytes or 0, size)
        for told in parts(said, "logs"):
            known = self.vertexes.get(text(told, "vertex"))
            if known is not None and self._logged < MOST_LOGS:
                before = len(known.log)
                known.log.add(_decoded(text(told, "data")))
                self._logged += len(known.log) - before


def _moment(said: str) -> int | None:
    """A moment in nanoseconds, which nobody need have told rightly; `None` when no build can have been then."""
    found = unix_nanoseconds(said)
    return found if found is not None and 0 <= found < _MOST_NS else None


def _skip_blanks(content: str, at: int) -> int:
    while at < len(content) and content[at] in " \t\r\n":
        at += 1
    return at


def _clean(said: Answer, name: str) -> str:
    """Text without secrets, and with nothing in it that UTF-8 cannot hold."""
    return encodable(mask_text(text(said, name)))


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""


def steps_of(read: RawJson, dockerfile: DockerfileSteps) -> tuple[tuple[BuildStep, ...], int | None]:
    """The steps, with the needs that BuildKit leaves out, and the moment that the first began in nanoseconds.

    What is exported needs everything that nothing else needs; the first steps need the Dockerfile and what it names.
    """
    vertexes = list(read.vertexes.values())
    place = {digest: number for number, digest in enumerate(read.vertexes)}
    began = min((vertex.started_ns for vertex in vertexes if vertex.started_ns is not None), default=None)
    needs = [[place[digest] for digest in vertex.inputs if digest in place] for vertex in vertexes]
    needed = {need for each in needs for need in each}
    internal = [number for number, vertex in enumerate(vertexes) if _INTERNAL.match(vertex.name)]
    exports = [number for number, vertex in enumerate(vertexes) if _EXPORT.match(vertex.name)]
    first = [number for number in internal if "context" not in vertexes[number].name]
    own = {*internal, *exports}
    ends = [each for each in range(len(vertexes)) if each not in needed and each not in own]
    for earlier, number in enumerate(exports):
        needs[number] += exports[earlier - 1 : earlier] or ends
    for number in range(len(vertexes)):
        if not needs[number] and number not in own:
            needs[number] += first
    for later, sooner in zip(first[1:], first, strict=False):
        needs[later].append(sooner)
    return tuple(_step(vertex, need, began, dockerfile) for vertex, need in zip(vertexes, needs, strict=True)), began


def _step(vertex: Vertex, needs: list[int], began: int | None, dockerfile: DockerfileSteps) -> BuildStep:
    def since(moment: int | None, first: int | None) -> float | None:
        """Seconds since the build began; never before a moment that came first."""
        return None if moment is None or first is None or began is None else (max(moment, first) - began) / 1e9

    found = _NAME.fullmatch(vertex.name)
    stage, index, words, line = "", None, vertex.name, None
    if found:
        stage, index, words = found["stage"] or "", int(found["index"]), found["words"]
        line = dockerfile.counted_line(stage, index, int(found["total"]))
    facts: dict[str, Any] = {"cached": vertex.cached, "error": vertex.error, "inputs": tuple(dict.fromkeys(needs))}
    facts["log"] = vertex.log.text
    started = began if vertex.started_ns is None else vertex.started_ns
    times = since(vertex.started_ns, began), since(vertex.completed_ns, started)
    return BuildStep(stage, index, words, line, *times, **facts)
