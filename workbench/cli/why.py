"""`workbench why CONTAINER`: why it is slow, with the evidence and what to do next."""

import argparse
import time
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.readings import Readings, find, length_of_time, started
from workbench.cli.verb import Call, Verb
from workbench.measure.text import encodable
from workbench.measure.units import duration
from workbench.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.model.containers import Container
    from workbench.model.verdicts import Situation, Verdict

SCHEMA = 1
SECONDS = 10.0
"""How long is measured unless told otherwise: enough for rules to be sure."""
PATIENCE_SECONDS = 5.0
"""How much longer it may take until that much was measured."""
_FINDINGS = 1
_ALIVE = ("running", "paused", "restarting")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("container", metavar="CONTAINER", help="name or id, or how one begins")
    parser.add_argument(
        "--for",
        type=length_of_time,
        default=SECONDS,
        dest="how_long",
        metavar="S",
        help="measure for S seconds (default: 10)",
    )
    parser.add_argument("--json", action="store_true", help="write one JSON document instead of lines")


def _run(call: Call) -> int:
    from workbench.verdicts import judge

    replay = call.arguments.replay
    session = Session.replay(replay, call.settings) if replay else Session.live(call.settings)
    session.judge  # noqa: B018  from here on it listens
    with started(session) as readings:
        situation = _measure(readings, call.arguments.container, call.arguments.how_long)
        measured_from = readings.value("fleet").measured_from if readings.value("fleet") else ""
    verdicts = judge(situation)
    if call.arguments.json:
        output.json(document(situation, verdicts))
    else:
        for line in lines(situation, verdicts, measured_from):
            output.text(line)
    output.flush()
    return _FINDINGS if any(verdict.severity == "act" for verdict in verdicts) else 0


def _measure(readings: Readings, wanted: str, how_long: float) -> "Situation":
    """Look at one container for a while. One that does not run, or ends meanwhile, is judged at once."""
    session = readings.session
    container = find(readings.next_fleet().value.containers, wanted)
    deadline = time.monotonic() + how_long + PATIENCE_SECONDS
    session.look_at(container.id)
    try:
        while True:
            situation = session.judge.situation(container.id)
            if situation is None:
                find((), wanted)  # gone meanwhile: says so
                raise AssertionError
            alive = situation.container.state in _ALIVE
            ready = situation.seconds >= how_long * 0.95 if alive else situation.detail is not None
            if ready or time.monotonic() >= deadline:
                return situation
            if alive:
                left = max(0.0, how_long - situation.seconds)
                talk.progress(f"measuring {situation.container.name}: {duration(left)} left")
            readings.next_fleet()
    finally:
        talk.end_progress()


def document(situation: "Situation", verdicts: "Iterable[Verdict]") -> dict[str, object]:
    """Schema 1, an interface that programs rely on."""
    container = situation.container
    return {
        "schema": SCHEMA,
        "container": encodable(container.name),
        "id": encodable(container.id),
        "image": encodable(container.image),
        "state": container.state,
        "taken_at": situation.now,
        "measured_seconds": round(situation.seconds, 3),
        "verdicts": [
            {
                "rule": verdict.rule,
                "severity": verdict.severity,
                "confidence": verdict.confidence,
                "word": encodable(verdict.word),
                "message": encodable(verdict.message),
                "evidence": [encodable(line) for line in verdict.evidence],
                "next_step": encodable(verdict.next_step),
            }
            for verdict in verdicts
        ],
    }


def lines(situation: "Situation", verdicts: "Iterable[Verdict]", measured_from: str) -> list[str]:
    """What is told of it, the most telling verdict first."""
    told = [_heading(situation.container, situation.seconds, measured_from)]
    for verdict in verdicts:
        told += ["", f"{verdict.severity}  {verdict.word}  ({verdict.rule}, {verdict.confidence} confidence)"]
        told.append(f"  {verdict.message}")
        told += [f"    {line}" for line in verdict.evidence]
        if verdict.next_step:
            told.append(f"  next: {verdict.next_step}")
    return told


def _heading(container: "Container", measured: float, measured_from: str) -> str:
    source = f" from {measured_from}" if measured_from else ""
    return f"{container.name}  {container.status or container.state}  {duration(measured)} measured{source}"


VERB = Verb("why", "Say why a container is slow, with the evidence and what to do next", _add_arguments, _run)
