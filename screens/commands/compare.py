"""What can be done in a comparison."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "compare.open",
        "enter",
        "open",
        "What lies behind the figure: layers and files, percentile curves, build steps, stacks; else its details",
        "screen.open",
        "compare",
    ),
    Command(
        "compare.details",
        "d",
        "details",
        "Everything about the figure under the cursor: both distributions, the interval, reasons to doubt",
        "screen.details",
        "compare",
    ),
    Command(
        "compare.length",
        "z",
        "longer",
        "Hold longer spans against each other on either side of the marks: 30 s, 1, 2, 5 or 15 minutes",
        "screen.length",
        "compare",
    ),
    Command("compare.order", "s", "order", "The worst on top, or the usual order", "screen.order", "compare"),
    Command(
        "compare.filter",
        "slash",
        "filter",
        "Show only the rows that contain what you type; Esc clears it",
        "screen.filter",
        "compare",
    ),
    Command("compare.markdown", "m", "Markdown", "Copy the table as Markdown", "screen.markdown", "compare"),
    Command("compare.swap", "x", "swap", "Exchange before and after of two runs or images", "screen.swap", "compare"),
    Command(
        "compare.marks",
        "c",
        "marks",
        "Compare the marks A and B on the axis of time, instead of runs or images",
        "screen.marks",
        "compare",
    ),
    Command("compare.pane", "tab", "next pane", "Go to the next pane", "app.focus_next", "compare", footer=False),
)
