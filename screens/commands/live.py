"""What can be done in every mode with figures that move."""

from screens.commands.command import Command

COMMANDS = (
    Command("live.now", "space", "now", "Leave the past: show what is measured now", "screen.now", "live"),
    Command(
        "live.back",
        "left_square_bracket",
        "back 10 s",
        "Look at ten seconds earlier",
        "screen.travel(-10)",
        "live",
        False,
    ),
    Command(
        "live.forward",
        "right_square_bracket",
        "on 10 s",
        "Look at ten seconds later",
        "screen.travel(10)",
        "live",
        False,
    ),
    Command(
        "live.far_back",
        "left_curly_bracket",
        "back 1 min",
        "Go back a minute",
        "screen.travel(-60)",
        "live",
        footer=False,
    ),
    Command(
        "live.far_forward",
        "right_curly_bracket",
        "on 1 min",
        "Go on a minute",
        "screen.travel(60)",
        "live",
        footer=False,
    ),
    Command(
        "live.mark_a",
        "A",
        "mark A",
        "Mark this moment as before, to compare with B",
        "screen.mark('A')",
        "live",
        False,
    ),
    Command(
        "live.mark_b", "B", "mark B", "Mark this moment as after, to compare with A", "screen.mark('B')", "live", False
    ),
    Command("live.note", "M", "note", "Write a note at this moment", "screen.write_note", "live", footer=False),
    Command(
        "live.record",
        "R",
        "record",
        "Record the session into a file that plays anywhere; again, end it and keep it among the runs",
        "screen.record",
        "live",
        footer=False,
    ),
    Command(
        "live.bundle",
        "W",
        "bundle",
        "Write an incident bundle of this container: ten minutes, verdicts, log, configuration",
        "screen.bundle",
        "live",
        footer=False,
    ),
)
