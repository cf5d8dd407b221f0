"""What can be done in a log."""

from screens.commands.command import Command

COMMANDS = (
    Command("logs.open", "enter", "read", "Read the line under the cursor in full", "screen.open", "logs"),
    Command(
        "logs.filter",
        "slash",
        "filter",
        "Show only the lines that contain what you type; Esc clears it",
        "screen.filter",
        "logs",
    ),
    Command("logs.find", "f", "find", "Go to a line that contains what you type", "screen.find", "logs"),
    Command("logs.next", "n", "older match", "Go to the next older line with it", "screen.find_next(-1)", "logs"),
    Command(
        "logs.previous",
        "N",
        "newer match",
        "Go to the next newer line with it",
        "screen.find_next(1)",
        "logs",
        footer=False,
    ),
    Command(
        "logs.moment",
        "t",
        "its moment",
        "Show what was measured when the line under the cursor was written; l comes back to the line",
        "screen.moment",
        "logs",
    ),
    Command("logs.older", "o", "older lines", "Read older lines, up to 50,000", "screen.older", "logs"),
)
