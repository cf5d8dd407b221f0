"""What can be done in one profile."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "profile.open",
        "enter",
        "zoom",
        "Zoom into the frame under the cursor; on a function, show its callers and callees",
        "screen.open",
        "profile",
    ),
    Command("profile.flame", "f", "flame", "The flame graph", "screen.view('flame')", "profile"),
    Command("profile.functions", "t", "table", "The table of functions", "screen.view('functions')", "profile"),
    Command("profile.calls", "c", "callers", "Callers and callees", "screen.view('calls')", "profile"),
    Command("profile.source", "l", "lines", "The source, line by line", "screen.view('source')", "profile"),
    Command("profile.view", "v", "view", "Go to the next view", "screen.next_view", "profile", footer=False),
    Command("profile.pane", "tab", "pane", "Go to the next pane", "app.focus_next", "profile", footer=False),
    Command(
        "profile.search",
        "slash",
        "search",
        "In the flame graph: find frames and their share; in the table: show only functions that contain it",
        "screen.filter",
        "profile",
    ),
    Command("profile.next_match", "n", "next", "Go to the next frame found", "screen.match(1)", "profile"),
    Command(
        "profile.previous_match", "N", "previous", "Go to the one before", "screen.match(-1)", "profile", footer=False
    ),
    Command("profile.sort", "s", "sort", "Sort the functions by the next column", "screen.sort", "profile"),
    Command("profile.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "profile", footer=False),
    Command("profile.busy", "w", "waits", "Leave out what only waits, or show it", "screen.busy", "profile"),
    Command("profile.part", "p", "thread", "Only the next process or thread", "screen.part(1)", "profile"),
    Command(
        "profile.part_before", "P", "thread before", "Only the one before", "screen.part(-1)", "profile", footer=False
    ),
    Command("profile.order", "o", "order", "The largest first, or as it ran", "screen.order", "profile", footer=False),
    Command(
        "profile.fold_library",
        "L",
        "libraries",
        "Count what libraries did for your code that called them, or show them",
        "screen.fold_library",
        "profile",
        footer=False,
    ),
    Command(
        "profile.fold_recursion",
        "e",
        "recursion",
        "Show a function once in each stack, or as often as it is there",
        "screen.fold_recursion",
        "profile",
        footer=False,
    ),
    Command("profile.export", "x", "export", "Write collapsed stacks or a speedscope file", "screen.export", "profile"),
    Command(
        "profile.warnings",
        "W",
        "warnings",
        "All there is to know before believing the figures",
        "screen.warnings",
        "profile",
        footer=False,
    ),
)
