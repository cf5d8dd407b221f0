"""One table of commands: keys, footer, help, palette and the ids that settings rebind all come from here."""

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from textual.binding import Binding, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from screens.widgets.live_table import LiveTable
from workbench.errors import SettingsError

Where = Literal[
    "everywhere", "live", "fleet", "container", "image", "anatomy", "image_comparison", "logs", "gpu", "profile"
]

LIVE: tuple[Where, ...] = ("fleet", "container", "gpu")
"""The modes with figures that move: `live` is all of them."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can do."""

    id: str
    """Stable name for settings: `fleet.sort`."""
    key: str
    """Default key, or several separated by commas."""
    title: str
    """A word or two for the key line and the palette."""
    help: str
    """One sentence: what it does."""
    action: str
    """Textual's action syntax, with the namespace: a key, a click and the palette then mean the same."""
    where: Where = "everywhere"
    footer: bool = True
    """Whether the key line names it."""


MOVES = frozenset(binding.key for binding in Binding.make_bindings(LiveTable.BINDINGS))
"""Keys that move the cursor of a table: it has them first, so no command can."""
_NAMED_KEYS = frozenset({key.value for key in Keys} | {*KEY_NAME_REPLACEMENTS.values()})

COMMANDS: tuple[Command, ...] = (
    Command("fleet.open", "enter", "open", "Open the container under the cursor", "screen.open", "fleet"),
    Command(
        "fleet.image",
        "i",
        "image",
        "Show the image that the container under the cursor was started from",
        "screen.image",
        "fleet",
    ),
    Command(
        "fleet.profile",
        "p",
        "profile",
        "Record for 10 seconds where its Python spends its time (py-spy): nothing is restarted",
        "screen.profile('py-spy')",
        "fleet",
    ),
    Command(
        "fleet.stacks",
        "d",
        "stacks",
        "What every Python thread in it does right now",
        "screen.profile('dump')",
        "fleet",
        footer=False,
    ),
    Command("fleet.logs", "l", "logs", "Read and follow its log", "screen.logs", "fleet"),
    Command("fleet.shell", "e", "shell", "Open a shell in it, on this terminal", "screen.shell", "fleet"),
    Command("fleet.why", "w", "why", "Why it is slow: all verdicts with their evidence", "screen.why", "fleet"),
    Command(
        "fleet.actions",
        "x",
        "actions",
        "Start, stop, restart, pause, kill or remove it",
        "screen.actions",
        "fleet",
    ),
    Command("fleet.sort", "s", "sort", "Sort by the next column", "screen.sort", "fleet"),
    Command("fleet.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "fleet", footer=False),
    Command(
        "fleet.stopped",
        "a",
        "all/running",
        "Show stopped containers, or hide them",
        "screen.toggle_stopped",
        "fleet",
    ),
    Command(
        "fleet.group",
        "o",
        "group",
        "Group the containers by compose project, with sums, or not",
        "screen.group",
        "fleet",
        footer=False,
    ),
    Command(
        "fleet.filter",
        "slash",
        "filter",
        "Show only the rows that contain what you type; Esc clears it",
        "screen.filter",
        "fleet",
    ),
    Command(
        "container.profile",
        "p",
        "profile",
        "Record for 10 seconds where its Python spends its time (py-spy): nothing is restarted",
        "screen.profile('py-spy')",
        "container",
    ),
    Command(
        "container.stacks",
        "d",
        "stacks",
        "What every Python thread in it does right now",
        "screen.profile('dump')",
        "container",
        footer=False,
    ),
    Command("container.logs", "l", "logs", "Read and follow its log", "screen.logs", "container"),
    Command("container.shell", "e", "shell", "Open a shell in it, on this terminal", "screen.shell", "container"),
    Command("container.why", "w", "why", "Why it is slow: all verdicts with their evidence", "screen.why", "container"),
    Command(
        "container.actions",
        "x",
        "actions",
        "Start, stop, restart, pause, kill or remove it",
        "screen.actions",
        "container",
    ),
    Command(
        "container.setup",
        "v",
        "setup",
        "Its processes, or how it was started: limits, mounts, ports, environment",
        "screen.setup",
        "container",
    ),
    Command("container.sort", "s", "sort", "Sort its processes by the next figure", "screen.sort", "container"),
    Command(
        "container.window",
        "z",
        "time shown",
        "How long a time the charts show: 1, 5, 15 or 60 minutes",
        "screen.window",
        "container",
        footer=False,
    ),
    Command("container.pane", "tab", "next pane", "Go to the next pane", "app.focus_next", "container", footer=False),
    Command("container.next", "n", "next", "Go to the next container", "screen.step(1)", "container"),
    Command(
        "container.previous",
        "N",
        "previous",
        "Go to the previous container",
        "screen.step(-1)",
        "container",
        footer=False,
    ),
    Command(
        "container.image",
        "i",
        "image",
        "Show the image that this container was started from",
        "screen.image",
        "container",
    ),
    Command("logs.open", "enter", "read", "Read the line under the cursor in full", "screen.open", "logs"),
    Command(
        "logs.filter",
        "slash",
        "filter",
        "Show only the lines that contain what you type; Esc clears it",
        "screen.filter",
        "logs",
    ),
    Command("logs.find", "f", "find", "Go to a line that contains what you type", "screen.find", "logs"),
    Command("logs.next", "n", "older match", "Go to the next older line with it", "screen.find_next(-1)", "logs"),
    Command(
        "logs.previous",
        "N",
        "newer match",
        "Go to the next newer line with it",
        "screen.find_next(1)",
        "logs",
        footer=False,
    ),
    Command(
        "logs.moment",
        "t",
        "its moment",
        "Show what was measured when the line under the cursor was written; l comes back to the line",
        "screen.moment",
        "logs",
    ),
    Command("logs.older", "o", "older lines", "Read older lines, up to 50,000", "screen.older", "logs"),
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
    Command(
        "anatomy.open",
        "enter",
        "open",
        "Open the directory or read the file, layer, finding or package under the cursor",
        "screen.open",
        "anatomy",
    ),
    Command(
        "anatomy.files", "l", "layers", "The layers and the tree of files", "screen.view('files')", "anatomy", False
    ),
    Command(
        "anatomy.findings",
        "f",
        "findings",
        "What costs bytes, time or safety, each with its fix",
        "screen.view('findings')",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.packages",
        "p",
        "packages",
        "The packages that own the bytes",
        "screen.view('packages')",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.duplicates",
        "d",
        "duplicates",
        "Files of the same content at several paths",
        "screen.view('duplicates')",
        "anatomy",
        footer=False,
    ),
    Command("anatomy.map", "m", "map", "A map of the bytes", "screen.view('map')", "anatomy", footer=False),
    Command("anatomy.view", "v", "view", "Go to the next view of this image", "screen.next_view", "anatomy"),
    Command("anatomy.pane", "tab", "pane", "Go to the next pane", "app.focus_next", "anatomy", footer=False),
    Command(
        "anatomy.changes",
        "c,ctrl+l",
        "changes",
        "Show the merged file system, or only what the layer under the cursor changed",
        "screen.changes",
        "anatomy",
    ),
    Command(
        "anatomy.added",
        "ctrl+a",
        "added",
        "In one layer's changes: hide what it added, or show it again",
        "screen.toggle_change('added')",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.removed",
        "ctrl+r",
        "removed",
        "In one layer's changes: hide what it removed, or show it again",
        "screen.toggle_change('removed')",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.modified",
        "M",
        "modified",
        "In one layer's changes: hide what it modified or copied up, or show it again; a terminal's ctrl+m is Enter",
        "screen.toggle_change('modified')",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.unmodified",
        "ctrl+u",
        "unmodified",
        "In one layer's changes: show what it left as it was too, or hide that again",
        "screen.toggle_change('unmodified')",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.fold", "space", "fold", "Open the directory under the cursor, or close it", "screen.fold", "anatomy"
    ),
    Command(
        "anatomy.fold_all",
        "0,ctrl+space,ctrl+@",
        "fold all",
        "Close every directory",
        "screen.fold_all",
        "anatomy",
        footer=False,
    ),
    Command("anatomy.unfold", "right", "in", "Open the directory, or go into it", "screen.unfold", "anatomy", False),
    Command(
        "anatomy.leave", "left", "out", "Close the directory, or go to the one above", "screen.leave", "anatomy", False
    ),
    Command(
        "anatomy.find",
        "slash",
        "search",
        "In the tree: go to what contains what you type; in a list: show only the rows that do",
        "screen.find",
        "anatomy",
    ),
    Command("anatomy.next_match", "n", "next", "Go to the next match", "screen.match(1)", "anatomy", footer=False),
    Command(
        "anatomy.previous_match", "N", "previous", "Go to the match before", "screen.match(-1)", "anatomy", footer=False
    ),
    Command(
        "anatomy.filter",
        "F,ctrl+slash,ctrl+underscore",
        "filter",
        "Show only some files: a part of the name, >10M, <1k, @numpy for its owner, =removed for its change",
        "screen.filter_tree",
        "anatomy",
        footer=False,
    ),
    Command("anatomy.sort", "s,ctrl+o", "sort", "Sort by the next column", "screen.sort", "anatomy"),
    Command("anatomy.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "anatomy", footer=False),
    Command(
        "anatomy.by", "b", "map by", "Map by directory, by package or by layer", "screen.by", "anatomy", footer=False
    ),
    Command(
        "anatomy.extract",
        "x,ctrl+e",
        "extract",
        "Copy the file or directory under the cursor out of the image",
        "screen.extract",
        "anatomy",
        footer=False,
    ),
    Command(
        "anatomy.empty",
        "a",
        "all/layers",
        "Show the steps that add no layer, or hide them",
        "screen.toggle_empty",
        "anatomy",
        footer=False,
    ),
    Command("anatomy.again", "R", "again", "Read the image again", "screen.again", "anatomy", footer=False),
    Command(
        "anatomy.mark",
        "A",
        "mark",
        "Mark this image: c on another one compares them",
        "screen.mark",
        "anatomy",
        False,
    ),
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
    Command(
        "profile.open",
        "enter",
        "zoom",
        "Zoom into the frame under the cursor; on a function, show its callers and callees",
        "screen.open",
        "profile",
    ),
    Command("profile.flame", "f", "flame", "The flame graph", "screen.view('flame')", "profile"),
    Command("profile.functions", "t", "table", "The table of functions", "screen.view('functions')", "profile"),
    Command("profile.calls", "c", "callers", "Callers and callees", "screen.view('calls')", "profile"),
    Command("profile.source", "l", "lines", "The source, line by line", "screen.view('source')", "profile"),
    Command("profile.view", "v", "view", "Go to the next view", "screen.next_view", "profile", footer=False),
    Command("profile.pane", "tab", "pane", "Go to the next pane", "app.focus_next", "profile", footer=False),
    Command(
        "profile.search",
        "slash",
        "search",
        "In the flame graph: find frames and their share; in the table: show only functions that contain it",
        "screen.filter",
        "profile",
    ),
    Command("profile.next_match", "n", "next", "Go to the next frame found", "screen.match(1)", "profile"),
    Command(
        "profile.previous_match", "N", "previous", "Go to the one before", "screen.match(-1)", "profile", footer=False
    ),
    Command("profile.sort", "s", "sort", "Sort the functions by the next column", "screen.sort", "profile"),
    Command("profile.reverse", "S", "reverse", "Turn the order round", "screen.reverse", "profile", footer=False),
    Command("profile.busy", "w", "waits", "Leave out what only waits, or show it", "screen.busy", "profile"),
    Command("profile.part", "p", "thread", "Only the next process or thread", "screen.part(1)", "profile"),
    Command(
        "profile.part_before", "P", "thread before", "Only the one before", "screen.part(-1)", "profile", footer=False
    ),
    Command("profile.order", "o", "order", "The largest first, or as it ran", "screen.order", "profile", footer=False),
    Command(
        "profile.fold_library",
        "L",
        "libraries",
        "Count what libraries did for your code that called them, or show them",
        "screen.fold_library",
        "profile",
        footer=False,
    ),
    Command(
        "profile.fold_recursion",
        "e",
        "recursion",
        "Show a function once in each stack, or as often as it is there",
        "screen.fold_recursion",
        "profile",
        footer=False,
    ),
    Command("profile.export", "x", "export", "Write collapsed stacks or a speedscope file", "screen.export", "profile"),
    Command(
        "profile.warnings",
        "W",
        "warnings",
        "All there is to know before believing the figures",
        "screen.warnings",
        "profile",
        footer=False,
    ),
    Command("copy", "y", "copy", "Copy the row's name to the clipboard", "screen.copy", footer=False),
    Command("refresh", "r,f5", "refresh", "Read everything again now", "app.refresh_feeds", footer=False),
    Command("back", "escape", "back", "Go back, or clear the filter", "screen.back"),
    Command("mode.fleet", "1", "fleet", "Every container", "app.mode('fleet')", footer=False),
    Command("mode.container", "2", "container", "One container", "app.mode('container')", footer=False),
    Command("mode.image", "3", "image", "Images and their layers", "app.mode('image')", footer=False),
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


def commands_for(where: Where) -> list[Command]:
    """The commands of one mode, without those that work everywhere."""
    return [command for command in COMMANDS if command.where == where]


def places_of(where: Where) -> tuple[Where, ...]:
    """Every place in which the commands of one can be given."""
    if where == "everywhere":
        return get_args(Where)
    return LIVE if where == "live" else (where,)


def bindings_for(where: Where) -> list[Binding]:
    """The bindings of one mode, rebindable by the command's id."""
    return [
        Binding(
            command.key,
            command.action,
            command.title,
            show=command.footer,
            tooltip=command.help,
            id=command.id,
            # Done as soon as it is pressed: what is typed after it, however fast, belongs into the filter.
            priority=command.action == "screen.filter",
        )
        for command in commands_for(where)
    ]


def check_keymap(keys: Mapping[str, str]) -> None:
    """Refuse a keymap that names a command or a key that does not exist, or uses a key for two things.

    Raises:
        SettingsError: naming the command and the nearest right name, or what the key does already.
    """
    known = [command.id for command in COMMANDS]
    for name, given in keys.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f"; did you mean {close[0]}?" if close else ""
            raise SettingsError(f"[keys] names no command {name}{guess}", f"commands: {', '.join(known)}")
        for key in _split(name, given):
            if not _exists(key):
                raise SettingsError(
                    f"[keys] {name}: {key} is no key", 'keys are written like "o", "ctrl+o", "f6" or "slash"'
                )
            if key in MOVES:
                raise SettingsError(f"[keys] {name}: {key} moves the cursor", "choose another key")
    taken: dict[tuple[Where, str], str] = {}
    for command in COMMANDS:
        for key in _split(command.id, keys.get(command.id, command.key)):
            for place in places_of(command.where):
                other = taken.setdefault((place, key), command.id)
                if other != command.id:
                    raise SettingsError(
                        f"[keys] gives {key} to both {other} and {command.id}",
                        "choose another key for one of them",
                    )


def _split(command: str, keys: str) -> list[str]:
    try:
        return [binding.key for binding in Binding.make_bindings([Binding(keys, "")])]
    except InvalidBinding:
        raise SettingsError(
            f"[keys] {command} names no key between two commas", 'several keys are written like "r,f5"'
        ) from None


def _exists(key: str) -> bool:
    *modifiers, base = key.split("+")
    if not {*modifiers} <= {"ctrl", "shift", "alt", "super", "hyper", "meta"}:
        return False
    if len(base) == 1 or base in _NAMED_KEYS:
        return True
    try:
        return bool(unicodedata.lookup(base.replace("_", " ")))
    except KeyError:
        return False
