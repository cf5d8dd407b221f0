"""memray and line_profiler attached to a process that runs: their wheels lie in the helper, and so do the results."""

import time
from dataclasses import replace
from threading import Event

from workbench.errors import Stopped, WorkbenchError
from workbench.model.probe import How, Route, TargetFacts
from workbench.profilers.attach.live import Taken, record_live
from workbench.profilers.attach.routes import entered, live_routes
from workbench.profilers.attach.told import about_end, about_main_thread, about_others
from workbench.profilers.base import Heard, Patient, Progress, Wish
from workbench.profilers.py_spy.routes import observed
from workbench.profilers.tooled import Finished
from workbench.profilers.wheels import Tool, refusal, tool_files

_MOST_BYTES = 192 << 20
"""Of memray's file; then recording ends, and the program goes on."""


def tooled_live_routes(tool: Tool, facts: TargetFacts, wish: Wish) -> tuple[Route, ...]:
    """Into the interpreter as it runs, closed where it cannot be given the tool."""
    routes = live_routes(facts, wish)
    process = None if facts.kind == "process" else observed(facts, wish)
    refused = refusal(tool, process) if process is not None and process.python else None
    if refused is None:
        return routes
    return tuple(replace(route, closed=route.closed or refused[0]) for route in routes)


def live_memory(patient: Patient, wish: Wish, how: How, heard: Heard, stop: Event) -> Finished:
    """Record what the wished process allocates; see `base.Profiler`."""
    taken = _taken("memray", "memray", patient, wish, how, heard, stop, (_MOST_BYTES,))
    said = [*about_end(taken), "memray stays loaded in the process until that ends; it records nothing any more"]
    is_full = "full" in taken.files
    if is_full:
        said.append(f"the recording ended early: {_MOST_BYTES >> 20} MiB were written")
    if wish.native:
        said.append("native frames are told by a fresh run alone")
    finished = _finished(taken, [*said, *about_others(patient.facts, taken)])
    return replace(finished, complete=finished.complete and not is_full)


def live_lines(patient: Patient, wish: Wish, how: How, heard: Heard, stop: Event) -> Finished:
    """Count the lines of functions in the wished process; see `base.Profiler`."""
    taken = _taken("line_profiler", "lines", patient, wish, how, heard, stop, wish.functions)
    return _finished(taken, [*about_end(taken), *about_main_thread(taken), *about_others(patient.facts, taken)])


def _taken(
    tool: Tool,
    name: str,
    patient: Patient,
    wish: Wish,
    how: How,
    heard: Heard,
    stop: Event,
    arguments: tuple[object, ...],
) -> Taken:
    process = entered(patient.facts, wish)
    began = time.monotonic()

    def tell(words: str) -> None:
        heard(Progress(how, time.monotonic() - began, wish.seconds, note=words))

    files = {f"lib/{path}": content for path, content in tool_files(tool, process, stop, tell).items()}
    taken = record_live(patient, wish, how, name, heard, stop, arguments=arguments, files=files)
    if not any(file.endswith(".lines") or ".bin" in file for file in taken.files):
        if taken.was_stopped or taken.was_given_up:
            raise Stopped("stopped")
        raise WorkbenchError(
            f"process {process.pid} ended before there was anything", "record a run from its start: --fresh"
        )
    return taken


def _finished(taken: Taken, warnings: list[str]) -> Finished:
    kinds = (".lines", ".cost")
    files = {name: content for name, content in taken.files.items() if name.endswith(kinds) or ".bin" in name}
    return Finished(
        files,
        taken.seconds,
        taken.taken_at,
        taken.process.python,
        tuple(warnings),
        complete=taken.complete,
    )
