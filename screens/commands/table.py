"""The whole table, in the order in which help and palette show it."""

from typing import get_args

from textual.binding import Binding

from screens.commands import (
    anatomy,
    build,
    build_steps,
    build_view,
    compare,
    container,
    everywhere,
    fleet,
    gpu,
    image,
    image_comparison,
    latency_curves,
    live,
    logs,
    profile,
    profile_diff,
    runs,
)
from screens.commands.command import LIVE, Command, Where

PLACES = (
    *(fleet, container, logs, image, anatomy, image_comparison, build, build_view, gpu, compare, runs, live),
    *(latency_curves, build_steps, profile, profile_diff, everywhere),
)
COMMANDS: tuple[Command, ...] = tuple(command for place in PLACES for command in place.COMMANDS)


def commands_for(where: Where) -> list[Command]:
    """The commands of one mode, without those that work everywhere."""
    return [command for command in COMMANDS if command.where == where]


def places_of(where: Where) -> tuple[Where, ...]:
    """Every place in which the commands of one can be given."""
    if where == "everywhere":
        return get_args(Where)
    return LIVE if where == "live" else (where,)


def bindings_for(where: Where) -> list[Binding]:
    """The bindings of one mode, rebindable by the command's id."""
    return [
        Binding(
            command.key,
            command.action,
            command.title,
            show=command.footer,
            tooltip=command.help,
            id=command.id,
            # Done as soon as it is pressed: what is typed after it, however fast, belongs into the filter.
            priority=command.action == "screen.filter",
        )
        for command in commands_for(where)
    ]
