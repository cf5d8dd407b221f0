"""Tar entries of a layer as the entries of its index: paths made plain, whiteouts recognised."""

from workbench.model.layer_index import (
    BLOCK,
    CHARACTER,
    DIRECTORY,
    FIFO,
    FILE,
    HARDLINK,
    OPAQUE,
    SYMLINK,
    WHITEOUT,
    Entry,
    Kind,
)
from workbench.sources.tar_stream import TarEntry

KINDS: dict[str, Kind] = {
    "0": FILE,
    "7": FILE,
    "S": FILE,
    "1": HARDLINK,
    "2": SYMLINK,
    "3": CHARACTER,
    "4": BLOCK,
    "5": DIRECTORY,
    "6": FIFO,
}
"""Type flags that a layer can be made of. Others, such as a volume's label, are not part of the file system."""
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_META = ".wh..wh."


def plain_path(name: str) -> str:
    """A path from the root, without leading slash, `.`, `..` and doubled slashes; `..` never leaves the root."""
    name = name.strip("/").removeprefix("./") if name[:2] != ".." else name
    if not name.startswith((".", "/")) and "/." not in name and "//" not in name:
        return name.rstrip("/")
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def layer_entry(entry: TarEntry, crc: int = 0) -> Entry | None:
    """The index entry for a tar entry, `None` for what is no part of the layer's file system.

    Args:
        entry: From the layer's tar.
        crc: CRC-64 of its content.
    """
    kind = KINDS.get(entry.kind)
    if kind is None:
        return None
    path = plain_path(entry.name)
    if _WHITEOUT in path:
        folder, slash, name = path.rpartition("/")
        if name.startswith(_WHITEOUT):
            return _mark(entry, folder, slash, name)
    link = entry.link
    if kind == FILE:
        return Entry(path, kind, entry.mode, entry.uid, entry.gid, entry.stored, entry.mtime, "", crc)
    if kind == HARDLINK:
        link = plain_path(link)
    elif kind != SYMLINK:
        link = ""
    return Entry(path, kind, entry.mode, entry.uid, entry.gid, 0, entry.mtime, link, 0)


def _mark(entry: TarEntry, folder: str, slash: str, name: str) -> Entry | None:
    """A whiteout or an opaque mark; nothing for the other files that AUFS keeps, and for the name of no file."""
    hidden = name[len(_WHITEOUT) :]
    if name == _OPAQUE:
        path, kind = folder, OPAQUE
    elif name.startswith(_META) or hidden in {"", ".", ".."}:
        return None
    else:
        path, kind = f"{folder}{slash}{hidden}", WHITEOUT
    return Entry(path, kind, entry.mode, entry.uid, entry.gid, 0, entry.mtime, "", 0)
