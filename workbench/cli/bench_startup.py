"""`workbench bench --startup`: how long a container takes until it is ready."""

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.bench_output import time_of
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call
from workbench.errors import WorkbenchError
from workbench.measure.text import encodable
from workbench.measure.units import counted

if TYPE_CHECKING:
    from workbench.benching import Benching
    from workbench.model.startup import StartupResult

SCHEMA = 1


def run(call: Call, benching: "Benching") -> int:
    """Start it several times, tell and keep the result."""
    from workbench.meters.ready import parse_condition

    wanted = call.arguments
    conditions = [parse_condition(typed) for typed in wanted.ready]

    def show(done: int, what: str) -> None:
        talk.progress(f"start {done + 1} of {wanted.repeat} · {what}")

    with until_told(keeps=True) as stop:
        result = benching.startup(wanted.startup, conditions, wanted.repeat, wanted.timeout or 60.0, show, stop)
    talk.end_progress()
    if not wanted.no_keep:
        try:
            talk.say(f"kept as run {benching.keep_startup(result)}")
        except WorkbenchError as error:
            talk.say(f"not kept among the runs: {error.reason}")
    if wanted.json:
        output.json(document(result))
    else:
        for line in lines(result):
            output.text(line)
    return 0


def document(result: "StartupResult") -> dict[str, object]:
    """Schema 1, an interface that programs rely on. Times begin when the engine was asked to create it."""
    from workbench.meters.ready import POLL_SECONDS

    conditions = [encodable(condition.name) for condition in result.conditions]
    return {
        "schema": SCHEMA,
        "target": encodable(result.target),
        "kind": "container" if result.is_container else "image",
        "image_id": result.image_id,
        "ready": conditions,
        "poll_ms": POLL_SECONDS * 1000,
        "median_ms": {name: _median(values) for name, values in _columns(result)},
        "starts": [
            {
                "created_ms": round(1000 * start.created_seconds, 3),
                "started_ms": round(1000 * start.started_seconds, 3),
                "ready_ms": [None if at is None else round(1000 * at, 3) for at in start.ready_seconds],
            }
            for start in result.starts
        ],
        "stopped": result.was_stopped,
        "notes": [encodable(note) for note in result.notes],
    }


def lines(result: "StartupResult") -> Iterator[str]:
    """The same for people."""
    yield f"{result.target}  {counted(len(result.starts), 'start')}{', stopped' if result.was_stopped else ''}"
    yield ""
    yield f"{'':<28}{'median':>10}{'fastest':>10}{'slowest':>10}"
    for name, values in _columns(result):
        known = [value for value in values if value is not None]
        cells = (_median(values), min(known, default=None), max(known, default=None))
        yield f"{name:<28}" + "".join(f"{time_of(cell):>10}" for cell in cells)
    yield ""
    yield "since the engine was asked to create it; ready is looked for every 5 ms"
    for note in result.notes:
        yield f"! {note}"


def _columns(result: "StartupResult") -> list[tuple[str, list[float | None]]]:
    """Each phase with its milliseconds."""
    columns: list[tuple[str, list[float | None]]] = [
        ("created", [1000 * start.created_seconds for start in result.starts]),
        ("started", [1000 * start.started_seconds for start in result.starts]),
    ]
    for number, condition in enumerate(result.conditions):
        values = [start.ready_seconds[number] for start in result.starts]
        columns.append((encodable(condition.name), [None if value is None else 1000 * value for value in values]))
    return columns


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 3) if known else None
