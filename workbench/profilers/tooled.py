"""A fresh run whose Pythons are given a tool with compiled parts: the one that fits each, found out as it starts.

What a container will run is known for certain only once it runs: an agent on its PYTHONPATH says which Python it is and
waits for the tool; the workbench answers through the run's volume. What the probe knows is there from the start.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import msgspec

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.text import printable
from workbench.model.probe import ProcessFacts, Route, TargetFacts
from workbench.profilers import proc_facts
from workbench.profilers.base import Heard, Impossible, Patient, Progress, Wish, choose
from workbench.profilers.fresh import TOOLS, FreshRun, fresh_route, fresh_run
from workbench.profilers.probe import process_of
from workbench.profilers.wheels import Tool, refusal, tool_files

_AGENTS = Path(__file__).parent / "agents"
_LOOK_SECONDS = 0.25
_MOST_PYTHONS = 8
_START_SECONDS = 30.0
"""What a container may take until its first Python starts."""
_BEGUN = "begun"
"""What an agent leaves when it profiles."""
_KEY = re.compile(r"[\w-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Agent:
    """What goes into the run."""

    tool: Tool
    folder: str
    """Of its `sitecustomize` in `agents`."""
    environment: Mapping[str, str]
    what: str
    """What it does, for progress: `allocations are recorded`."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run left."""

    files: Mapping[str, bytes]
    """By name."""
    seconds: float
    taken_at: float
    python: str
    warnings: tuple[str, ...]


def tooled_routes(tool: Tool, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
    """A fresh run, closed when no Python that the target runs now can be given the tool."""
    route = fresh_route(facts)
    refused = [refusal(tool, process) for process in facts.pythons]
    if not route.closed and not wish.command and refused and None not in refused:
        reason = next(each for each in refused if each)[0]
        route = Route(route.name, route.price, reason)
    return (route,)


def tooled_run(agent: Agent, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Finished:
    """Run the target once more, until it ends or the time is over, then end it politely; see `base.Profiler`."""
    facts = patient.facts
    known = _Answers(agent, wish, heard, stop)
    files = {
        "agent/sitecustomize.py": (_AGENTS / agent.folder / "sitecustomize.py").read_bytes(),
        "agent/workbench_tool.py": (_AGENTS / "workbench_tool.py").read_bytes(),
        "agent/proc_facts.py": Path(proc_facts.__file__).read_bytes(),
    }
    pythons = () if wish.command else facts.pythons
    for process in pythons:
        files.update(known.answer(f"{process.abi}-{process.libc}", process))
    if pythons and not known.given:
        raise known.refused[0]
    choose(tooled_routes(agent.tool, facts, wish), wish, facts)
    heard(Progress("fresh", 0.0, wish.seconds, note="starting the fresh run"))
    with (
        patient.connected.talk() as connection,
        fresh_run(
            connection.client, facts, wish, files=files, environment=agent.environment, path_entry=f"{TOOLS}/agent"
        ) as run,
    ):
        taken_at = time.time()
        ended, began = _wait(run, known)
        passed = time.monotonic() - began
        heard(Progress("fresh", passed, wish.seconds, note="ending the fresh run"))
        code, was_out_of_memory = run.stop()
        left = run.results()
        said = "" if left else printable(run.errors(4096).decode("utf-8", "replace").strip()[-200:])
    if not left:
        raise _nothing(facts, known, stop, f"; it ended with {code} and said: {said}" if ended and code else "")
    warnings = [f"of the fresh run: {note}" for note in run.notes]
    warnings += [f"not every Python of it could be profiled: {error.reason}" for error in known.refused]
    if was_out_of_memory:
        warnings.append("the fresh run was killed for its memory")
    elif ended and code:
        warnings.append(f"the fresh run ended by itself with exit code {code}")
    return Finished(left, passed, taken_at, known.python, tuple(warnings))


@dataclass(slots=True)
class _Answers:
    """Which Pythons were given the tool, and which were refused it."""

    agent: Agent
    wish: Wish
    heard: Heard
    stop: Event
    keys: set[str] = field(default_factory=set)
    given: int = 0
    refused: list[WorkbenchError] = field(default_factory=list)
    python: str = ""
    """Of the first that was given it."""

    def answer(self, key: str, process: ProcessFacts) -> dict[str, bytes]:
        """The files that a Python waits for; none when it has them."""
        if key in self.keys or not _KEY.fullmatch(key) or len(self.keys) >= _MOST_PYTHONS:
            return {}
        self.keys.add(key)
        began = time.monotonic()
        folder = f"lib/{key}"
        try:
            files = tool_files(
                self.agent.tool,
                process,
                self.stop,
                lambda words: self.heard(Progress("fresh", time.monotonic() - began, self.wish.seconds, note=words)),
            )
        except Stopped:
            raise
        except WorkbenchError as error:
            self.refused.append(error)
            return {f"{folder}/refused": b"", f"{folder}/answered": b""}
        self.given += 1
        self.python = self.python or process.python
        return {**{f"{folder}/{path}": content for path, content in files.items()}, f"{folder}/answered": b""}

    def answers(self, asked: Mapping[str, bytes]) -> dict[str, bytes]:
        """The same for all that ask."""
        files: dict[str, bytes] = {}
        for key, content in asked.items():
            if key != _BEGUN and key not in self.keys:
                files.update(self.answer(key, _process(content)))
        return files


def _process(content: bytes) -> ProcessFacts:
    """What an agent says of its process. Hostile."""
    try:
        row: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        row = {}
    return process_of(row)


def _wait(run: FreshRun, known: _Answers) -> tuple[bool, float]:
    """Answer until the time is over, it ends by itself, or the user stops it.

    The time begins when the first Python is profiled.

    Returns:
        Whether it ended by itself, and when the time began, by time.monotonic.
    """
    seconds, began, has_begun = known.wish.seconds, run.started_at, False
    while True:
        ended = run.has_ended()
        asked = run.asked()
        files = known.answers(asked)
        if files:
            run.put(files)
            if known.refused and not known.given:
                raise known.refused[0]
        if not has_begun and (_BEGUN in asked or files):
            has_begun, began = _BEGUN in asked, time.monotonic()
        passed = time.monotonic() - began
        if ended or known.stop.is_set() or passed >= (seconds if has_begun else max(seconds, _START_SECONDS)):
            return ended, began
        note = f"the fresh run goes on, {known.agent.what}" if has_begun else "waiting for its Python to start"
        known.heard(Progress("fresh", passed if has_begun else 0.0, seconds, note=note))
        known.stop.wait(_LOOK_SECONDS)


def _nothing(facts: TargetFacts, known: _Answers, stop: Event, said: str) -> WorkbenchError:
    if stop.is_set():
        return Stopped("stopped")
    if known.refused:
        return known.refused[0]
    return Impossible(
        f"no Python of the fresh run of {printable(facts.name)} was profiled{said}",
        "a Python started with -I, -E or -S takes no profiler; py-spy looks at it as it runs: --with py-spy",
    )
