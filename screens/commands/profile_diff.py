"""What can be done in two profiles compared."""

from screens.commands.command import Command
from screens.commands.viewing import aspect, viewing, warnings

COMMANDS = (
    Command("profile_diff.open", "enter", "zoom", "Zoom in, or go to the frame", "screen.open", "profile_diff"),
    Command("profile_diff.flame", "f", "flame", "The flame graph", "screen.view('flame')", "profile_diff"),
    Command("profile_diff.functions", "t", "table", "The functions", "screen.view('functions')", "profile_diff"),
    *viewing("profile_diff", "In the flame graph: find frames; in the table: show only functions that contain it"),
    Command(
        "profile_diff.times",
        "u",
        "times",
        "Times of repeated runs, or shares; without repeats, why there are only shares",
        "screen.times",
        "profile_diff",
    ),
    Command("profile_diff.swap", "b", "swap", "Before becomes after, and after before", "screen.swap", "profile_diff"),
    aspect("profile_diff"),
    warnings("profile_diff"),
)
