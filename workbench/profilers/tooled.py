"""A fresh run whose Pythons are given a tool with compiled parts: the one that fits each, found out as it starts.

What a container will run is known for certain only once it runs: an agent on its PYTHONPATH says which Python it is and
waits for the tool; the workbench answers through the run's volume. What the probe knows is there from the start.
"""

import re
import time
from collections.abc import Mapping, Sequence
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
_READ_SECONDS = 300.0
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
    reads: str = ""
    """A script of `agents/` that reads each file whose name has `ending` in it, beside the ended run, where frames of C
    have their names."""
    ending: str = ""


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
            connection.client,
            facts,
            wish,
            files=files,
            environment=agent.environment,
            path_entry=f"{TOOLS}/agent",
            watch=known.sent,
        ) as run,
    ):
        taken_at = time.time()
        ended, began = _wait(run, known)
        passed = time.monotonic() - began
        heard(Progress("fresh", passed, wish.seconds, note="ending the fresh run"))
        code, was_out_of_memory = run.stop()
        left = run.results()
        unread = _read_beside(run, known, [name for name in left if agent.reads and agent.ending in name])
        left = run.results() if agent.reads and left else left
        said = "" if left else run.last_words()
    if not left:
        raise _nothing(facts, known, stop, f"; it ended with {code} and said: {said}" if ended and code else "")
    warnings = [f"of the fresh run: {note}" for note in run.notes] + unread
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
    """Of the first that was given it, and its key and program."""
    key: str = ""
    executable: str = ""
    told: float = field(default_factory=time.monotonic)

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
        if not self.key:
            self.key, self.python, self.executable = key, process.python, process.executable
        return {**{f"{folder}/{path}": content for path, content in files.items()}, f"{folder}/answered": b""}

    def sent(self, done: int, whole: int) -> None:
        """Tell how far the tool is on its way to the engine.

        Raises:
            Stopped: when the user gave up.
        """
        if self.stop.is_set():
            raise Stopped("stopped")
        now = time.monotonic()
        if now - self.told >= 1:
            self.told = now
            note = f"sending {self.agent.tool} to the engine: {done / 1e6:.1f} of {whole / 1e6:.1f} MB"
            self.heard(Progress("fresh", 0.0, self.wish.seconds, note=note))

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
            run.put(files, known.sent)
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


def _read_beside(run: FreshRun, known: _Answers, names: Sequence[str]) -> list[str]:
    """Have the run's own Python read what is left, each into a file of the same name and `.json`; why it could not."""
    if not names:
        return []
    run.put({"agent/reader.py": (_AGENTS / known.agent.reads).read_bytes()})
    environment = {**dict.fromkeys(known.agent.environment, ""), "PYTHONPATH": f"{TOOLS}/lib/{known.key}"}
    for count, name in enumerate(names, 1):
        note = f"reading native frames beside it: {count} of {len(names)}"
        known.heard(Progress("fresh", known.wish.seconds, known.wish.seconds, note=note))
        path = f"{TOOLS}/out/{name}"
        command = [known.executable, f"{TOOLS}/agent/reader.py", path, f"{path}.json", "native"]
        code, said = run.run_beside(command, environment, _READ_SECONDS, Event())
        if code != 0:
            why = printable(said.decode("utf-8", "replace").strip()[-200:]) or "it took too long"
            return [f"native frames could not be read: {why}"]
    return []


def _nothing(facts: TargetFacts, known: _Answers, stop: Event, said: str) -> WorkbenchError:
    if stop.is_set():
        return Stopped("stopped")
    if known.refused:
        return known.refused[0]
    return Impossible(
        f"no Python of the fresh run of {printable(facts.name)} was profiled{said}",
        "a Python started with -I, -E or -S takes no profiler; py-spy looks at it as it runs: --with py-spy",
    )
