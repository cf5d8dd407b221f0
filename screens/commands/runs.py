"""What can be done in the list of runs."""

from screens.commands.command import Command

COMMANDS: tuple[Command, ...] = ()
