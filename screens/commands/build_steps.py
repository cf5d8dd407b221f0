"""What can be done with the steps of two builds beside each other."""

from screens.commands.command import Command

COMMANDS = (
    Command("build_steps.open", "enter", "read", "Read both instructions in full", "screen.open", "build_steps"),
    Command(
        "build_steps.order",
        "s",
        "order",
        "The largest change on top, or the order of the build",
        "screen.order",
        "build_steps",
    ),
    Command(
        "build_steps.filter",
        "slash",
        "filter",
        "Show only the steps that contain what you type; Esc clears it",
        "screen.filter",
        "build_steps",
    ),
)
