"""Layers and image archives of every form, made with Python's tarfile."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import zstandard

Pack = Callable[[bytes], bytes]


def member(name: str, content: bytes | None = None, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A tar member; without content a folder unless `type` says otherwise."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
    info.mode = 0o755 if content is None else 0o644
    info.size = len(content or b"")
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content or b""


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def gzipped(content: bytes) -> bytes:
    """The same at any time of day."""
    return gzip.compress(content, mtime=0)


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(content)


def zstd_frames(content: bytes) -> bytes:
    """Two frames with a skippable one in between, as zstd:chunked has."""
    skippable = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"table"
    return zstd(content[:700]) + skippable + zstd(content[700:])


def estargz(content: bytes) -> bytes:
    """A gzip member for each 512 bytes, and a last one that is empty, as eStargz has."""
    return b"".join(gzip.compress(content[at : at + 512]) for at in range(0, len(content), 512)) + gzip.compress(b"")


BASE = tar(
    member("bin"),
    member("bin/sh", b"s" * 70_000, mode=0o4755, mtime=1_700_000_000),
    member("bin/bash", b"", type=tarfile.SYMTYPE, linkname="sh"),
    member("bin/dash", b"", type=tarfile.LNKTYPE, linkname="bin/sh"),
    member("etc/passwd", b"root:x:0:0", uid=0, gid=0),
    member("var/lib/dpkg/status", b"Package: sh\nStatus: install ok installed\nVersion: 1\n"),
    member("old", b"12345"),
)
CODE = tar(member("./app/"), member("./app/main.py", b"print()\n", uid=1000, gid=1000), member("app/../.wh.old", b""))
LAYERS = (BASE, CODE)


def configuration(layers: Sequence[bytes] = LAYERS, **changes: Any) -> bytes:
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Labels": {"maintainer": "me", "api_token": "hunter2"},
            "Healthcheck": {"Test": ["CMD", "true"]},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}" for layer in layers]},
        "history": [{"created_by": f"COPY {number} /"} for number, _ in enumerate(layers)],
    }
    return json.dumps(document | changes).encode()


def saved(*images: tuple[str, Sequence[bytes]], twin_links: bool = False) -> bytes:
    """What old engines save of these tagged images."""
    members: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
    manifest = []
    for tag, layers in images:
        config = configuration(layers, comment=tag)
        names = []
        for number, layer in enumerate(layers):
            twin = layers.index(layer)
            name = f"{digest(tag.encode())[:8]}{number}/layer.tar"
            names.append(name)
            if twin_links and twin < number:
                members[name] = member(name, b"", type=tarfile.SYMTYPE, linkname=f"../{names[twin]}")
            else:
                members[name] = member(name, layer)
        file = f"{digest(config)}.json"
        members[file] = member(file, config)
        manifest.append({"Config": file, "RepoTags": [tag], "Layers": names})
    return tar(*members.values(), member("manifest.json", json.dumps(manifest).encode()))


def descriptor(content: bytes, **more: Any) -> dict[str, Any]:
    return {"digest": f"sha256:{digest(content)}", "size": len(content), **more}


def layout(*images: tuple[str, str, Sequence[bytes]], pack: Pack = bytes) -> dict[str, bytes]:
    """The files of an OCI layout with images of a tag and platform, behind an index of its own for each tag."""
    files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def put(content: bytes) -> bytes:
        files[f"blobs/sha256/{digest(content)}"] = content
        return content

    tagged: dict[str, list[dict[str, Any]]] = {}
    for tag, platform, layers in images:
        system, architecture = platform.split("/")
        config = put(configuration(layers, os=system, architecture=architecture))
        packed = [put(pack(layer)) for layer in layers]
        manifest = put(
            json.dumps({"config": descriptor(config), "layers": [descriptor(layer) for layer in packed]}).encode()
        )
        tagged.setdefault(tag, []).append(descriptor(manifest, platform={"os": system, "architecture": architecture}))
    index = [
        descriptor(put(json.dumps({"manifests": manifests}).encode()), annotations={"io.containerd.image.name": tag})
        for tag, manifests in tagged.items()
    ]
    files["index.json"] = json.dumps({"manifests": index}).encode()
    return files


def outer(files: dict[str, bytes]) -> bytes:
    return tar(*(member(name, content) for name, content in files.items()))


def folder(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def modern_save(layers: Sequence[bytes] = LAYERS) -> bytes:
    """What engines since 25 save."""
    files = layout(("docker.io/shop/api:1.4", "linux/amd64", layers))
    config = configuration(layers, os="linux", architecture="amd64")
    manifest = [
        {
            "Config": f"blobs/sha256/{digest(config)}",
            "RepoTags": ["shop/api:1.4"],
            "Layers": [f"blobs/sha256/{digest(layer)}" for layer in layers],
        }
    ]
    return outer(files | {"manifest.json": json.dumps(manifest).encode()})


def columns(layer: Any) -> list[Any]:
    """All that a layer's index says."""
    names = ("diff_id", "paths", "kinds", "modes", "uids", "gids", "sizes", "mtimes", "crcs", "links")
    return [getattr(layer, name) for name in names]
