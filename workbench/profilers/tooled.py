"""A fresh run whose Pythons are profiled from inside: an agent on its PYTHONPATH starts with each of them.

What a container will run is known for certain only once it runs. Where the agent needs a tool with compiled parts, it
says which Python it is and waits; the workbench answers through the run's volume. What the probe knows is there from
the start.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.text import printable
from workbench.model.probe import Route, TargetFacts
from workbench.profilers import proc_facts
from workbench.profilers.asking import BEGUN, Answers
from workbench.profilers.base import Heard, Impossible, Patient, Progress, Wish, choose
from workbench.profilers.ending import Ending
from workbench.profilers.fresh import MOST_RESULT_BYTES, TOOLS, FreshRun, fresh_route, fresh_run
from workbench.profilers.sending import Fetching, Sending, later
from workbench.profilers.wheels import Tool, refusal
from workbench.sources.docker_errors import translated

_AGENTS = Path(__file__).parent / "agents"
_LOOK_SECONDS = 0.25
_START_SECONDS = 30.0
"""What a container may take until its first Python starts."""
_READ_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Agent:
    """What goes into the run."""

    folder: str
    """Of its `sitecustomize` in `agents`."""
    environment: Mapping[str, str]
    what: str
    """What it does, for progress: `allocations are recorded`."""
    tool: Tool | None = None
    """What it needs besides; `None` for what every Python has."""
    lost: str = ""
    """What is lost of a process that is killed."""
    reads: str = ""
    """A script of `agents/` that reads each file whose name has `ending` in it, beside the ended run, where frames of C
    have their names."""
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a recording left."""

    files: Mapping[str, bytes]
    """By name."""
    seconds: float
    taken_at: float
    python: str
    warnings: tuple[str, ...]
    complete: bool = True
    """As of `base.Recorded`."""


def tooled_routes(tool: Tool, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
    """A fresh run, closed when no Python that the target runs now can be given the tool."""
    route = fresh_route(facts)
    refused = [refusal(tool, process) for process in facts.pythons]
    if not route.closed and not wish.command and refused and None not in refused:
        reason = next(each for each in refused if each)[0]
        route = Route(route.name, route.price, reason)
    return (route,)


@dataclass(slots=True)
class _Recording:
    """One that goes on."""

    agent: Agent
    wish: Wish
    heard: Heard
    stop: Event
    answers: Answers | None
    sending: Sending
    began: float = field(default_factory=time.monotonic)
    """By time.monotonic, when the first Python was profiled."""
    has_begun: bool = False
    was_stopped: bool = False
    """Whether the user ended it early."""

    def tell(self, note: str, passed: float = 0.0) -> None:
        """Say what it is doing."""
        self.heard(Progress("fresh", passed, self.wish.seconds, note=note))


def tooled_run(agent: Agent, patient: Patient, wish: Wish, heard: Heard, stop: Event) -> Finished:
    """Run the target once more, until it ends or the time is over, then end it politely; see `base.Profiler`."""
    facts = patient.facts
    answers = Answers(agent.tool, wish, heard, stop) if agent.tool else None
    recording = _Recording(
        agent, wish, heard, stop, answers, Sending(agent.tool or "the profiler", "fresh", wish, heard, stop)
    )
    files = _files(recording, facts)
    recording.tell("starting the fresh run")
    with (
        patient.connected.talk() as connection,
        fresh_run(
            connection,
            facts,
            wish,
            files=files,
            environment=agent.environment,
            path_entry=f"{TOOLS}/agent",
            watch=recording.sending,
        ) as run,
    ):
        taken_at = time.time()
        recording.began = run.started_at
        _wait(run, recording)
        passed = time.monotonic() - recording.began
        recording.was_stopped = stop.is_set()
        recording.tell("ending the fresh run", passed)
        ending = run.stop()
        left, is_whole, unread = _results(run, recording)
        said = "" if left else run.last_words()
    if not left:
        raise _nothing(facts, recording, ending, said)
    warnings = [*(f"of the fresh run: {note}" for note in run.notes), *unread, *ending.warnings(agent.lost)]
    return Finished(
        left,
        passed,
        taken_at,
        answers.python if answers else next((one.python for one in facts.pythons), ""),
        (*warnings, *(answers.warnings() if answers else ())),
        complete=is_whole and not (recording.was_stopped or ending.was_cut_short),
    )


def _files(recording: _Recording, facts: TargetFacts) -> dict[str, bytes]:
    """What lies in the volume from the start.

    Raises:
        Impossible: when no Python of the target can be given the tool.
        WorkbenchError: when the tool is not to be had.
        Stopped: when the user gave up.
    """
    agent, wish, answers = recording.agent, recording.wish, recording.answers
    files = {
        "agent/sitecustomize.py": (_AGENTS / agent.folder / "sitecustomize.py").read_bytes(),
        "agent/workbench_tool.py": (_AGENTS / "workbench_tool.py").read_bytes(),
    }
    if answers is None:
        return files
    files["agent/proc_facts.py"] = Path(proc_facts.__file__).read_bytes()
    pythons = () if wish.command else facts.pythons
    for process in pythons:
        files.update(answers.answer(f"{process.abi}-{process.libc}", process))
    if pythons and not answers.given:
        raise answers.refused[0]
    choose(tooled_routes(answers.tool, facts, wish), wish, facts)
    return files


def _wait(run: FreshRun, recording: _Recording) -> None:
    """Answer until the time is over, it ends by itself, or the user stops it.

    The time begins when the first Python is profiled.
    """
    seconds, answers = recording.wish.seconds, recording.answers
    while True:
        ended = run.has_ended()
        # Once it is profiled, nobody asks for anything where nothing is lacking
        asked = run.asked() if answers or not recording.has_begun else {}
        files: dict[str, bytes] = {}
        if answers:
            try:
                files = answers.answers(asked)
                if files:
                    run.put(files, recording.sending)
            except Stopped:  # what others have recorded until now is the result
                return
            if answers.refused and not answers.given:
                raise answers.refused[0]
        if not recording.has_begun and (BEGUN in asked or files):
            recording.has_begun, recording.began = BEGUN in asked, time.monotonic()
        has_begun = recording.has_begun
        passed = time.monotonic() - recording.began
        left = (seconds if has_begun else max(seconds, _START_SECONDS)) - passed
        if ended or recording.stop.is_set() or left <= 0:
            return
        if has_begun:
            recording.tell(f"the fresh run goes on, {recording.agent.what}", passed)
        else:
            recording.tell("waiting for its Python to start")
        recording.stop.wait(min(_LOOK_SECONDS, left))


def _results(run: FreshRun, recording: _Recording) -> tuple[Mapping[str, bytes], bool, list[str]]:
    """What it left, whether that is all, and what to say of what is not; a stop that comes now gives up the rest."""
    agent, stop = recording.agent, later(recording.stop)
    fetching = Fetching("fresh", recording.wish, recording.heard, stop)
    found = run.results(fetching)
    files, said = found.files, about_left_out(found.left_out, was_given_up=stop.is_set())
    names = [name for name in files if agent.reads and agent.ending in name]
    if names and not stop.is_set():
        read, why = _read_beside(run, recording, names, fetching, stop)
        files, said = files | read, [*said, *why]
    return files, not found.left_out, said


def about_left_out(count: int, *, was_given_up: bool) -> list[str]:
    """What to say of files that were recorded and not fetched.

    Args:
        count: How many at least.
        was_given_up: Whether the user did not wait for them.
    """
    if not count:
        return []
    if was_given_up:
        return ["not all that was recorded was fetched: it was given up"]
    more = f"{count} of its files or more" if count > 1 else "a file of it"
    return [f"more was recorded than is read, and {more} left out: record for a shorter time, or fewer processes"]


def _read_beside(
    run: FreshRun, recording: _Recording, names: Sequence[str], fetching: Fetching, stop: Event
) -> tuple[dict[str, bytes], list[str]]:
    """Have the run's own Python read what is left, each into a file of the same name and `.json`.

    Returns:
        Those files, as far as they came, and why there are not more.
    """
    read: dict[str, bytes] = {}
    try:
        with translated(run.address):
            why = _each_beside(run, recording, names, read, fetching, stop)
    except WorkbenchError as error:
        why = error.reason
    if why and stop.is_set():
        return read, ["native frames were not read: it was given up"]
    return read, [f"native frames could not be read: {why}"] if why else []


def _each_beside(
    run: FreshRun,
    recording: _Recording,
    names: Sequence[str],
    read: dict[str, bytes],
    fetching: Fetching,
    stop: Event,
) -> str:
    """Read one file after another into `read`; why not all of them."""
    agent, answers, seconds = recording.agent, recording.answers, recording.wish.seconds
    if answers is None:
        return ""
    run.put({"agent/reader.py": (_AGENTS / agent.reads).read_bytes()})
    environment = {**dict.fromkeys(agent.environment, ""), "PYTHONPATH": f"{TOOLS}/lib/{answers.key}"}
    left = MOST_RESULT_BYTES
    for count, name in enumerate(names, 1):
        recording.tell(f"reading native frames beside it: {count} of {len(names)}", seconds)
        path = f"{TOOLS}/out/{name}"
        command = [answers.executable, f"{TOOLS}/agent/reader.py", path, f"{path}.json", "native"]
        code, said = run.run_beside(command, environment, _READ_SECONDS, stop)
        if code != 0:
            return printable(said.decode("utf-8", "replace").strip()[-200:]) or "it took too long"
        found = run.result(f"{name}.json", left, fetching)
        read |= found.files
        left -= sum(map(len, found.files.values()))
        if found.left_out:
            return "what was read of them is too much"
    return ""


def _nothing(facts: TargetFacts, recording: _Recording, ending: Ending, said: str) -> WorkbenchError:
    if recording.stop.is_set():
        return Stopped("stopped")
    if recording.answers and recording.answers.refused:
        return recording.answers.refused[0]
    if recording.has_begun:
        return WorkbenchError(
            f"the fresh run of {printable(facts.name)} left nothing of what was recorded{ending.last_words(said)}",
            "run it for longer: --for 60",
        )
    return Impossible(
        f"no Python of the fresh run of {printable(facts.name)} was profiled{ending.last_words(said)}",
        "a Python started with -I, -E or -S takes no profiler; py-spy looks at it as it runs: --with py-spy",
    )
