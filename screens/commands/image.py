"""What can be done in the list of images."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "image.open",
        "enter",
        "open",
        "Take the image apart: its files, findings, packages; on a layer, read its whole instruction",
        "screen.open",
        "image",
    ),
    Command(
        "image.archive",
        "o",
        "archive",
        "Open an image archive or an OCI layout from a file or directory; no engine is needed",
        "screen.open_archive",
        "image",
        footer=False,
    ),
    Command("image.sort", "s", "sort", "Sort the images by the next column", "screen.sort", "image"),
    Command("image.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "image", footer=False),
    Command(
        "image.empty",
        "a",
        "all/layers",
        "Show the steps that add no layer, or hide them",
        "screen.toggle_empty",
        "image",
    ),
    Command(
        "image.filter",
        "slash",
        "filter",
        "Show only the rows that contain what you type; Esc clears it",
        "screen.filter",
        "image",
    ),
    Command(
        "image.compare",
        "c",
        "compare",
        "Mark the image under the cursor; on another one, compare it with the one that is marked",
        "screen.compare",
        "image",
    ),
    Command("image.pane", "tab", "next pane", "Go to the next pane", "app.focus_next", "image", footer=False),
)
