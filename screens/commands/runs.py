"""What can be done in the list of runs."""

from screens.commands.command import Command

COMMANDS = (
    Command("runs.open", "enter", "open", "Open its profile, build, image or figures", "screen.open", "runs"),
    Command("runs.choose", "space", "choose", "Choose it, or no longer", "screen.choose", "runs"),
    Command(
        "runs.compare",
        "c",
        "compare",
        "Compare A with B; or two chosen runs, the older one is before; or the chosen one with that under the cursor",
        "screen.compare",
        "runs",
    ),
    Command(
        "runs.before",
        "A",
        "before",
        "Put it on the side before, or take it off; several there are repeats",
        "screen.side('A')",
        "runs",
        footer=False,
    ),
    Command(
        "runs.after",
        "B",
        "after",
        "Put it on the side after, or take it off; several there are repeats",
        "screen.side('B')",
        "runs",
        footer=False,
    ),
    Command(
        "runs.filter",
        "slash",
        "filter",
        "Show only the runs that contain what you type; Esc clears it",
        "screen.filter",
        "runs",
    ),
    Command("runs.sort", "s", "sort", "Sort by the next column", "screen.sort", "runs"),
    Command("runs.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "runs", footer=False),
    Command("runs.pin", "p", "pin", "Keep it when old runs are pruned, or no longer", "screen.pin", "runs"),
    Command("runs.label", "l", "label", "Give it another label", "screen.label", "runs"),
    Command("runs.note", "n", "note", "Write a note to it", "screen.note", "runs"),
    Command("runs.delete", "d", "delete", "Delete it, or all that are chosen", "screen.delete", "runs"),
    Command("runs.undo", "u", "undo", "Bring back what was deleted last", "screen.undo", "runs"),
    Command(
        "runs.export",
        "x",
        "export",
        "Write the chosen runs, or the one under the cursor, into a .wbrun file for another workbench",
        "screen.export",
        "runs",
    ),
    Command("runs.import", "i", "import", "Read the runs of a .wbrun file", "screen.import", "runs", footer=False),
    Command("runs.pane", "tab", "next pane", "Go to the next pane", "app.focus_next", "runs", footer=False),
)
