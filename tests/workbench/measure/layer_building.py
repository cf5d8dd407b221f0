"""Layers in a few words, for tests of the arithmetic."""

from __future__ import annotations

import zlib
from typing import Any

from workbench.model.layer_index import (
    CHARACTER,
    DIRECTORY,
    FILE,
    HARDLINK,
    OPAQUE,
    SYMLINK,
    WHITEOUT,
    Entry,
    LayerIndex,
    LayerIndexBuilder,
)

Row = tuple[str, str, int, str, str]
KINDS = {"f": FILE, "d": DIRECTORY, "l": SYMLINK, "h": HARDLINK, "c": CHARACTER, "w": WHITEOUT, "o": OPAQUE}


def file(path: str, size: int = 0, content: str = "x") -> Row:
    return ("f", path, size, content, "")


def text_file(path: str, text: str | bytes) -> Row:
    return ("f", path, len(text), str(text), "")


def folder(path: str) -> Row:
    return ("d", path, 0, "", "")


def symlink(path: str, target: str) -> Row:
    return ("l", path, 0, "", target)


def hard_link(path: str, target: str) -> Row:
    return ("h", path, 0, "", target)


def whiteout(path: str) -> Row:
    return ("w", path, 0, "", "")


def opaque(path: str) -> Row:
    return ("o", path, 0, "", "")


def layer(*rows: Row, diff_id: str = "", mode: int = 0o644, mtime: int = 0) -> LayerIndex:
    builder = LayerIndexBuilder()
    for kind, path, size, content, link in rows:
        crc = zlib.crc32(content.encode()) if kind == "f" and size else 0
        builder.add(Entry(path, KINDS[kind], mode, 0, 0, size, mtime, link, crc))
    return builder.build(diff_id or f"sha256:{zlib.crc32(repr(rows).encode()):064x}")


def layers(*stack: list[Any]) -> list[LayerIndex]:
    return [layer(*rows) for rows in stack]
