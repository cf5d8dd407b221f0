"""What can be done in two profiles compared."""

from screens.commands.command import Command

COMMANDS = (
    Command("profile_diff.open", "enter", "zoom", "Zoom in, or go to the frame", "screen.open", "profile_diff"),
    Command("profile_diff.flame", "f", "flame", "The flame graph", "screen.view('flame')", "profile_diff"),
    Command("profile_diff.functions", "t", "table", "The functions", "screen.view('functions')", "profile_diff"),
    Command("profile_diff.view", "v", "view", "Go to the other view", "screen.next_view", "profile_diff", footer=False),
    Command("profile_diff.pane", "tab", "pane", "Go to the next pane", "app.focus_next", "profile_diff", footer=False),
    Command(
        "profile_diff.search",
        "slash",
        "search",
        "In the flame graph: find frames; in the table: show only functions that contain it",
        "screen.filter",
        "profile_diff",
    ),
    Command("profile_diff.next_match", "n", "next", "Go to the next frame found", "screen.match(1)", "profile_diff"),
    Command(
        "profile_diff.previous_match",
        "N",
        "previous",
        "Go to the one before",
        "screen.match(-1)",
        "profile_diff",
        footer=False,
    ),
    Command("profile_diff.sort", "s", "sort", "Sort the functions by the next column", "screen.sort", "profile_diff"),
    Command(
        "profile_diff.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "profile_diff", footer=False
    ),
    Command(
        "profile_diff.times",
        "u",
        "times",
        "Times of repeated runs, or shares; without repeats, why there are only shares",
        "screen.times",
        "profile_diff",
    ),
    Command("profile_diff.swap", "b", "swap", "Before becomes after, and after before", "screen.swap", "profile_diff"),
    Command(
        "profile_diff.aspect",
        "a",
        "aspect",
        "Of memory: its peak, what was left at the end, what was brief",
        "screen.aspect",
        "profile_diff",
    ),
    Command(
        "profile_diff.warnings",
        "W",
        "warnings",
        "All there is to know before believing the figures",
        "screen.warnings",
        "profile_diff",
        footer=False,
    ),
)
