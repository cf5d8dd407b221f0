"""What an engine keeps of a layer's tar, made from the tar here with Python's tarfile."""

import base64
import gzip
import io
import json
import tarfile

from tests.workbench.sources.image.oracle import crc64_iso


def pieces(layer: bytes) -> list[dict[str, object]]:
    """The lines: raw bytes up to each content, and the content's size and checksum."""
    lines: list[dict[str, object]] = []
    done = 0
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        for info in archive:
            lines.append({"type": 2, "payload": base64.b64encode(layer[done : info.offset_data]).decode()})
            done = info.offset_data
            body = layer[done : done + info.size] if info.isreg() else b""
            checksum = base64.b64encode(crc64_iso(body).to_bytes(8, "big")).decode() if body else None
            raw = info.name.encode("utf-8", "surrogateescape")
            name = {"name": info.name} if raw.isascii() else {"name_raw": base64.b64encode(raw).decode()}
            lines.append({"type": 1, **name, "size": len(body), "payload": checksum})
            done += len(body)
    lines.append({"type": 2, "payload": base64.b64encode(layer[done:]).decode()})
    return lines


def tar_split(layer: bytes) -> bytes:
    """`tar-split.json.gz`."""
    lines = pieces(layer)
    return gzip.compress("".join(json.dumps(line | {"position": n}) + "\n" for n, line in enumerate(lines)).encode())
