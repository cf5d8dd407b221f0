"""What the layers did to one path, in words: `written by 2, chowned by 4, deleted by 5`."""

from collections.abc import Sequence

from workbench.measure.changes import ADDED, COPIED_UP, MODIFIED, REMOVED, LayerChanges
from workbench.measure.overlay import NONE, Overlay
from workbench.model.layer_index import CHARACTER, DIRECTORY, FILE, HARDLINK, SYMLINK, Entry

_MADE = {DIRECTORY: "made", SYMLINK: "linked", HARDLINK: "hard-linked", FILE: "written"}


def file_history(overlay: Overlay, changes: Sequence[LayerChanges], node: int) -> list[tuple[int, str]]:
    """Every layer that did something at a path, base first, and what, as a past participle.

    Args:
        overlay: The stacked image.
        changes: What `layer_changes` gave for it.
        node: The path's node, dead or alive.
    """
    path = overlay.path(node)
    events: list[tuple[int, str]] = []
    before: Entry | None = None
    for layer, touched in enumerate(changes):
        change = touched.at(node)
        if change is None:
            continue
        entry = overlay.layers[layer].entry(change.number, path) if change.number != NONE else None
        if change.mark == REMOVED:
            events.append((layer, "deleted"))
            before = None
            continue
        if change.mark == ADDED:
            events.append((layer, _MADE.get(entry.kind, "made") if entry else "made"))
        elif change.mark == MODIFIED:
            events.append((layer, _modified(before, entry)))
        elif change.mark == COPIED_UP:
            events.append((layer, _copied_up(before, entry)))
        before = entry or before
    return events


def in_words(events: Sequence[tuple[int, str]]) -> str:
    """The events on one line."""
    return ", ".join(f"{what} by {layer}" for layer, what in events)


def _modified(before: Entry | None, after: Entry | None) -> str:
    if before is None or after is None:
        return "changed"
    if before.kind != after.kind:
        what = {DIRECTORY: "directory", SYMLINK: "symbolic link", HARDLINK: "hard link", FILE: "file"}
        what[CHARACTER] = "device"
        return f"replaced with a {what.get(after.kind, 'special file')}"
    if after.kind == DIRECTORY:
        return _copied_up(before, after)
    return "pointed elsewhere" if after.kind in (SYMLINK, HARDLINK) else "overwritten"


def _copied_up(before: Entry | None, after: Entry | None) -> str:
    if before is None or after is None:
        return "copied up"
    what = []
    if (before.uid, before.gid) != (after.uid, after.gid):
        what.append("chowned")
    if before.mode != after.mode:
        what.append("chmodded")
    if not what:
        what.append("touched" if before.mtime != after.mtime else "written again")
    return " and ".join(what)
