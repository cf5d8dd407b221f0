"""What can be done in GPUs."""

from screens.commands.command import Command

COMMANDS = (
    Command(
        "gpu.open",
        "enter",
        "open",
        "On a GPU, show only its processes; on a process, open its container",
        "screen.open",
        "gpu",
    ),
    Command("gpu.sort", "s", "sort", "Sort the processes by the next column", "screen.sort", "gpu"),
    Command("gpu.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "gpu", footer=False),
    Command(
        "gpu.filter",
        "slash",
        "filter",
        "Show only the processes that contain what you type; Esc clears it",
        "screen.filter",
        "gpu",
    ),
    Command(
        "gpu.pcie",
        "p",
        "PCIe",
        "Measure what goes over PCIe, which takes 40 ms for each GPU and reading, or no more",
        "screen.toggle_pcie",
        "gpu",
    ),
    Command("gpu.pane", "tab", "next table", "Go to the next table", "screen.next_table", "gpu"),
)
