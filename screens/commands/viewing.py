"""What can be done wherever a flame graph stands beside a table of functions: in one profile, and in two compared."""

from screens.commands.command import Command, Where


def viewing(where: Where, search: str) -> tuple[Command, ...]:
    """The commands between the views and what each screen has of its own.

    Args:
        where: The screen's place.
        search: What a search does there.
    """
    return (
        Command(f"{where}.view", "v", "view", "Go to the next view", "screen.next_view", where, footer=False),
        Command(f"{where}.pane", "tab", "pane", "Go to the next pane", "app.focus_next", where, footer=False),
        Command(f"{where}.search", "slash", "search", search, "screen.filter", where),
        Command(f"{where}.next_match", "n", "next", "Go to the next frame found", "screen.match(1)", where),
        Command(
            f"{where}.previous_match", "N", "previous", "Go to the one before", "screen.match(-1)", where, footer=False
        ),
        Command(f"{where}.sort", "s", "sort", "Sort the functions by the next column", "screen.sort", where),
        Command(f"{where}.reverse", "S", "reverse", "Turn the order round", "screen.reverse", where, footer=False),
    )


def aspect(where: Where) -> Command:
    """Which of a memory profile's trees is looked at."""
    words = "Of memory: its peak, what was left at the end, what was brief"
    return Command(f"{where}.aspect", "a", "aspect", words, "screen.aspect", where)


def warnings(where: Where) -> Command:
    """What casts doubt on the figures, and how they are judged."""
    words = "All there is to know before believing the figures"
    return Command(f"{where}.warnings", "W", "warnings", words, "screen.warnings", where, footer=False)
