"""What can be done before a build."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "build.open",
        "enter",
        "change/open",
        "Change what the cursor is on; in the list of earlier builds, open it",
        "screen.open",
        "build",
    ),
    Command("build.start", "b", "build", "Build it now, with the steps on a timeline", "screen.build", "build"),
    Command(
        "build.cache", "n", "no cache", "Run every step, or take from the cache what it has", "screen.cache", "build"
    ),
    Command(
        "build.filter",
        "slash",
        "filter",
        "Show only the earlier builds that contain what you type; Esc clears it",
        "screen.filter",
        "build",
        footer=False,
    ),
    Command("build.pane", "tab", "next pane", "Go to the earlier builds, and back", "app.focus_next", "build"),
)
