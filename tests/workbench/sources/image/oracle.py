"""What a layer's entries are, worked out slowly with Python's tarfile and a bit-by-bit CRC."""

import io
import posixpath
import tarfile

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
)

KINDS = {
    tarfile.REGTYPE: FILE,
    tarfile.AREGTYPE: FILE,
    tarfile.CONTTYPE: FILE,
    tarfile.DIRTYPE: DIRECTORY,
    tarfile.SYMTYPE: SYMLINK,
    tarfile.LNKTYPE: HARDLINK,
    tarfile.CHRTYPE: CHARACTER,
    tarfile.BLKTYPE: BLOCK,
    tarfile.FIFOTYPE: FIFO,
}


def crc64_iso(content: bytes) -> int:
    """CRC-64 with the polynomial of ISO 3309, as Go's hash/crc64 has it."""
    value = 0xFFFFFFFFFFFFFFFF
    for byte in content:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xD800000000000000 if value & 1 else 0)
    return value ^ 0xFFFFFFFFFFFFFFFF


def root_path(name: str) -> str:
    return posixpath.normpath("/" + name.lstrip("/")).strip("/")


def entries(layer: bytes) -> list[Entry]:
    found = []
    with tarfile.open(fileobj=io.BytesIO(layer), errors="surrogateescape") as archive:
        for info in archive:
            content = archive.extractfile(info) if info.isreg() else None
            body = content.read() if content is not None else b""
            path, kind, link = root_path(info.name), KINDS[info.type], ""
            folder, name = posixpath.split(path)
            if name == ".wh..wh..opq":
                path, kind, body = folder, OPAQUE, b""
            elif name.startswith(".wh..wh."):
                continue
            elif name.startswith(".wh."):
                path, kind, body = posixpath.join(folder, name[4:]), WHITEOUT, b""
            elif kind == SYMLINK:
                link = info.linkname
            elif kind == HARDLINK:
                link = root_path(info.linkname)
            crc = crc64_iso(body)
            found.append(
                Entry(path, kind, info.mode & 0o7777, info.uid, info.gid, len(body), int(info.mtime // 1), link, crc)
            )
    return found
