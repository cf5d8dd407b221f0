"""Image archives of every form, made here with Python's tarfile, and every way in which one can be bad."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ArchiveError
from workbench.sources.archive import read_archive

Member = tuple[str, bytes]
CREATED = "2025-03-01T10:00:00.5Z"


def tar(*members: Member, links: dict[str, str] | None = None, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of these files and symbolic links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
        for name, target in (links or {}).items():
            header = tarfile.TarInfo(name)
            header.type, header.linkname = tarfile.SYMTYPE, target
            archive.addfile(header)
    return buffer.getvalue()


BASE = tar(("bin/sh", b"s" * 70_000), ("etc/passwd", b"root"), links={"bin/bash": "sh"})
CODE = tar(("app/main.py", b"print()"), ("app/.wh.old", b""))
LAYERS = (BASE, CODE)
SIZES = (70_004, 7)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def config(layers: tuple[bytes, ...] = LAYERS, **changes: Any) -> bytes:
    """An image configuration with one empty step between its two layers."""
    document: dict[str, Any] = {
        "architecture": "amd64",
        "os": "linux",
        "created": CREATED,
        "config": {
            "User": "app",
            "WorkingDir": "/app",
            "Entrypoint": None,
            "Cmd": ["python", "main.py", "--token", "hunter2"],
            "Env": ["PATH=/bin", "API_KEY=hunter2", "EMPTY="],
            "ExposedPorts": {"8080/tcp": {}},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}" for layer in layers]},
        "history": [
            {"created": CREATED, "created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
            {"created": CREATED, "created_by": "ENV API_KEY=hunter2", "empty_layer": True},
            {"created": CREATED, "created_by": "COPY main.py /app # buildkit"},
        ],
    }
    return json.dumps(document | changes).encode()


def saved(
    configuration: bytes, names: list[str], *members: Member, tags: list[str] | None = None
) -> tuple[Member, ...]:
    """The members of what `docker save` writes, manifest.json last as old engines do."""
    name = f"{digest(configuration)}.json"
    manifest = [{"Config": name, "RepoTags": tags, "Layers": names}]
    return (*members, (name, configuration), ("manifest.json", json.dumps(manifest).encode()))


def legacy() -> bytes:
    return tar(
        *saved(
            config(),
            ["aa/layer.tar", "bb/layer.tar"],
            ("aa/layer.tar", BASE),
            ("bb/layer.tar", CODE),
            ("aa/VERSION", b"1.0"),
            ("aa/json", b'{"id":"aa"}'),
            tags=["shop/api:1.4", "shop/api:latest"],
        )
    )


def blob(content: bytes) -> Member:
    return f"blobs/sha256/{digest(content)}", content


def oci_members(pack: Callable[[bytes], bytes], annotation: str = "io.containerd.image.name") -> list[Member]:
    """An OCI layout behind an index of an index, with an attestation and an absent platform beside the image."""
    configuration = config()
    packed = [pack(layer) for layer in LAYERS]

    def describe(content: bytes, **more: Any) -> dict[str, Any]:
        return {"digest": f"sha256:{digest(content)}", "size": len(content), **more}

    manifest = json.dumps(
        {"schemaVersion": 2, "config": describe(configuration), "layers": [describe(layer) for layer in packed]}
    ).encode()
    platforms = json.dumps(
        {
            "manifests": [
                describe(b"not here", platform={"architecture": "arm64", "os": "linux"}),
                describe(b"proof", platform={"architecture": "unknown", "os": "unknown"}),
                describe(manifest, platform={"architecture": "amd64", "os": "linux"}),
            ]
        }
    ).encode()
    index = json.dumps({"manifests": [describe(platforms, annotations={annotation: "shop/api:1.4"})]}).encode()
    blobs = [blob(content) for content in (b"proof", configuration, *packed, manifest, platforms)]
    return [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", index), *blobs]


def oci(pack: Callable[[bytes], bytes] = bytes) -> bytes:
    return tar(*oci_members(pack))


def new_docker_save() -> bytes:
    """What engines since 25 write: an OCI layout with a manifest.json that points into its blobs."""
    configuration = config()
    manifest = [
        {
            "Config": f"blobs/sha256/{digest(configuration)}",
            "RepoTags": ["shop/api:1.4"],
            "Layers": [f"blobs/sha256/{digest(layer)}" for layer in LAYERS],
        }
    ]
    return tar(*oci_members(bytes), ("manifest.json", json.dumps(manifest).encode()))


def put(folder: Path, content: bytes) -> Path:
    path = folder / "image.tar"
    path.write_bytes(content)
    return path


FORMS: dict[str, Callable[[], bytes]] = {
    "docker save, legacy": legacy,
    "docker save, OCI": new_docker_save,
    "OCI layout": oci,
    "OCI layout, gzip layers": lambda: oci(gzip.compress),
    "OCI layout, a gzip layer in two members": lambda: oci(
        lambda layer: gzip.compress(layer[:1000]) + gzip.compress(layer[1000:])
    ),
    "docker save, gzip outside": lambda: gzip.compress(legacy()),
    "OCI layout, gzip inside and outside": lambda: gzip.compress(oci(gzip.compress)),
    "OCI layout, zstd layers": lambda: oci(zstandard.compress),
    "docker save, zstd outside": lambda: zstandard.compress(legacy()),
    "names with a leading dot": lambda: tar(
        *saved(config(), ["./aa/layer.tar", "bb//layer.tar"], ("./aa/layer.tar", BASE), ("./bb/layer.tar", CODE),
               tags=["shop/api:1.4"])
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same_image(tmp_path: Path, form: str) -> None:
    image = read_archive(put(tmp_path, FORMS[form]()))
    assert image.id == f"sha256:{digest(config())}"
    assert image.references[0] == "shop/api:1.4"
    assert image.size_bytes == sum(SIZES)
    assert [(layer.index, layer.size_bytes) for layer in image.layers] == [(0, SIZES[0]), (None, 0), (1, SIZES[1])]
    assert [layer.diff_id for layer in image.layers] == [
        f"sha256:{digest(BASE)}",
        None,
        f"sha256:{digest(CODE)}",
    ]
    assert [layer.instruction.split()[0] for layer in image.layers] == ["ADD", "ENV", "COPY"]
    assert image.layers[0].created_at == 1740823200.5
    assert (image.architecture, image.operating_system, image.user, image.working_dir) == (
        "amd64",
        "linux",
        "app",
        "/app",
    )
    assert (image.entrypoint, image.exposed_ports, image.created) == ((), ("8080/tcp",), CREATED)
    assert image.acquired_via == "archive"


def test_secrets_are_masked(tmp_path: Path) -> None:
    image = read_archive(put(tmp_path, legacy()))
    assert "hunter2" not in str(image)
    assert image.environment[0] == ("PATH", "/bin")
    assert image.environment[1][0] == "API_KEY"
    assert image.command[:3] == ("python", "main.py", "--token")


def test_a_layer_saved_as_a_link_to_its_twin(tmp_path: Path) -> None:
    members = saved(config((BASE, BASE)), ["aa/layer.tar", "bb/layer.tar"], ("aa/layer.tar", BASE))
    content = tar(*members, links={"bb/layer.tar": "../aa/layer.tar"})
    assert read_archive(put(tmp_path, content)).size_bytes == 2 * SIZES[0]


def test_links_in_a_circle_are_a_missing_layer(tmp_path: Path) -> None:
    members = saved(config(), ["aa/layer.tar", "bb/layer.tar"])
    content = tar(*members, links={"bb/layer.tar": "../aa/layer.tar", "aa/layer.tar": "../bb/layer.tar"})
    with pytest.raises(ArchiveError, match="is missing"):
        read_archive(put(tmp_path, content))


@pytest.mark.parametrize("history", [None, [], [{"created_by": "ADD everything"}]])
def test_a_history_that_does_not_fit_costs_only_the_instructions(
    tmp_path: Path, history: list[dict[str, str]] | None
) -> None:
    members = saved(config(history=history), ["a", "b"], ("a", BASE), ("b", CODE))
    image = read_archive(put(tmp_path, tar(*members)))
    assert [(layer.index, layer.size_bytes, layer.created_at) for layer in image.layers] == [
        (0, SIZES[0], None),
        (1, SIZES[1], None),
    ]
    assert image.layers[0].diff_id == f"sha256:{digest(BASE)}"


def test_a_configuration_of_nulls(tmp_path: Path) -> None:
    bare = config((), config=None, history=None, architecture=None, os=None, created=None)
    image = read_archive(put(tmp_path, tar(*saved(bare, []))))
    assert (image.size_bytes, image.layers, image.user, image.references) == (0, (), "", ())


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_sizes_are_those_that_tarfile_counts(tmp_path: Path, form: int) -> None:
    folder = "deep/" * 30
    layer = tar(
        (f"{folder}{'long' * 20}.bin", b"x" * 1234),
        ("ünï.txt" if form != tarfile.USTAR_FORMAT else "uni.txt", b"y" * 512),
        ("empty", b""),
        links={"link": "empty"},
        form=form,
    )
    with tarfile.open(fileobj=io.BytesIO(layer)) as check:
        told = sum(member.size for member in check if member.isreg())
    members = saved(config((layer,), history=None), ["layer"], ("layer", layer))
    assert read_archive(put(tmp_path, tar(*members))).size_bytes == told == 1746


def test_a_sparse_file_counts_with_its_holes(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[124:136] = b"00000000005\0"  # bytes shipped
    header[482] = 1  # one more block of the map follows
    header[483:495] = b"00000200000\0"  # bytes with holes: 65536
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
    layer = bytes(header) + bytes(512) + b"shipd".ljust(512, b"\0") + tar(("after", b"12345678"))
    members = saved(config((layer,), history=None), ["layer"], ("layer", layer))
    assert read_archive(put(tmp_path, tar(*members))).size_bytes == 65536 + 8


def test_a_size_beyond_eight_gigabytes_is_read_as_binary(tmp_path: Path) -> None:
    """The header of a file larger than octal digits can say, in a layer that ends before its content does."""
    huge = tarfile.TarInfo("huge")
    huge.size = 10 * 1024**3
    layer = huge.tobuf(tarfile.GNU_FORMAT)
    members = saved(config((layer,), history=None), ["layer"], ("layer", layer))
    with pytest.raises(ArchiveError, match="layer layer: it is cut short"):
        read_archive(put(tmp_path, tar(*members)))


def test_an_archive_cut_anywhere_is_an_error_or_lacks_only_its_end(tmp_path: Path) -> None:
    for whole in (legacy(), oci(gzip.compress)):
        image = read_archive(put(tmp_path, whole))
        for length in range(0, len(whole), 499):
            try:
                assert read_archive(put(tmp_path, whole[:length])) == image
                with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
                    assert length > archive.getmembers()[-1].offset_data
            except ArchiveError:
                continue


def test_a_compressed_archive_cut_anywhere_is_an_error(tmp_path: Path) -> None:
    whole = gzip.compress(legacy())
    content_end = len(gzip.compress(legacy().rstrip(b"\0")))
    for length in range(1, content_end - 64, 37):
        with pytest.raises(ArchiveError):
            read_archive(put(tmp_path, whole[:length]))


@given(st.data())
def test_bytes_changed_anywhere_never_give_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from([legacy(), oci(gzip.compress), gzip.compress(legacy())])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = put(tmp_path_factory.getbasetemp(), bytes(content))
    with suppress(ArchiveError):
        read_archive(path)


def test_a_damaged_header_in_the_middle_of_a_layer_is_not_taken_for_its_end(tmp_path: Path) -> None:
    damaged = bytearray(BASE)
    position = BASE.index(b"etc/passwd")
    damaged[position + 3] ^= 1
    layer = bytes(damaged)
    members = saved(config((layer,), history=None), ["layer"], ("layer", layer))
    with pytest.raises(ArchiveError, match="layer layer: it is damaged"):
        read_archive(put(tmp_path, tar(*members)))


def test_a_configuration_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    content = legacy().replace(b'"amd64"', b'"arm64"')
    with pytest.raises(ArchiveError, match="does not have the digest"):
        read_archive(put(tmp_path, content))


def document(name: str, content: bytes) -> bytes:
    return tar((name, content))


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no tar archive"),
    "text": (b"hello\n" * 200, "no tar archive"),
    "zeros": (bytes(10_240), "holds no image"),
    "xz": (b"\xfd7zXZ\0" + bytes(600), "compressed with xz"),
    "zstd of nothing": (b"\x28\xb5\x2f\xfd" + bytes(600), "cannot be read"),
    "gzip of text": (gzip.compress(b"hello" * 500), "no tar header|there is none"),
    "some other tar": (tar(("README", b"hi")), "holds no image"),
    "no images": (document("manifest.json", b"[]"), "names no image"),
    "an empty index": (document("index.json", b'{"manifests":[]}'), "names no image"),
    "a manifest of the wrong shape": (document("manifest.json", b'{"Config":1}'), "manifest.json cannot be read"),
    "a manifest nested without end": (document("manifest.json", b"[" * 200_000), "manifest.json cannot be read"),
    "a manifest that is no UTF-8": (document("manifest.json", b'[{"Config":"\xff"}]'), "cannot be read"),
    "a manifest too large": (document("manifest.json", b"[" + b" " * (4 << 20) + b"]"), "no image"),
    "a digest that climbs": (
        document("index.json", b'{"manifests":[{"digest":"sha256:../../etc/passwd"}]}'),
        "no sha256 digest",
    ),
    "a path that climbs": (
        document("manifest.json", b'[{"Config":"../../../etc/passwd","Layers":[]}]'),
        "is missing from it",
    ),
    "an index of itself": (
        document("index.json", b'{"manifests":[{"digest":"sha256:' + b"0" * 64 + b'"}]}'),
        "is missing from it",
    ),
    "fewer layers than diff ids": (tar(*saved(config(), ["a"], ("a", BASE))), "2 layers and its manifest 1"),
    "a layer that is missing": (tar(*saved(config(), ["a", "b"], ("a", BASE))), "layer b is missing"),
    "a layer that is a folder's name": (tar(*saved(config(), ["a", ""], ("a", BASE))), "is missing"),
    "an xz layer": (
        tar(*saved(config(), ["a", "b"], ("a", BASE), ("b", b"\xfd7zXZ\0" + bytes(600)))),
        "layer b: it is compressed with xz",
    ),
    "a layer cut short": (
        tar(*saved(config(), ["a", "b"], ("a", BASE[:3000]), ("b", CODE))),
        "layer a: it is cut short",
    ),
    "a gzip layer cut short": (
        tar(*saved(config(), ["a", "b"], ("a", gzip.compress(BASE)[:-9]), ("b", CODE))),
        "layer a: it is cut short",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_archives_say_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, reason = BAD[case]
    with pytest.raises(ArchiveError, match=reason) as caught:
        read_archive(put(tmp_path, content))
    assert caught.value.hint


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in ((".", "is a folder"), ("pipe", "is not a file"), ("nowhere", "No such file")):
        with pytest.raises(ArchiveError, match=reason):
            read_archive(tmp_path / name)


def test_a_path_with_escapes_is_made_printable(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError) as caught:
        read_archive(tmp_path / "\x1b[31mred.tar")
    assert "\x1b" not in caught.value.reason


def bomb(size: int) -> bytes:
    """An archive whose one layer holds a file of zeros and packs to next to nothing."""
    layer = gzip.compress(tar(("zeros", bytes(size))))
    return tar(*saved(config((layer,), history=None), ["layer"], ("layer", layer)))


def test_bounds(tmp_path: Path) -> None:
    path = put(tmp_path, bomb(3_000_000))
    assert read_archive(path).size_bytes == 3_000_000
    with pytest.raises(ArchiveError, match=r"unpacks to more than 2\.00 MB"):
        read_archive(path, most_unpacked_bytes=2_000_000)
    with pytest.raises(ArchiveError, match="more than 6 entries"):
        read_archive(put(tmp_path, legacy()), most_entries=6)
    many = tar(*((f"{number}.json", b"{}") for number in range(20_001)))
    with pytest.raises(ArchiveError, match="more than 20000"):
        read_archive(put(tmp_path, many))


def test_an_extended_header_of_any_size_costs_no_memory(tmp_path: Path) -> None:
    huge = tarfile.TarInfo("x")
    huge.type, huge.size = tarfile.XHDTYPE, 200_000_000
    layer = gzip.compress(huge.tobuf() + bytes(200_000_000), compresslevel=1)
    members = saved(config((layer,), history=None), ["layer"], ("layer", layer))
    path = put(tmp_path, tar(*members))
    del layer, members
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match="extended header of more than 1 MiB"):
            read_archive(path)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
