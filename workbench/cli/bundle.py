"""`workbench bundle CONTAINER`: watches for a while and writes an incident bundle, without the screens."""

import argparse
import shlex
from pathlib import Path
from threading import Event

from workbench.cli import talk
from workbench.cli.readings import find, length_of_time
from workbench.cli.verb import Call, Verb
from workbench.errors import RecordingError
from workbench.measure.text import printable
from workbench.measure.units import duration, quantity
from workbench.session import Session

SECONDS = 10.0
SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 600.0


def _seconds(text: str) -> float:
    value = length_of_time(text)
    if not SHORTEST_SECONDS <= value <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds from {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g}"
        )
    return value


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("container", metavar="CONTAINER", help="name or id, or the beginning of an id")
    parser.add_argument(
        "--for", dest="seconds", type=_seconds, default=SECONDS, metavar="S", help="how long to watch it (default: 10)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="file to make")


def _run(call: Call) -> int:
    from workbench.bundle import write_bundle

    path: Path = call.arguments.output
    if path.exists():
        raise RecordingError(f"{printable(str(path))} exists", "choose another name")
    session = Session.live(call.settings)
    try:
        container = find(session.world.fleet.read().containers, call.arguments.container)
        talk.say(f"watching {printable(container.name)} for {duration(call.arguments.seconds)}")
        _ = session.judge  # hears from the first reading on
        session.look_at(container.id)
        session.start(lambda _: None)
        Event().wait(call.arguments.seconds)
        until = session.history.now()
        findings = session.findings(container)
        interval = session.settings.interval
        bundle = write_bundle(
            path, session.history, session.world, container.id, findings, until=until, interval=interval
        )
    finally:
        session.close()
    talk.say(f"wrote {printable(str(path))}: {bundle.readings} readings, {quantity(bundle.bytes_written, 'B')}")
    talk.say(f"open it anywhere: workbench open {shlex.quote(str(path))}")
    return 0


VERB = Verb("bundle", "Watch a container and write an incident bundle that opens anywhere", _add_arguments, _run)
