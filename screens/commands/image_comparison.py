"""What can be done in two images side by side."""

from screens.commands.command import Command

COMMANDS = (
    Command("image_comparison.open", "enter", "open", "Read the whole difference", "screen.open", "image_comparison"),
    Command(
        "image_comparison.settings",
        "c",
        "config",
        "What differs in the configuration and in the history",
        "screen.view('settings')",
        "image_comparison",
    ),
    Command(
        "image_comparison.layers",
        "l",
        "layers",
        "What differs by layer, package and directory",
        "screen.view('layers')",
        "image_comparison",
    ),
    Command(
        "image_comparison.view",
        "v",
        "view",
        "Go to the other view of the comparison",
        "screen.next_view",
        "image_comparison",
        footer=False,
    ),
    Command(
        "image_comparison.sort",
        "s",
        "sort",
        "In the order of the images, or the largest change first",
        "screen.sort",
        "image_comparison",
    ),
    Command(
        "image_comparison.filter",
        "slash",
        "filter",
        "Show only the rows that contain what you type; Esc clears it",
        "screen.filter",
        "image_comparison",
    ),
    Command("image_comparison.pane", "tab", "next table", "Go to the next table", "app.focus_next", "image_comparison"),
)
