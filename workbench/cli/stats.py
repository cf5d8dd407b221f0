"""`workbench stats [NAME…]`: what the containers use, for people, for programs and for Prometheus."""

import argparse
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.cli import output
from workbench.cli.readings import Readings, find, length_of_time, started
from workbench.cli.stats_json import Look, look_document
from workbench.cli.verb import Call, Verb
from workbench.measure.averages import mean_usage
from workbench.model.containers import Container, ContainerUsage, FleetSnapshot
from workbench.session import Session
from workbench.settings import LONGEST_INTERVAL, SHORTEST_INTERVAL

if TYPE_CHECKING:
    from workbench.model.reading import Fresh
    from workbench.model.verdicts import Verdict

MOST_LOOKS_WITHOUT = 4
"""Readings that a first look waits for containers that have no figures yet: rates need two of them."""
_ALIVE = ("running", "paused", "restarting")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="containers, by name or id or how one begins")
    parser.add_argument("--all", action="store_true", help="those that do not run, too")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write one JSON document")
    form.add_argument(
        "--ndjson", action="store_true", help="write a JSON document on a line of its own for each reading"
    )
    form.add_argument("--prometheus", action="store_true", help="write one scrape in Prometheus' text format")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--once", action="store_true", help="one look; what --json, --prometheus and a pipe get anyway")
    pace.add_argument(
        "--interval",
        type=length_of_time,
        dest="every",
        metavar="S",
        help="a look every S seconds; of one look, its length",
    )
    pace.add_argument(
        "--for",
        type=length_of_time,
        dest="how_long",
        metavar="S",
        help="stop after S seconds; one look averages over them",
    )


def _run(call: Call) -> int:
    arguments = call.arguments
    settings = call.settings
    if arguments.every:
        settings = replace(settings, interval=min(max(arguments.every, SHORTEST_INTERVAL), LONGEST_INTERVAL))
    session = Session.replay(arguments.replay, settings) if arguments.replay else Session.live(settings)
    people = not (arguments.json or arguments.ndjson or arguments.prometheus)
    timed = arguments.every or arguments.how_long
    streams = not arguments.once and (arguments.ndjson or (people and bool(timed or sys.stdout.isatty())))
    if people:
        session.judge  # noqa: B018  from here on it listens
    with started(session) as readings:
        looks = _looks(readings, arguments.names, everything=arguments.all)
        if streams:
            _stream(call, readings, looks)
        else:
            _write(call, _averaged(looks, arguments.how_long or arguments.every or 0.0), readings)
    return 0


def _stream(call: Call, readings: Readings, looks: Iterator[Look]) -> None:
    """Write each look until the time is up, which by default is never."""
    deadline = time.monotonic() + (call.arguments.how_long or math.inf)
    for number, look in enumerate(looks):
        if not call.arguments.ndjson:
            output.next_page(first=number == 0)
        _write(call, look, readings, streams=True)
        if time.monotonic() >= deadline:
            return


def _write(call: Call, look: Look, readings: Readings, *, streams: bool = False) -> None:
    if call.arguments.json:
        output.json(look_document(look))
    elif call.arguments.ndjson:
        output.json_line(look_document(look))
    elif call.arguments.prometheus:
        from workbench.cli.stats_prometheus import exposition

        for line in exposition(look):
            output.text(line)
    else:
        from workbench.cli.stats_table import lines

        verdicts: Mapping[str, Verdict] = readings.session.judge.top()
        width, height = output.size() or (None, None)
        for line in lines(look, verdicts, width, height if streams else None):
            output.text(line)
    output.flush()


def _looks(readings: Readings, names: Sequence[str], *, everything: bool) -> Iterator[Look]:
    """Looks at the wanted containers, the first once there are figures to show.

    Raises:
        NotFound: when one of the names is not there at the first look.
        WorkbenchError: when there is nothing to look at any more.
    """
    fleet = readings.next_fleet()
    wanted = {find(fleet.value.containers, name).id for name in names}
    for _ in range(MOST_LOOKS_WITHOUT):
        if readings.has_read("host", "gpu") and _measured(_chosen(fleet.value, wanted, everything=everything)):
            break
        fleet = readings.next_fleet()
    while True:
        yield _look(readings, fleet, _chosen(fleet.value, wanted, everything=everything))
        fleet = readings.next_fleet()


def _chosen(fleet: FleetSnapshot, wanted: set[str], *, everything: bool) -> tuple[Container, ...]:
    if wanted:
        return tuple(each for each in fleet.containers if each.id in wanted)
    return tuple(each for each in fleet.containers if everything or each.state in _ALIVE)


def _measured(containers: Sequence[Container]) -> bool:
    """Whether each that runs has rates."""
    return all(
        each.usage is not None and each.usage.cpu_percent is not None for each in containers if each.state == "running"
    )


def _look(readings: Readings, fleet: "Fresh[FleetSnapshot]", containers: tuple[Container, ...]) -> Look:
    return Look(
        readings.unix_time(fleet),
        fleet.value.engine,
        fleet.value.measured_from,
        containers,
        readings.value("host"),
        readings.value("gpu"),
    )


def _averaged(looks: Iterator[Look], how_long: float) -> Look:
    """One look whose rates are averaged over some seconds; the first one when that is none."""
    newest: dict[str, ContainerUsage] = {}
    means: dict[str, ContainerUsage | None] = {}
    deadline = time.monotonic() + how_long
    for look in looks:
        for container in look.containers:
            usage, before = container.usage, means.get(container.id)
            # A reading without news repeats the usage before it
            if usage is not None and usage != newest.get(container.id):
                newest[container.id] = usage
                means[container.id] = mean_usage((before, usage) if before else (usage,))
        if time.monotonic() >= deadline:
            break
    return replace(look, containers=tuple(replace(each, usage=means.get(each.id)) for each in look.containers))


VERB = Verb("stats", "Tell what the containers use, once or again and again", _add_arguments, _run)
