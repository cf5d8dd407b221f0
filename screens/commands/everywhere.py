"""What can be done in every mode."""

from screens.commands.command import Command

COMMANDS = (
    Command("copy", "y", "copy", "Copy the row's name to the clipboard", "screen.copy", footer=False),
    Command("refresh", "r,f5", "refresh", "Read everything again now", "app.refresh_feeds", footer=False),
    Command("back", "escape", "back", "Go back, or clear the filter", "screen.back"),
    Command("mode.fleet", "1", "fleet", "Every container", "app.mode('fleet')", footer=False),
    Command("mode.container", "2", "container", "One container", "app.mode('container')", footer=False),
    Command("mode.image", "3", "image", "Images and their layers", "app.mode('image')", footer=False),
    Command("mode.build", "5", "build", "Builds and where their time goes", "app.mode('build')", footer=False),
    Command("mode.compare", "6", "compare", "Before and after", "app.mode('compare')", footer=False),
    Command("mode.runs", "7", "runs", "What was measured and kept", "app.mode('runs')", footer=False),
    Command("mode.gpu", "8", "gpu", "GPUs and their processes", "app.mode('gpu')", footer=False),
    Command("demo", "D", "demo", "Play a recorded session: no engine needed", "app.demo"),
    Command("palette", "ctrl+p", "palette", "Find a command by its name", "app.command_palette", footer=False),
    Command(
        "suspend",
        "ctrl+z",
        "suspend",
        "Go back to the shell; fg returns",
        "app.suspend_process",
        footer=False,
    ),
    Command("help", "question_mark", "help", "All keys and what they do here", "app.help"),
    Command("quit", "q,ctrl+c", "quit", "Leave", "app.quit"),
)
