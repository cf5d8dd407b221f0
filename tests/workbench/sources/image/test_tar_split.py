"""The engine's record of a layer gives the same index as the layer itself, and nothing else passes for one."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.sources.image.tar_splits import pieces, tar_split
from tests.workbench.sources.image.tars import BASE, CODE, columns, digest, member, tar
from tests.workbench.sources.image.test_layer_entries import CASES, FORMS, scanned
from workbench.model.layer_index import LayerIndex
from workbench.sources.byte_stream import Budget, TarError, file_stream
from workbench.sources.layer_store import LayerStore, chain_ids, scan_tar_split


def split(record: bytes) -> LayerIndex:
    return scan_tar_split(file_stream(io.BytesIO(record)), Budget(10_000, 1 << 30), lambda: None).index("sha256:x")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_a_record_gives_the_index_of_its_layer(case: str, form: str) -> None:
    layer = tar(*CASES[case], form=FORMS[form])
    assert columns(split(tar_split(layer))) == columns(scanned(layer))


def test_a_real_size_in_real_chunks() -> None:
    layer = tar(*(member(f"dir{n % 7}/{n}", bytes([n & 255]) * (n % 3)) for n in range(5000)))
    assert columns(split(tar_split(layer))) == columns(scanned(layer))


def record(lines: list[dict[str, Any]]) -> bytes:
    return gzip.compress("\n".join(map(json.dumps, lines)).encode())


def changed(number: int, **changes: Any) -> bytes:
    lines = pieces(tar(member("a", b"hello"), member("b", b"world")))
    lines[number] |= changes
    return record(lines)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (changed(1, size=4), "size of a file's content"),
        (changed(1, size=0), "size of a file's content"),
        (changed(1, payload="AAAA"), "size of a file's content"),
        (changed(1, type=3), "neither a header nor"),
        (changed(1, type="1"), "damaged"),
        (changed(0, payload="%%%"), "damaged"),
        (record(pieces(tar(member("a", b"hello")))[1:]), "content of a file stands"),
        (record(pieces(tar(member("a", b"hello")))[:1]), "size of a file's content"),
        (gzip.compress(b"[" * 100_000), "damaged"),
        (gzip.compress(b" " * 9_000_000), "no end"),
        (gzip.compress(b"hello"), "damaged"),
        (tar_split(BASE)[:-9], "no end"),
    ],
    ids=lambda value: "bytes" if isinstance(value, bytes) else value,
)
def test_what_is_damaged(damaged: bytes, reason: str) -> None:
    with pytest.raises(TarError, match=reason):
        split(damaged)


def test_chain_ids() -> None:
    a, b = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
    assert chain_ids([]) == ()
    assert chain_ids([a, b, a])[:2] == (a, f"sha256:{digest(f'{a} {b}'.encode())}")
    assert chain_ids([a, b, a])[2] == f"sha256:{digest(f'{chain_ids([a, b])[1]} {a}'.encode())}"


class Store:
    """An engine's data directory with layers in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, chain_id: str, layer: bytes, cache_id: str, files: dict[str, bytes]) -> str:
        diff_id = f"sha256:{digest(layer)}"
        record = self.root / "image/overlay2/layerdb/sha256" / (chain_id or diff_id).removeprefix("sha256:")
        record.mkdir(parents=True)
        (record / "diff").write_text(diff_id)
        (record / "cache-id").write_text(cache_id)
        (record / "tar-split.json.gz").write_bytes(tar_split(layer))
        for name, content in files.items():
            path = self.root / "overlay2" / cache_id / "diff" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return diff_id


STATUS = b"Package: sh\nStatus: install ok installed\nVersion: 1\n"


def test_package_databases_come_from_the_layers_directory(tmp_path: Path) -> None:
    diff_id = Store(tmp_path).put("", BASE, "abc", {"var/lib/dpkg/status": STATUS})
    store = LayerStore(str(tmp_path), "overlay2")
    index, kept = store.scan(diff_id, diff_id, Budget(100, 1 << 20), lambda: None)
    assert columns(index)[1:] == columns(scanned(BASE))[1:]
    assert dict(kept) == {"var/lib/dpkg/status": STATUS}
    assert kept.complete
    assert b"".join(store.chunks(diff_id, diff_id, "var/lib/dpkg/status", 9)) == STATUS[:9]


@pytest.mark.parametrize("instead", [b"", STATUS + b"x", STATUS.replace(b"1", b"2"), None])
def test_a_database_that_is_not_the_one_in_the_layer_is_not_kept(tmp_path: Path, instead: bytes | None) -> None:
    files = {} if instead is None else {"var/lib/dpkg/status": instead}
    diff_id = Store(tmp_path).put("", BASE, "abc", files)
    _, kept = LayerStore(str(tmp_path), "overlay2").scan(diff_id, diff_id, Budget(100, 1 << 20), lambda: None)
    assert dict(kept) == {}
    assert not kept.complete


def test_no_symbolic_link_in_a_layer_is_followed(tmp_path: Path) -> None:
    diff_id = Store(tmp_path).put("", BASE, "abc", {"etc/passwd": b"x"})
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/status").write_bytes(STATUS)
    below = tmp_path / "overlay2/abc/diff"
    (below / "var").symlink_to(tmp_path)
    (below / "status").symlink_to(tmp_path / "secret/status")
    store = LayerStore(str(tmp_path), "overlay2")
    for path in ("var/secret/status", "status"):
        with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
            list(store.chunks(diff_id, diff_id, path, 10))


def test_the_store_of_another_engine_is_noticed(tmp_path: Path) -> None:
    diff_id = Store(tmp_path).put("", BASE, "abc", {})
    store = LayerStore(str(tmp_path), "overlay2")
    other = f"sha256:{digest(CODE)}"
    with pytest.raises(TarError, match="of another engine"):
        store.scan(diff_id, other, Budget(100, 1 << 20), lambda: None)
    with pytest.raises(FileNotFoundError):
        store.scan(other, other, Budget(100, 1 << 20), lambda: None)
    with pytest.raises(TarError, match="no sha256"):
        store.scan("sha256:../../x", other, Budget(100, 1 << 20), lambda: None)
    (tmp_path / "image/overlay2/layerdb/sha256" / diff_id[7:] / "cache-id").write_text("../../../etc")
    with pytest.raises(TarError, match="damaged"):
        list(store.chunks(diff_id, diff_id, "etc/passwd", 10))


@pytest.mark.parametrize(("root", "driver"), [("", "overlay2"), ("/x", ""), ("C:\\x", "w"), ("/x", "../../etc")])
def test_an_engine_that_does_not_tell_where_it_keeps_layers(root: str, driver: str) -> None:
    with pytest.raises(TarError, match="does not tell"):
        LayerStore(root, driver)
