"""How a file's kind, mode and change read: pure, no widgets."""

from workbench.measure.changes import ADDED, COPIED_UP, MODIFIED, REMOVED
from workbench.model.layer_index import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, HARDLINK, SYMLINK

KINDS = {
    FILE: ("-", "file"),
    DIRECTORY: ("d", "directory"),
    SYMLINK: ("l", "symbolic link"),
    HARDLINK: ("-", "hard link"),
    CHARACTER: ("c", "character device"),
    BLOCK: ("b", "block device"),
    FIFO: ("p", "named pipe"),
}
MARKS = {ADDED: ("A", "good"), MODIFIED: ("M", "watch"), REMOVED: ("R", "act"), COPIED_UP: ("C", "watch")}
"""The letter of a change, and its look."""
MARK_WORDS = {ADDED: "added", MODIFIED: "modified", REMOVED: "removed", COPIED_UP: "copied up"}


def mode_text(kind: int, mode: int) -> str:
    """As `ls` writes it: `-rwxr-sr-x`."""
    shown = [KINDS.get(kind, ("?", ""))[0]]
    for shift, special, letter in ((6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")):
        bits = mode >> shift & 7
        execute = "x" if bits & 1 else "-"
        if mode & special:
            execute = letter if bits & 1 else letter.upper()
        shown.append(("r" if bits & 4 else "-") + ("w" if bits & 2 else "-") + execute)
    return "".join(shown)
