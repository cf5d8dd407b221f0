"""What can be done with one build."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "build_view.open",
        "enter",
        "read",
        "All about what the cursor is on: of a step error, needs and slack; else the line of the log, or the row",
        "screen.open",
        "build_view",
    ),
    Command(
        "build_view.order",
        "s",
        "order",
        "Steps in order, the dearest first, or those first that would save most",
        "screen.order",
        "build_view",
    ),
    Command("build_view.pane", "tab", "log", "Go to the log of the step, and back", "screen.pane", "build_view"),
    Command(
        "build_view.filter",
        "slash",
        "filter",
        "Show only the rows that contain what you type; steps also by how they are: cached, failed; Esc clears it",
        "screen.filter",
        "build_view",
    ),
    Command(
        "build_view.internal",
        "i",
        "all steps",
        "Show the builder's own short steps too, or no longer",
        "screen.internal",
        "build_view",
    ),
    Command(
        "build_view.view",
        "v",
        "view",
        "The next view: steps, findings, context, what a change rebuilds",
        "screen.view",
        "build_view",
    ),
    Command(
        "build_view.newest",
        "f",
        "follow",
        "Go to the end of the log and follow it",
        "screen.newest",
        "build_view",
        footer=False,
    ),
)
