"""What can be done with the latency of two load tests over each other."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "latency_curves.scale",
        "s",
        "scale",
        "A linear or a logarithmic scale of times",
        "screen.scale",
        "latency_curves",
    ),
)
